"""The contract between the gateway and an adapter: every type that an adapter fills in or returns.

An adapter is a table of functions. Its package exports one `AdapterSpec` named `SPEC`, with one `Reads` row for each
way in which a resource is read from the system, and one `Writes` row for each command that the system carries out.
An adapter holds no state, opens no connection and decides nothing about access: the gateway calls the functions of a
row, hands each a `Call` (settings, upstream, clock, subject), and does the rest.

    SPEC = AdapterSpec(
        id="lapor",
        reads=(Reads(resource=COMPLAINT, transport=Http(), normalise=normalise.complaint, key=normalise.key,
                     ask=client.ask, one=client.one),),
        writes=(Writes(name="submit-complaint", command=SubmitComplaint, transport=Http(), idempotent=False,
                       settle=timedelta(seconds=2), send=client.submit, look=client.look),),
        ...,
    )

A live read: `ask` returns pages of wire records until `next` is None; `normalise` turns each record into a canonical
body; the gateway then filters, checks ownership, masks and serves them.
A feed: `feed` yields batches on a schedule; the gateway normalises them into one snapshot, stores it and serves it.
A write: `send` is called once. If its outcome is unknown, `look` is called after `settle`, before any second `send`.

Functions that talk to the system are asynchronous and raise the errors of `adapters.errors`. All others are pure and
synchronous. Not found and refused are return values, not exceptions.

Related modules: `adapters.transports` (settings, transports, `Call`), `adapters.upstream` (the interfaces by which an
adapter sends requests), `adapters.webhooks` (messages of inbound webhooks), `adapters.errors`.

Type variables: S the settings of an office, U the upstream interface, W one wire record, B the canonical body, Q the
query, C the command. The generic dataclasses have no slots: `Reads[...](...)` fails on a frozen one with slots.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from adapters.transports import (
    Call,
    FileOfficeSettings,
    Files,
    Http,
    HttpOfficeSettings,
    OfficeSettings,
    Session,
    SessionKeys,
    SftpServer,
    Soap,
    Sql,
    SqlOfficeSettings,
    Subject,
    Transport,
)
from adapters.webhooks import WebhookOutcome, WebhookReply, WebhookRequest
from schemas.code_lists import CodeList
from schemas.doubts import Doubt
from schemas.records import Body
from schemas.resources import Query, Resource
from schemas.texts import Text

__all__ = [
    "Absent",
    "AdapterSpec",
    "Bad",
    "Batch",
    "Call",
    "Content",
    "FileOfficeSettings",
    "Files",
    "Http",
    "HttpOfficeSettings",
    "Limits",
    "Need",
    "Normal",
    "OfficeSettings",
    "Pending",
    "Reads",
    "Refused",
    "Session",
    "SessionKeys",
    "SftpServer",
    "Soap",
    "Sql",
    "SqlOfficeSettings",
    "Stored",
    "Subject",
    "Transport",
    "Webhook",
    "WebhookOutcome",
    "WebhookReply",
    "WebhookRequest",
    "Writes",
]

S = TypeVar("S", bound=OfficeSettings)
U = TypeVar("U")
W = TypeVar("W")
B = TypeVar("B", bound=Body)
Q = TypeVar("Q", bound=Query)
C = TypeVar("C", bound=BaseModel)


class Need(StrEnum):
    """An identifier of a resident that an adapter may be given about the subject of a call."""

    NIK = "nik"
    KK = "kk"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Bad:
    """A record that does not match its wire model; counted and set aside. `reason` contains no personal data."""

    reason: str


@dataclass(frozen=True)
class Batch(Generic[W]):
    """One page of a list, or one part of a feed."""

    items: tuple[W | Bad, ...]
    """The records, in the system's order."""
    as_of: datetime | None = None
    """The time of the data as the system states it; None when it states none."""
    next: str | None = None
    """The mark at which the following batch starts, chosen by the adapter; None on the last batch."""
    whole: bool = False
    """Feeds: whether the batches up to this one are the complete data. Must be True on the last batch."""
    removed: tuple[str, ...] = ()
    """Webhooks: keys of the records that no longer exist."""


@dataclass(frozen=True)
class Normal(Generic[B]):
    """The result of normalising one wire record: the canonical body, and the doubts about its fields."""

    body: B
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a document, its media type, and a file name without personal data."""

    content: bytes = field(repr=False)
    media_type: str
    filename: str


@dataclass(frozen=True, kw_only=True)
class Webhook(Generic[S, W, B]):
    """An inbound webhook, by which the system pushes changes of one resource to the gateway. All functions are pure."""

    path: str
    """The end of the address: `/v1/inbound/<system>/<path>`."""
    authenticate: Callable[[S, WebhookRequest, datetime], bool]
    """Return whether the request was sent by the office with these settings, at this time of the gateway's clock."""
    read: Callable[[WebhookRequest], Batch[W]]
    """Return the changed records, and the keys of the removed ones. Raises `UpstreamMalformedError`."""
    reply: Callable[[WebhookOutcome], WebhookReply]
    """Return the reply that the system expects for this outcome."""
    delivery_id: Callable[[WebhookRequest], str | None] = lambda _request: None
    """Return the system's id of the push, equal in every repetition. A push is identified by its office, this id and
    its content. Without an id, a push with the content of one of the last 30 days counts as its repetition."""
    changed_at: Callable[[B], datetime | None] = lambda _body: None
    """Return when the system last changed the record. Of the fetched and the pushed record, the later one is served."""


