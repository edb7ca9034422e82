"""Writes that are put into a folder: nobody answers, and the office's next file says what became of them."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from adapters.contract import FileOfficeSettings, Files
from conformance.bench import CheckContext
from conformance.clerk import WriteRunner, answered_later, clerks, new_code
from conformance.damages.files import FILES
from conformance.damages.judging import flaws as flaws_of
from conformance.folders import copied
from conformance.questions import Question, QuestionKind
from conformance.rules import Flaws
from gateway.delivery.outcomes import Delivered, OutcomeUnknown

_LATER: Final = ("during", "after")
_DAMAGES: Final = FILES["contents"]


def by_files(bench: CheckContext) -> str | None:
    """For rules about writes that are put into a folder."""
    if not any(answered_later(write) for write in bench.spec.writes):
        return "the adapter puts no files into a folder"
    return None if bench.offices else "no twin runs for this adapter"


async def lost(bench: CheckContext) -> str:
    """A file that is gone unread leaves an unknown outcome and can be put again; a receipt that is late is found."""
    flaws = Flaws()
    async for clerk in _clerks(bench):
        name, code = clerk.write.name, new_code()
        await clerk.office.tell("PUT", "/write-loss", {"at": "before"})
        outcome = await clerk.deliver(code)
        flaws.unless(isinstance(outcome, OutcomeUnknown), f"{name}, gone unread: is said to be {_called(outcome)}")
        flaws.unless(not await clerk.stored(code), f"{name}, gone unread: the twin has it")
        if clerk.write.idempotent:
            outcome = await clerk.deliver(code, command=clerk.carried[code])
            flaws.extend(f"{name}, put again: {flaw}" for flaw in await _not_once(clerk, code, outcome))
        for at in _LATER:
            code = new_code()
            await clerk.office.tell("PUT", "/write-loss", {"at": at})
            outcome = await clerk.deliver(code)
            flaws.extend(f"{name}, lost {at} the receipt: {flaw}" for flaw in await _not_once(clerk, code, outcome))
    return flaws.settle(f"{len(bench.spec.writes)} writes, lost before, during, after the receipt")


async def damaged_look(bench: CheckContext) -> str:
    """A damaged list of receipts is an error: it says neither that a write was taken in nor that it was not."""
    flaws, cases = Flaws(), 0
    async for clerk in _clerks(bench):
        code = new_code()
        await clerk.deliver(code)
        question = clerk.look(code)
        async with bench.way(clerk.office) as way:
            undamaged = await bench.put(question, way)
        for damage in _DAMAGES:
            with _receipts(bench, clerk, question) as (copy, receipts):
                damaged = sum(damage.act(path) for path in receipts)
                if not damaged or damaged < len(receipts):
                    continue
                cases += 1
                async with bench.way(clerk.office, copy) as way:
                    outcome = await bench.put(question, way)
            wrong = flaws_of(QuestionKind.LOOK, damage.allowed, undamaged, outcome)
            flaws.extend(f"{question.name}, {damage.id}: {flaw}" for flaw in wrong)
    return flaws.settle(f"{cases} damaged lists of receipts")


async def _clerks(bench: CheckContext) -> AsyncIterator[WriteRunner]:
    async for clerk in clerks(bench):
        if answered_later(clerk.write):
            yield clerk


async def _not_once(clerk: WriteRunner, code: str, outcome: object) -> list[str]:
    stored = await clerk.stored(code)
    found = [] if isinstance(outcome, Delivered) else [f"is said to be {_called(outcome)}"]
    return found if stored == 1 else [*found, f"the twin has it {stored} times"]


def _called(outcome: object) -> str:
    return type(outcome).__name__


@contextmanager
def _receipts(
    bench: CheckContext, clerk: WriteRunner, question: Question
) -> Iterator[tuple[FileOfficeSettings, list[Path]]]:
    """A copy of the office's folder, and the files in it that the look-up reads."""
    transport = question.transport
    patterns = transport.patterns if isinstance(transport, Files) else ()
    with copied(bench, clerk.office) as copy:
        yield copy, [path for pattern in patterns for path in sorted(copy.folder.glob(pattern))]
