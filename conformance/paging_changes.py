"""Paging while records are added and removed: every other record must be returned exactly once."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, Final

from adapters.contract import Bad, Batch
from conformance.check_context import WITHIN, CheckContext
from conformance.exploration import ExploredQuestion, best_office
from conformance.questions import QuestionKind, Row, batches, pages
from conformance.rules import NotApplicableError, Violations
from conformance.simulator_process import SimulatorOffice, SuiteError

SAMPLE_REQUEST: Final = {"kind": "sample"}
"""The body of the control request that adds a sample record. The answer contains the key for removing it."""

Between = Callable[[], Awaitable[None]]


async def stable_under_changes(context: CheckContext) -> str:
    """Read each list twice: a record is added between the first two pages, then one is removed."""
    office, questions = _paged_questions(await context.explored())
    added: list[str] = []
    violations, lists = Violations(), 0
    try:
        added.append(await _add_sample(office))

        async def add_record() -> None:
            added.append(await _add_sample(office))

        async def remove_record() -> None:
            await _remove_sample(office, added.pop(0))

        for one in questions:
            added.append(await _add_sample(office))
            for what, between in (("is added", add_record), ("is removed", remove_record)):
                read = await _check_list(context, office, one, between, f"a record {what}", violations)
                lists += read > 1
    finally:
        for key in added:
            await _remove_sample(office, key)
    violations.finish("")
    if not lists:
        raise NotApplicableError("no list of the simulator is longer than one page")
    return f"{lists} readings of lists in several pages"


def _paged_questions(explored: tuple[ExploredQuestion, ...]) -> tuple[SimulatorOffice, list[ExploredQuestion]]:
    office, questions = best_office(explored)
    return office, [one for one in questions if one.question.kind in {QuestionKind.FEED, QuestionKind.ASK}]


async def _check_list(
    context: CheckContext,
    office: SimulatorOffice,
    explored_question: ExploredQuestion,
    between: Between,
    what: str,
    violations: Violations,
) -> int:
    before = Counter(_keys(explored_question.question.row, await _read_pages(context, office, explored_question)))
    read = await _read_pages(context, office, explored_question, between)
    after = Counter(_keys(explored_question.question.row, await _read_pages(context, office, explored_question)))
    seen = Counter(_keys(explored_question.question.row, read))
    lost = ((before & after) - seen).total()
    repeated = sum(
        count - max(before[key], after[key])
        for key, count in seen.items()
        if key in before & after and count > max(before[key], after[key])
    )
    where = f"{explored_question.question.name}, {what} between two pages"
    violations.require(not lost, f"{where}: {lost} records that existed all the time are missing")
    violations.require(not repeated, f"{where}: {repeated} records are returned twice")
    return len(read)


async def _read_pages(
    context: CheckContext, office: SimulatorOffice, explored_question: ExploredQuestion, between: Between | None = None
) -> list[Batch[Any]]:
    """Read every page; run `between` after the first page if there is a second."""
    row, question = explored_question.question.row, explored_question.question
    if row is None:
        return []
    async with context.route(office) as route:
        call = route.call(question.transport, WITHIN, question.subject)
        if question.kind is QuestionKind.FEED:
            first = await batches(row, call, at_most=1)
            mark = first[-1].next
            if between is not None and mark is not None:
                await between()
            return [*first, *(await batches(row, call, mark) if mark is not None else [])]
        return await pages(row, call, question.query or row.resource.query(), between)


def _keys(row: Row | None, read: list[Batch[Any]]) -> list[str]:
    return [row.key(item) for batch in read for item in batch.items if row is not None and not isinstance(item, Bad)]


async def _add_sample(office: SimulatorOffice) -> str:
    try:
        added = await office.call_control("POST", "/records", SAMPLE_REQUEST)
    except SuiteError:
        raise NotApplicableError("the simulator cannot add sample records") from None
    return str(added["key"])


async def _remove_sample(office: SimulatorOffice, key: str) -> None:
    await office.call_control("DELETE", f"/records/{key}")
