"""Paging while records come and go: whatever is there all along comes once, wherever the others make its place move."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, Final

from adapters.contract import Bad, Batch
from conformance.check_context import WITHIN, CheckContext
from conformance.exploration import Explored, best_office
from conformance.questions import QuestionKind, Row, batches, pages
from conformance.rules import Flaws, NotApplicableError
from conformance.simulator_process import SimulatorOffice, SuiteError

SAMPLE: Final = {"kind": "sample"}
"""What a simulator is told, to add a record like its others; it gives the key by which that one can be withdrawn."""

Between = Callable[[], Awaitable[None]]


async def moving(context: CheckContext) -> str:
    """Between the first page and the second a record comes; then, another time, one goes."""
    office, questions = _paged(await context.explored())
    added: list[str] = []
    found, lists = Flaws(), 0
    try:
        added.append(await _sample(office))

        async def comes() -> None:
            added.append(await _sample(office))

        async def goes() -> None:
            await _withdraw(office, added.pop(0))

        for one in questions:
            added.append(await _sample(office))
            for what, between in (("comes", comes), ("goes", goes)):
                read = await _judged(context, office, one, between, f"a record {what}", found)
                lists += read > 1
    finally:
        for key in added:
            await _withdraw(office, key)
    found.settle("")
    if not lists:
        raise NotApplicableError("no list of the simulator is longer than one page")
    return f"{lists} readings of lists in several pages"


def _paged(explored: tuple[Explored, ...]) -> tuple[SimulatorOffice, list[Explored]]:
    office, questions = best_office(explored)
    return office, [one for one in questions if one.question.kind in {QuestionKind.FEED, QuestionKind.ASK}]


async def _judged(
    context: CheckContext, office: SimulatorOffice, one: Explored, between: Between, what: str, found: Flaws
) -> int:
    before = Counter(_keys(one.question.row, await _read(context, office, one)))
    read = await _read(context, office, one, between)
    after = Counter(_keys(one.question.row, await _read(context, office, one)))
    seen = Counter(_keys(one.question.row, read))
    lost = ((before & after) - seen).total()
    twice = sum(
        count - max(before[key], after[key])
        for key, count in seen.items()
        if key in before & after and count > max(before[key], after[key])
    )
    where = f"{one.question.name}, {what} between two pages"
    found.unless(not lost, f"{where}: {lost} records that were there all along did not come")
    found.unless(not twice, f"{where}: {twice} records came twice")
    return len(read)


async def _read(
    context: CheckContext, office: SimulatorOffice, one: Explored, between: Between | None = None
) -> list[Batch[Any]]:
    """Every page; `between` happens after the first one, as long as there is another."""
    row, question = one.question.row, one.question
    if row is None:
        return []
    async with context.way(office) as way:
        call = way.call(question.transport, WITHIN, question.subject)
        if question.kind is QuestionKind.FEED:
            first = await batches(row, call, at_most=1)
            mark = first[-1].next
            if between is not None and mark is not None:
                await between()
            return [*first, *(await batches(row, call, mark) if mark is not None else [])]
        return await pages(row, call, question.query or row.resource.query(), between)


def _keys(row: Row | None, read: list[Batch[Any]]) -> list[str]:
    return [row.key(item) for batch in read for item in batch.items if row is not None and not isinstance(item, Bad)]


async def _sample(office: SimulatorOffice) -> str:
    try:
        added = await office.tell("POST", "/records", SAMPLE)
    except SuiteError:
        raise NotApplicableError("the simulator adds no sample records") from None
    return str(added["key"])


async def _withdraw(office: SimulatorOffice, key: str) -> None:
    await office.tell("DELETE", f"/records/{key}")
