"""The questions that the suite asks an adapter, in the same way as the gateway asks them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from adapters.contract import Absent, AdapterSpec, Batch, Call, Reads, Stored, Subject, Transport, Writes
from schemas.resources import Query

Row = Reads[Any, Any, Any, Any, Any]
AnyCall = Call[Any, Any]
RunQuestion = Callable[[AnyCall], Awaitable[tuple[Any, ...]]]

MAX_BATCHES: Final = 1000


class EndlessError(Exception):
    """A list does not end: it has too many pages, or repeats a mark."""


class QuestionKind(StrEnum):
    """The function of the contract that a question calls."""

    PROBE = "probe"
    FEED = "feed"
    ASK = "list"
    ONE = "record"
    CONTENT = "document"
    LOOK = "look-up"

    @property
    def may_find_nothing(self) -> bool:
        """Whether an answer that means "not found" is acceptable.

        Not for a feed, which would withdraw every record, nor for a look-up, after which a write would be sent again.
        """
        return self in {QuestionKind.ASK, QuestionKind.ONE, QuestionKind.CONTENT}


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `run` returns wire records (or `Bad`), documents, or stored writes.

    `subject` is the person in question, `person` their name among the city's demonstration people, `filter` the name of
    the pushed filter in `query`, `key` the key of a single record, `document_id` that of one of its documents.
    """

    kind: QuestionKind
    name: str
    transport: Transport[Any, Any]
    run: RunQuestion = field(repr=False)
    row: Row | None = None
    subject: Subject | None = None
    person: str = ""
    query: Query | None = field(default=None, repr=False)
    filter: str = ""
    key: str = field(default="", repr=False)
    document_id: str = field(default="", repr=False)


async def pages(
    row: Row, call: AnyCall, query: Query, between: Callable[[], Awaitable[None]] | None = None
) -> list[Batch[Any]]:
    """Read every page of a list; run `between` once, after the first page. Raises `EndlessError`."""
    if row.ask is None:
        raise ValueError(f"{row.resource.name} has no live list")
    pages_read: list[Batch[Any]] = []
    marks: set[str] = set()
    mark: str | None = None
    while True:
        batch = await row.ask(call, query, mark)
        pages_read.append(batch)
        mark = batch.next
        if mark is None:
            return pages_read
        if mark in marks or len(pages_read) >= MAX_BATCHES:
            raise EndlessError
        marks.add(mark)
        if between is not None and len(pages_read) == 1:
            await between()


async def batches(row: Row, call: AnyCall, mark: str | None = None, *, at_most: int = MAX_BATCHES) -> list[Batch[Any]]:
    """Read at most `at_most` batches of a feed from `mark`, then close it. Raises `EndlessError`."""
    if row.feed is None:
        raise ValueError(f"{row.resource.name} has no feed")
    batches_read: list[Batch[Any]] = []
    feed: AsyncIterator[Batch[Any]] = row.feed(call, mark)
    async with aclosing(feed) as running:  # type: ignore[type-var]  # every feed of the contract is a generator
        async for batch in running:
            batches_read.append(batch)
            if batch.next is None or len(batches_read) == at_most:
                break
    if len(batches_read) >= MAX_BATCHES:
        raise EndlessError
    return batches_read


def items_of(batch_list: list[Batch[Any]]) -> tuple[Any, ...]:
    """Return the items of all batches, in order."""
    return tuple(item for batch in batch_list for item in batch.items)


def probe_question(spec: AdapterSpec[Any]) -> Question:
    """Build the question that calls the probe."""

    async def run(call: AnyCall) -> tuple[Any, ...]:
        await spec.probe(call)
        return ("answered",)

    return Question(QuestionKind.PROBE, "probe", spec.probe_transport, run)


def feed_question(row: Row) -> Question:
    """Build the question that reads a whole feed."""

    async def run(call: AnyCall) -> tuple[Any, ...]:
        return items_of(await batches(row, call))

    return Question(QuestionKind.FEED, f"feed of {row.resource.name}", row.transport, run, row)


def list_question(
    row: Row, subject: Subject | None, person: str = "", query: Query | None = None, *, by: str = ""
) -> Question:
    """Build the question that reads every page of a list, for a person or by a filter."""
    query_or_default = query if query is not None else row.resource.query()

    async def run(call: AnyCall) -> tuple[Any, ...]:
        return items_of(await pages(row, call, query_or_default))

    name = f"list of {row.resource.name}" + (f" by {by}" if by else "")
    return Question(QuestionKind.ASK, name, row.transport, run, row, subject, person, query_or_default, by)


def record_question(row: Row, key: str, subject: Subject | None) -> Question:
    """Build the question that fetches one record by its key."""

    async def run(call: AnyCall) -> tuple[Any, ...]:
        answer = await row.one(call, key) if row.one is not None else None
        return () if answer is None else (answer,)

    return Question(QuestionKind.ONE, f"record of {row.resource.name}", row.transport, run, row, subject, key=key)


def document_question(row: Row, key: str, document_id: str, subject: Subject | None) -> Question:
    """Build the question that fetches one document of a record."""

    async def run(call: AnyCall) -> tuple[Any, ...]:
        answer = await row.content(call, key, document_id) if row.content is not None else None
        return () if answer is None else (answer,)

    name = f"document of {row.resource.name}"
    return Question(QuestionKind.CONTENT, name, row.transport, run, row, subject, key=key, document_id=document_id)


def look_up_question(write: Writes[Any, Any, Any], command: Any, code: str, subject: Subject) -> Question:  # noqa: ANN401 - of any write
    """Build the question that looks up whether the system has stored a write."""

    async def run(call: AnyCall) -> tuple[Any, ...]:
        answer = await write.look(call, command, code) if write.look is not None else Absent()
        return (answer,) if isinstance(answer, Stored) else ()

    return Question(QuestionKind.LOOK, f"look-up of {write.name}", write.transport, run, subject=subject)
