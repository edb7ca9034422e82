"""What can be asked of an adapter, each question put as the gateway puts it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from adapters.contract import Absent, AdapterSpec, Batch, Call, Reads, Stored, Subject, Transport, Writes
from schemas.resources import Query

Row = Reads[Any, Any, Any, Any, Any]
AnyCall = Call[Any, Any]
Put = Callable[[AnyCall], Awaitable[tuple[Any, ...]]]

MOST_BATCHES: Final = 1000


class EndlessError(Exception):
    """A list does not come to an end: too many pages, or a mark that was given before."""


class QuestionKind(StrEnum):
    """Which function of the contract a question calls."""

    PROBE = "probe"
    FEED = "fed"
    ASK = "asked"
    ONE = "one record"
    CONTENT = "document"
    LOOK = "looked up"

    @property
    def may_find_nothing(self) -> bool:
        """Whether an answer that means "not found" may be taken at its word.

        Not where it would do harm: a feed would withdraw everything, and a write would be sent a second time.
        """
        return self in {QuestionKind.ASK, QuestionKind.ONE, QuestionKind.CONTENT}


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `put` gives wire records (or `Bad`), documents, or what the system has stored.

    `subject` is whom it is about, `person` their name among the city's demonstration people, `filter` the name of the
    pushed filter that `query` uses, `key` the one of a single record.
    """

    kind: QuestionKind
    name: str
    transport: Transport[Any, Any]
    put: Put = field(repr=False)
    row: Row | None = None
    subject: Subject | None = None
    person: str = ""
    query: Query | None = field(default=None, repr=False)
    filter: str = ""
    key: str = field(default="", repr=False)


async def pages(
    row: Row, call: AnyCall, query: Query, between: Callable[[], Awaitable[None]] | None = None
) -> list[Batch[Any]]:
    """Every page of an asked list; `between` happens once after the first. Raises `EndlessError`."""
    if row.ask is None:
        raise ValueError(f"{row.resource.name} is not asked")
    found: list[Batch[Any]] = []
    marks: set[str] = set()
    mark: str | None = None
    while True:
        batch = await row.ask(call, query, mark)
        found.append(batch)
        mark = batch.next
        if mark is None:
            return found
        if mark in marks or len(found) >= MOST_BATCHES:
            raise EndlessError
        marks.add(mark)
        if between is not None and len(found) == 1:
            await between()


async def batches(row: Row, call: AnyCall, mark: str | None = None, *, at_most: int = MOST_BATCHES) -> list[Batch[Any]]:
    """The batches of a feed from `mark` on, not more than `at_most`; the feed is closed then. Raises `EndlessError`."""
    if row.feed is None:
        raise ValueError(f"{row.resource.name} is not fed")
    found: list[Batch[Any]] = []
    feed: AsyncIterator[Batch[Any]] = row.feed(call, mark)
    async with aclosing(feed) as running:  # type: ignore[type-var]  # every feed of the contract is a generator
        async for batch in running:
            found.append(batch)
            if batch.next is None or len(found) == at_most:
                break
    if len(found) >= MOST_BATCHES:
        raise EndlessError
    return found


def items_of(found: list[Batch[Any]]) -> tuple[Any, ...]:
    """The items of all batches, in their order."""
    return tuple(item for batch in found for item in batch.items)


def probing(spec: AdapterSpec[Any]) -> Question:
    """Is the system there, and does it know us."""

    async def put(call: AnyCall) -> tuple[Any, ...]:
        await spec.probe(call)
        return ("answered",)

    return Question(QuestionKind.PROBE, "probe", spec.probe_transport, put)


def fed(row: Row) -> Question:
    """A whole feed."""

    async def put(call: AnyCall) -> tuple[Any, ...]:
        return items_of(await batches(row, call))

    return Question(QuestionKind.FEED, f"{row.resource.name} fed", row.transport, put, row)


def asked(row: Row, subject: Subject | None, person: str = "", query: Query | None = None, *, by: str = "") -> Question:
    """Every page of a list, about a person or by a filter."""
    wanted = query if query is not None else row.resource.query()

    async def put(call: AnyCall) -> tuple[Any, ...]:
        return items_of(await pages(row, call, wanted))

    name = f"{row.resource.name} asked" + (f" by {by}" if by else "")
    return Question(QuestionKind.ASK, name, row.transport, put, row, subject, person, wanted, by)


def one(row: Row, key: str, subject: Subject | None) -> Question:
    """One record by its key."""

    async def put(call: AnyCall) -> tuple[Any, ...]:
        found = await row.one(call, key) if row.one is not None else None
        return () if found is None else (found,)

    return Question(QuestionKind.ONE, f"one {row.resource.name}", row.transport, put, row, subject, key=key)


def document(row: Row, key: str, number: int, subject: Subject | None) -> Question:
    """The n-th document of a record."""

    async def put(call: AnyCall) -> tuple[Any, ...]:
        found = await row.content(call, key, number) if row.content is not None else None
        return () if found is None else (found,)

    return Question(QuestionKind.CONTENT, f"document of {row.resource.name}", row.transport, put, row, subject)


def looked_up(write: Writes[Any, Any, Any], command: Any, code: str, subject: Subject) -> Question:  # noqa: ANN401 - of any write
    """Whether the system has a write."""

    async def put(call: AnyCall) -> tuple[Any, ...]:
        found = await write.look(call, command, code) if write.look is not None else Absent()
        return (found,) if isinstance(found, Stored) else ()

    return Question(QuestionKind.LOOK, f"{write.name} looked up", write.transport, put, subject=subject)
