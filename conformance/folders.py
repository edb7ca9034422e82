"""Hostile files: a copy of the simulator's folder, one file of each kind damaged at a time, then the folder itself."""

import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from adapters.contract import FileOfficeSettings, Files
from conformance.check_context import CheckContext
from conformance.damages.files import AWAY, FILES, FileDamage
from conformance.damages.verdicts import Allowed, flaws
from conformance.exploration import Explored, best_office
from conformance.hostile import MOST_CPU, MOST_MEMORY
from conformance.memory import Peak
from conformance.questions import QuestionKind
from conformance.rules import Flaws
from conformance.simulator_process import SimulatorOffice

_WITHIN: Final = 10.0


def of_files(context: CheckContext) -> str | None:
    """For rules about systems that drop files."""
    if not context.offices:
        return "no simulator runs for this adapter"
    return None if issubclass(context.spec.settings, FileOfficeSettings) else "the system drops no files"


def group(name: str) -> Callable[[CheckContext], Awaitable[str]]:
    """The check of one group of damages."""
    return partial(_check, damages=FILES[name])


async def away(context: CheckContext) -> str:
    """A folder that is gone, or that holds nothing, counts as unavailable: nobody ever withdraws everything."""
    office, questions = best_office(await context.explored())
    found = Flaws()
    with copied(context, office) as copy:
        for state in ("an empty folder", "no folder"):
            shutil.rmtree(copy.folder)
            if state == "an empty folder":
                copy.folder.mkdir()
            for one in questions:
                async with context.way(office, copy) as way:
                    outcome = await context.put(one.question, way, _WITHIN)
                wrong = flaws(one.question.kind, Allowed(errors=AWAY), one.outcome, outcome)
                found.extend(f"{one.question.name}, {state}: {flaw}" for flaw in wrong)
    return found.settle(f"{len(questions)} questions, empty and gone")


async def _check(context: CheckContext, damages: tuple[FileDamage, ...]) -> str:
    office, questions = best_office(await context.explored())
    found, cases = Flaws(), 0
    with copied(context, office) as copy:
        for one in questions:
            for path in _kinds(one, copy.folder):
                for damage in damages:
                    if one.question.kind is not QuestionKind.PROBE and damage.act(path):
                        cases += 1
                        found.extend(await _judged(context, office, copy, one, damage))
                        _restore(office, path)
    return found.settle(f"{cases} damaged files")


async def _judged(
    context: CheckContext, office: SimulatorOffice, copy: FileOfficeSettings, one: Explored, damage: FileDamage
) -> list[str]:
    peak = Peak()
    async with context.way(office, copy) as way:
        outcome = await context.put(one.question, way, _WITHIN)
    grown = peak.grown()
    found = list(flaws(one.question.kind, damage.allowed, one.outcome, outcome))
    if outcome.cpu > MOST_CPU:
        found.append(f"takes {outcome.cpu:.1f} s of the processor")
    if grown > MOST_MEMORY:
        found.append(f"takes {grown // 1_000_000} MB of memory")
    return [f"{one.question.name}, {damage.id}: {flaw}" for flaw in found]


@contextmanager
def copied(context: CheckContext, office: SimulatorOffice) -> Iterator[FileOfficeSettings]:
    """Settings of the same office over a copy of its folder."""
    settings = office.settings
    if not isinstance(settings, FileOfficeSettings):
        raise TypeError("only an office of files has a folder")
    copy = context.work / "damaged"
    shutil.copytree(settings.folder, copy, dirs_exist_ok=True)
    try:
        yield settings.model_copy(update={"folder": copy})
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def _kinds(one: Explored, folder: Path) -> Iterator[Path]:
    """One file of each pattern that the question's row looks at."""
    transport = one.question.transport
    for pattern in transport.patterns if isinstance(transport, Files) else ():
        yield from sorted(folder.glob(pattern))[:1]


def _restore(office: SimulatorOffice, path: Path) -> None:
    if isinstance(office.settings, FileOfficeSettings):
        shutil.copy2(office.settings.folder / path.name, path)
