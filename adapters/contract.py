"""The whole contract between the gateway and an adapter, on one page; how systems are reached is in `transports`.

An adapter is a table of pure functions: an `AdapterSpec` with one `Reads` row for each resource that its system can
answer for, and one `Writes` row for each command that it can carry out. Type variables: S the office's settings,
U the upstream it is handed, W one wire record, B the canonical body, Q the query, C the command.

The generic ones have no slots: a frozen dataclass with slots cannot be made as `Reads[…](…)`.
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
from schemas.quality import Quality
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
    """An identifier of a resident that a system may be entitled to see."""

    NIK = "nik"
    KK = "kk"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Bad:
    """A record that could not even be read as wire; the reason holds no personal data."""

    reason: str


@dataclass(frozen=True)
class Batch(Generic[W]):
    """One page of wire records.

    `as_of`: as the system claims it. `next`: the mark of the following page, None on the last one.
    `whole`: this question's answer is a snapshot; what is absent is gone.
    """

    items: tuple[W | Bad, ...]
    as_of: datetime | None = None
    next: str | None = None
    whole: bool = False
    removed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Normal(Generic[B]):
    """A normalised record: the canonical body, and the doubts about it."""

    body: B
    doubts: tuple[Quality, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """A document: its bytes, media type, and a file name without personal data."""

    content: bytes = field(repr=False)
    media_type: str
    filename: str


@dataclass(frozen=True, kw_only=True)
class Webhook(Generic[S, W, B]):
    """Where the system pushes changes to us: all pure functions.

    `path` follows `/v1/inbound/<system>/`. `authenticate(settings, request, now)` says whether the push is from that
    office. `read` gives the wire records in it, and the keys that are gone as `removed`; it raises
    `UpstreamMalformedError`. `reply` puts an outcome into the system's own envelope. `delivery` is the system's name
    for this push, the same whenever it is repeated; without one the same content is the same push. `changed` is when
    the system itself last changed a record: of what was fetched and what was pushed, the later one is shown.
    """

    path: str
    authenticate: Callable[[S, WebhookRequest, datetime], bool]
    read: Callable[[WebhookRequest], Batch[W]]
    reply: Callable[[WebhookOutcome], WebhookReply]
    delivery: Callable[[WebhookRequest], str | None] = lambda _request: None
    changed: Callable[[B], datetime | None] = lambda _body: None


@dataclass(frozen=True, kw_only=True)
class Reads(Generic[S, U, W, B, Q]):
    """One row: how one resource is read from this system.

    Exactly one of `ask` (live) and `feed` (copied in by us on a schedule) is given. `one` fetches a single record of
    an asked resource by its key, in full; `content` fetches the n-th document (from 0) of a record. `webhook` brings
    changes into the snapshot of a fed, public resource between two fetches; the feed makes up for a lost push.
    `normalise` is pure. It raises `UnusableRecordError` for a record that cannot be used; the gateway sets that aside.
    `pushes` names the filters of the query that the system honours; the gateway filters again.
    `fresh`: how old a snapshot may be and count as held. `keep`: how long it may be shown, or held at all.
    """

    resource: Resource[B, Q]
    transport: Transport[S, U]
    normalise: Callable[[W], Normal[B]]
    key: Callable[[W], str]
    ask: Callable[[Call[S, U], Q, str | None], Awaitable[Batch[W]]] | None = None
    one: Callable[[Call[S, U], str], Awaitable[W | None]] | None = None
    feed: Callable[[Call[S, U], str | None], AsyncIterator[Batch[W]]] | None = None
    content: Callable[[Call[S, U], str, int], Awaitable[Content | None]] | None = None
    webhook: Webhook[S, W, B] | None = None
    pushes: frozenset[str] = frozenset()
    fresh: timedelta = timedelta(0)
    keep: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Stored:
    """The system has the write, under this key of its own; `reference` is what it tells the resident."""

    key: str
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The system refuses the write for a reason; `code` is a kebab-case word, `reason` is the system's own text."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Absent:
    """The system does not have the write."""


@dataclass(frozen=True, slots=True)
class Pending:
    """The system has been handed the write, or may have been, and says later what has become of it.

    For a system that only answers when it next drops a file: until then the outcome is unknown.
    """


@dataclass(frozen=True, kw_only=True)
class Writes(Generic[S, U, C]):
    """One row: how one command is carried out in this system.

    `code` is a short receipt code, put into a free-text field where the system has one, by which `look` finds the
    write again. `settle`: how long until "absent" can be believed. `look` says `Refused` where a system refuses what
    it has taken in before; a write without `look` that is not `idempotent` waits for an operator whenever its answer is
    lost. A write that may be `Pending` has a `look`; what is not found is `Pending` too, unless it surely is not there.

    `idempotent`: what is sent again under the same code is stored once.

    `denormalise` is pure: what is sent for a command (fields by the system's own names), or why it is not; None for
    an adapter that is a service of its own.
    """

    name: str
    command: type[C]
    transport: Transport[S, U]
    idempotent: bool
    settle: timedelta
    send: Callable[[Call[S, U], C, str], Awaitable[Stored | Refused | Pending]]
    look: Callable[[Call[S, U], C, str], Awaitable[Stored | Absent | Refused | Pending]] | None
    denormalise: Callable[[C, Subject | None, str], Mapping[str, Any] | Refused] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one office of a system can bear. `slowest` is the slowest answer worth waiting for."""

    concurrent: int
    slowest: timedelta
    per_minute: int | None = None
    per_day: int | None = None
    max_items: int = 10_000


@dataclass(frozen=True, kw_only=True)
class AdapterSpec(Generic[S]):
    """One legacy system. `id` is immutable, kebab-case, and equals the folder's name with hyphens.

    `probe` answers whether the system is there and knows us: it returns, or raises an error of the tree.
    `assumed`: the original's interface is not public; the simulator and this adapter rest on assumptions.
    """

    id: str
    agency: str
    title: Text
    version: str
    contact: str
    settings: type[S]
    limits: Limits
    needs: frozenset[Need]
    probe: Callable[[Call[S, Any]], Awaitable[None]]
    probe_transport: Transport[S, Any]
    reads: tuple[Reads[S, Any, Any, Any, Any], ...]
    writes: tuple[Writes[S, Any, Any], ...] = ()
    assumed: bool = True
