"""Writes that are put into a folder: nobody answers, and the office's next file says what became of them."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from adapters.contract import FileOfficeSettings, Files
from conformance.check_context import CheckContext
from conformance.damages.files import FILES
from conformance.damages.verdicts import flaws as flaws_of
from conformance.folders import copied
from conformance.questions import Question, QuestionKind
from conformance.rules import Flaws
from conformance.write_runner import WriteRunner, answered_later, new_code, write_runners
from gateway.delivery.outcomes import Delivered, OutcomeUnknown

_LATER: Final = ("during", "after")
_DAMAGES: Final = FILES["contents"]


def by_files(context: CheckContext) -> str | None:
    """For rules about writes that are put into a folder."""
    if not any(answered_later(write) for write in context.spec.writes):
        return "the adapter puts no files into a folder"
    return None if context.offices else "no simulator runs for this adapter"


async def lost(context: CheckContext) -> str:
    """A file that is gone unread leaves an unknown outcome and can be put again; a receipt that is late is found."""
    flaws = Flaws()
    async for runner in _clerks(context):
        name, code = runner.write.name, new_code()
        await runner.office.tell("PUT", "/write-loss", {"at": "before"})
        outcome = await runner.deliver(code)
        flaws.unless(isinstance(outcome, OutcomeUnknown), f"{name}, gone unread: is said to be {_called(outcome)}")
        flaws.unless(not await runner.stored(code), f"{name}, gone unread: the simulator has it")
        if runner.write.idempotent:
            outcome = await runner.deliver(code, command=runner.carried[code])
            flaws.extend(f"{name}, put again: {flaw}" for flaw in await _not_once(runner, code, outcome))
        for at in _LATER:
            code = new_code()
            await runner.office.tell("PUT", "/write-loss", {"at": at})
            outcome = await runner.deliver(code)
            flaws.extend(f"{name}, lost {at} the receipt: {flaw}" for flaw in await _not_once(runner, code, outcome))
    return flaws.settle(f"{len(context.spec.writes)} writes, lost before, during, after the receipt")


async def damaged_look(context: CheckContext) -> str:
    """A damaged list of receipts is an error: it says neither that a write was taken in nor that it was not."""
    flaws, cases = Flaws(), 0
    async for runner in _clerks(context):
        code = new_code()
        await runner.deliver(code)
        question = runner.look(code)
        async with context.way(runner.office) as way:
            undamaged = await context.put(question, way)
        for damage in _DAMAGES:
            with _receipts(context, runner, question) as (copy, receipts):
                damaged = sum(damage.act(path) for path in receipts)
                if not damaged or damaged < len(receipts):
                    continue
                cases += 1
                async with context.way(runner.office, copy) as way:
                    outcome = await context.put(question, way)
            wrong = flaws_of(QuestionKind.LOOK, damage.allowed, undamaged, outcome)
            flaws.extend(f"{question.name}, {damage.id}: {flaw}" for flaw in wrong)
    return flaws.settle(f"{cases} damaged lists of receipts")


async def _clerks(context: CheckContext) -> AsyncIterator[WriteRunner]:
    async for runner in write_runners(context):
        if answered_later(runner.write):
            yield runner


async def _not_once(runner: WriteRunner, code: str, outcome: object) -> list[str]:
    stored = await runner.stored(code)
    found = [] if isinstance(outcome, Delivered) else [f"is said to be {_called(outcome)}"]
    return found if stored == 1 else [*found, f"the simulator has it {stored} times"]


def _called(outcome: object) -> str:
    return type(outcome).__name__


@contextmanager
def _receipts(
    context: CheckContext, runner: WriteRunner, question: Question
) -> Iterator[tuple[FileOfficeSettings, list[Path]]]:
    """A copy of the office's folder, and the files in it that the look-up reads."""
    transport = question.transport
    patterns = transport.patterns if isinstance(transport, Files) else ()
    with copied(context, runner.office) as copy:
        yield copy, [path for pattern in patterns for path in sorted(copy.folder.glob(pattern))]
