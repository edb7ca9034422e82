"""Hostile files: a copy of the twin's folder, one file of each kind damaged at a time, then the folder itself."""

import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from adapters.contract import FileOfficeSettings, Files
from conformance.bench import CheckContext
from conformance.city import TwinOffice
from conformance.damages.files import AWAY, FILES, FileDamage
from conformance.damages.judging import Allowed, flaws
from conformance.exploring import Explored, best_office
from conformance.hostile import MOST_CPU, MOST_MEMORY
from conformance.memory import Peak
from conformance.questions import QuestionKind
from conformance.rules import Flaws

_WITHIN: Final = 10.0


def of_files(bench: CheckContext) -> str | None:
    """For rules about systems that drop files."""
    if not bench.offices:
        return "no twin runs for this adapter"
    return None if issubclass(bench.spec.settings, FileOfficeSettings) else "the system drops no files"


def group(name: str) -> Callable[[CheckContext], Awaitable[str]]:
    """The check of one group of damages."""
    return partial(_check, damages=FILES[name])


async def away(bench: CheckContext) -> str:
    """A folder that is gone, or that holds nothing, counts as unavailable: nobody ever withdraws everything."""
    office, questions = best_office(await bench.explored())
    found = Flaws()
    with copied(bench, office) as copy:
        for state in ("an empty folder", "no folder"):
            shutil.rmtree(copy.folder)
            if state == "an empty folder":
                copy.folder.mkdir()
            for one in questions:
                async with bench.way(office, copy) as way:
                    outcome = await bench.put(one.question, way, _WITHIN)
                wrong = flaws(one.question.kind, Allowed(errors=AWAY), one.outcome, outcome)
                found.extend(f"{one.question.name}, {state}: {flaw}" for flaw in wrong)
    return found.settle(f"{len(questions)} questions, empty and gone")


async def _check(bench: CheckContext, damages: tuple[FileDamage, ...]) -> str:
    office, questions = best_office(await bench.explored())
    found, cases = Flaws(), 0
    with copied(bench, office) as copy:
        for one in questions:
            for path in _kinds(one, copy.folder):
                for damage in damages:
                    if one.question.kind is not QuestionKind.PROBE and damage.act(path):
                        cases += 1
                        found.extend(await _judged(bench, office, copy, one, damage))
                        _restore(office, path)
    return found.settle(f"{cases} damaged files")


async def _judged(
    bench: CheckContext, office: TwinOffice, copy: FileOfficeSettings, one: Explored, damage: FileDamage
) -> list[str]:
    peak = Peak()
    async with bench.way(office, copy) as way:
        outcome = await bench.put(one.question, way, _WITHIN)
    grown = peak.grown()
    found = list(flaws(one.question.kind, damage.allowed, one.outcome, outcome))
    if outcome.cpu > MOST_CPU:
        found.append(f"takes {outcome.cpu:.1f} s of the processor")
    if grown > MOST_MEMORY:
        found.append(f"takes {grown // 1_000_000} MB of memory")
    return [f"{one.question.name}, {damage.id}: {flaw}" for flaw in found]


@contextmanager
def copied(bench: CheckContext, office: TwinOffice) -> Iterator[FileOfficeSettings]:
    """Settings of the same office over a copy of its folder."""
    settings = office.settings
    if not isinstance(settings, FileOfficeSettings):
        raise TypeError("only an office of files has a folder")
    copy = bench.work / "damaged"
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


def _restore(office: TwinOffice, path: Path) -> None:
    if isinstance(office.settings, FileOfficeSettings):
        shutil.copy2(office.settings.folder / path.name, path)