@dataclass(frozen=True, kw_only=True)
class Reads(Generic[S, U, W, B, Q]):
    """One row: how one resource is read from the system.

    Set exactly one of `ask` (the gateway queries the system while the caller waits) and `feed` (the gateway fetches
    all records on a schedule and serves the snapshot). `one`, `content` and `pushes` belong to `ask`; `webhook`,
    `fresh` and `keep` belong to `feed`. A resource with a public part and an owner may have one row of each kind.
    """

    resource: Resource[B, Q]
    """The kind of canonical record."""
    transport: Transport[S, U]
    """How the system is reached, and the largest answer that is accepted."""
    normalise: Callable[[W], Normal[B]]
    """Convert one wire record. Pure. Raises `UnusableRecordError`: the gateway then sets the record aside."""
    key: Callable[[W], str]
    """Return the system's own key of a record: stable, without a NIK. It never leaves the gateway."""
    ask: Callable[[Call[S, U], Q, str | None], Awaitable[Batch[W]]] | None = None
    """Return the page at this mark (None for the first) of the records that match the query and the subject."""
    one: Callable[[Call[S, U], str], Awaitable[W | None]] | None = None
    """Return one record by its key, with all its details; None when there is none."""
    feed: Callable[[Call[S, U], str | None], AsyncIterator[Batch[W]]] | None = None
    """Yield all records in batches. After an error, the gateway resumes at the mark of the last batch."""
    content: Callable[[Call[S, U], str, str], Awaitable[Content | None]] | None = None
    """Return the document with this id of the record with this key; None when there is none."""
    webhook: Webhook[S, W, B] | None = None
    """Changes of a public resource between two fetches. The next fetch makes up for a lost push."""
    pushes: frozenset[str] = frozenset()
    """Filters of the query that `ask` passes on to the system. The gateway applies all filters again."""
    fresh: timedelta = timedelta(0)
    """Age up to which a snapshot counts as held; beyond it, it is served as stale."""
    keep: timedelta = timedelta(0)
    """Age beyond which a snapshot is no longer served or kept."""


@dataclass(frozen=True, slots=True)
class Stored:
    """The system has stored the write under `key`. `reference` is the number that the resident may quote."""

    key: str
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The system has refused the write. `code` is a kebab-case word, `reason` is the system's own text."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Absent:
    """The system certainly does not have the write, so it may be sent again."""


@dataclass(frozen=True, slots=True)
class Pending:
    """The system has, or may have, received the write and reports the outcome later.

    Used where the outcome appears only in the next file that the system drops. Until then the outcome is unknown.
    """


@dataclass(frozen=True, kw_only=True)
class Writes(Generic[S, U, C]):
    """One row: how one command is carried out in the system.

    `send` and `look` receive a short receipt code. Where the system has a free-text field, the code is written into
    it, so that `look` can find the write again. A write that is neither `idempotent` nor has a `look` waits for an
    operator whenever its outcome is unknown.
    """

    name: str
    """The name of the write, in kebab-case, such as `submit-complaint`."""
    command: type[C]
    """The canonical command."""
    transport: Transport[S, U]
    """How the system is reached."""
    idempotent: bool
    """Whether the system stores only once what is sent twice under the same code."""
    settle: timedelta
    """How long to wait after `send` before `Absent` from `look` is reliable."""
    send: Callable[[Call[S, U], C, str], Awaitable[Stored | Refused | Pending]]
    """Send the command once. After an error the outcome is unknown, unless the gateway saw that nothing was sent."""
    look: Callable[[Call[S, U], C, str], Awaitable[Stored | Absent | Refused | Pending]] | None
    """Look the write up by its code. Required where `send` may return `Pending`. Return `Refused` when the system
    refused the write after accepting it, and `Pending` when the write is not found but may still arrive."""
    denormalise: Callable[[C, Subject | None, str], Mapping[str, Any] | Refused] | None = None
    """Return the fields to send, by the system's own names, or why the command is not sent. Pure. None for a remote
    adapter, which does this itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The load that one office of the system can take. The settings of an office may override the two rates."""

    concurrent: int
    """Most requests at a time, over all processes of the gateway."""
    slowest: timedelta
    """Longest wait for one answer; a slower one is `UpstreamTimeoutError`."""
    per_minute: int | None = None
    """Most requests a minute; None for no limit."""
    per_day: int | None = None
    """Most requests a day; None for no limit."""
    max_items: int = 10_000
    """Most records of one feed, over all its batches; a feed with more fails."""


@dataclass(frozen=True, kw_only=True)
class AdapterSpec(Generic[S]):
    """One legacy system: everything that the gateway needs to serve it."""

    id: str
    """The system's id: kebab-case, immutable, the name of the adapter's folder with hyphens."""
    agency: str
    """Id of the agency that owns the system."""
    title: Text
    """Title for people, in both languages."""
    version: str
    """Version of the adapter."""
    contact: str
    """Whom to inform when the system fails."""
    settings: type[S]
    """Settings of one office, read from `config/systems/<id>.toml` and the vault."""
    limits: Limits
    """Load limits of one office."""
    needs: frozenset[Need]
    """Identifiers of the subject that the system is entitled to receive. All others are None in `Call.subject`."""
    probe: Callable[[Call[S, Any]], Awaitable[None]]
    """Return when the system answers and accepts our credentials; otherwise raise an error of `adapters.errors`."""
    probe_transport: Transport[S, Any]
    """How `probe` reaches the system."""
    reads: tuple[Reads[S, Any, Any, Any, Any], ...]
    """At least one row."""
    writes: tuple[Writes[S, Any, Any], ...] = ()
    """Empty for a system that is only read."""
    codes: tuple[CodeList, ...] = ()
    """The code lists of the `Coded` values that `normalise` returns, except those of the canonical schema and the
    system's own lists, whose scheme contains a `/`. The gateway merges and publishes them (`/v1/codes`)."""
    assumed: bool = True
    """Whether the system's interface is not public, so that the adapter and its simulator rest on assumptions."""
