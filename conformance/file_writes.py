"""Writes that are dropped as files into a folder; the office's next file reports their outcome."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from adapters.contract import FileOfficeSettings, Files
from conformance.check_context import CheckContext
from conformance.damages.files import FILES
from conformance.damages.verdicts import violations_of
from conformance.folders import copied
from conformance.questions import Question, QuestionKind
from conformance.rules import Violations
from conformance.write_runner import WriteRunner, answered_later, new_code, write_runners
from gateway.delivery.outcomes import Delivered, OutcomeUnknown

_LATE_POINTS: Final = ("during", "after")
_DAMAGES: Final = FILES["contents"]


def writes_by_files(context: CheckContext) -> str | None:
    """Applies to adapters that write files into a folder."""
    if not any(answered_later(write) for write in context.spec.writes):
        return "the adapter does not write by files"
    return None if context.offices else "no simulator runs for this adapter"


async def lost(context: CheckContext) -> str:
    """A file that is lost unread must leave an unknown outcome and may be sent again; a late receipt must be found."""
    violations = Violations()
    async for runner in _file_write_runners(context):
        name, code = runner.write.name, new_code()
        await runner.office.call_control("PUT", "/write-loss", {"at": "before"})
        outcome = await runner.deliver(code)
        violations.require(
            isinstance(outcome, OutcomeUnknown), f"{name}, lost unread: is reported as {_type_name(outcome)}"
        )
        violations.require(not await runner.stored(code), f"{name}, lost unread: the simulator has it")
        if runner.write.idempotent:
            outcome = await runner.deliver(code, command=runner.commands[code])
            violations.extend(
                f"{name}, sent again: {violation}" for violation in await _not_stored_once(runner, code, outcome)
            )
        for at in _LATE_POINTS:
            code = new_code()
            await runner.office.call_control("PUT", "/write-loss", {"at": at})
            outcome = await runner.deliver(code)
            violations.extend(
                f"{name}, lost {at} the receipt: {violation}"
                for violation in await _not_stored_once(runner, code, outcome)
            )
    return violations.finish(f"{len(context.spec.writes)} writes, lost before, during, after the receipt")


async def damaged_look(context: CheckContext) -> str:
    """A damaged list of receipts must be an error: it proves neither that a write was stored nor the opposite."""
    violations, cases = Violations(), 0
    async for runner in _file_write_runners(context):
        code = new_code()
        await runner.deliver(code)
        question = runner.look_up(code)
        async with context.route(runner.office) as route:
            undamaged = await context.ask(question, route)
        for damage in _DAMAGES:
            with _receipts(context, runner, question) as (copy, receipts):
                damaged = sum(damage.act(path) for path in receipts)
                if not damaged or damaged < len(receipts):
                    continue
                cases += 1
                async with context.route(runner.office, copy) as route:
                    outcome = await context.ask(question, route)
            wrong = violations_of(QuestionKind.LOOK, damage.allowed, undamaged, outcome)
            violations.extend(f"{question.name}, {damage.id}: {violation}" for violation in wrong)
    return violations.finish(f"{cases} damaged lists of receipts")


async def _file_write_runners(context: CheckContext) -> AsyncIterator[WriteRunner]:
    async for runner in write_runners(context):
        if answered_later(runner.write):
            yield runner


async def _not_stored_once(runner: WriteRunner, code: str, outcome: object) -> list[str]:
    stored = await runner.stored(code)
    violations = [] if isinstance(outcome, Delivered) else [f"is reported as {_type_name(outcome)}"]
    return violations if stored == 1 else [*violations, f"the simulator has it {stored} times"]


def _type_name(outcome: object) -> str:
    return type(outcome).__name__


@contextmanager
def _receipts(
    context: CheckContext, runner: WriteRunner, question: Question
) -> Iterator[tuple[FileOfficeSettings, list[Path]]]:
    """Yield a copy of the office's folder, and the files in it that the look-up reads."""
    transport = question.transport
    patterns = transport.patterns if isinstance(transport, Files) else ()
    with copied(context, runner.office) as copy:
        yield copy, [path for pattern in patterns for path in sorted(copy.folder.glob(pattern))]
