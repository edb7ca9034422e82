"""Damaged files: a copy of the simulator's folder, with one file of each kind damaged, then the folder itself."""

import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from adapters.contract import FileOfficeSettings, Files
from conformance.check_context import CheckContext
from conformance.damages.files import FILES, UNAVAILABLE, FileDamage
from conformance.damages.verdicts import Allowed, violations_of
from conformance.exploration import ExploredQuestion, best_office
from conformance.hostile import MAX_CPU, MAX_MEMORY
from conformance.memory import PeakMemory
from conformance.questions import QuestionKind
from conformance.rules import Violations
from conformance.simulator_process import SimulatorOffice

_WITHIN: Final = 10.0


def of_files(context: CheckContext) -> str | None:
    """Applies to systems that deliver files."""
    if not context.offices:
        return "no simulator runs for this adapter"
    return None if issubclass(context.spec.settings, FileOfficeSettings) else "the system delivers no files"


def group(name: str) -> Callable[[CheckContext], Awaitable[str]]:
    """Return the check of one group of damages."""
    return partial(_check, damages=FILES[name])


async def folder_missing(context: CheckContext) -> str:
    """An empty or missing folder must count as unavailable: a system never withdraws all of its records."""
    office, questions = best_office(await context.explored())
    violations = Violations()
    with copied(context, office) as copy:
        for state in ("an empty folder", "no folder"):
            shutil.rmtree(copy.folder)
            if state == "an empty folder":
                copy.folder.mkdir()
            for one in questions:
                async with context.route(office, copy) as route:
                    outcome = await context.ask(one.question, route, _WITHIN)
                wrong = violations_of(one.question.kind, Allowed(errors=UNAVAILABLE), one.outcome, outcome)
                violations.extend(f"{one.question.name}, {state}: {violation}" for violation in wrong)
    return violations.finish(f"{len(questions)} questions, folder empty and folder missing")


async def _check(context: CheckContext, damages: tuple[FileDamage, ...]) -> str:
    office, questions = best_office(await context.explored())
    violations, cases = Violations(), 0
    with copied(context, office) as copy:
        for one in questions:
            for path in _kinds(one, copy.folder):
                for damage in damages:
                    if one.question.kind is not QuestionKind.PROBE and damage.act(path):
                        cases += 1
                        violations.extend(await _check_file(context, office, copy, one, damage))
                        _restore(office, path)
    return violations.finish(f"{cases} damaged files")


async def _check_file(
    context: CheckContext, office: SimulatorOffice, copy: FileOfficeSettings, one: ExploredQuestion, damage: FileDamage
) -> list[str]:
    peak = PeakMemory()
    async with context.route(office, copy) as route:
        outcome = await context.ask(one.question, route, _WITHIN)
    growth = peak.growth()
    violations = list(violations_of(one.question.kind, damage.allowed, one.outcome, outcome))
    if outcome.cpu > MAX_CPU:
        violations.append(f"uses {outcome.cpu:.1f} s of CPU time")
    if growth > MAX_MEMORY:
        violations.append(f"uses {growth // 1_000_000} MB of memory")
    return [f"{one.question.name}, {damage.id}: {violation}" for violation in violations]


@contextmanager
def copied(context: CheckContext, office: SimulatorOffice) -> Iterator[FileOfficeSettings]:
    """Yield settings of the same office that point at a copy of its folder."""
    settings = office.settings
    if not isinstance(settings, FileOfficeSettings):
        raise TypeError("only an office of files has a folder")
    copy = context.work / "damaged"
    shutil.copytree(settings.folder, copy, dirs_exist_ok=True)
    try:
        yield settings.model_copy(update={"folder": copy})
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def _kinds(one: ExploredQuestion, folder: Path) -> Iterator[Path]:
    """Yield one file of each pattern that the question's row reads."""
    transport = one.question.transport
    for pattern in transport.patterns if isinstance(transport, Files) else ():
        yield from sorted(folder.glob(pattern))[:1]


def _restore(office: SimulatorOffice, path: Path) -> None:
    if isinstance(office.settings, FileOfficeSettings):
        shutil.copy2(office.settings.folder / path.name, path)
