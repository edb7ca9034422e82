"""What an adapter may be handed to reach its system, and nothing more.

The gateway implements these Protocols (`gateway.upstream`). Whatever an adapter receives is already bound to one
office of one system, to the deadline of the question, to the session, the egress allow-list and the limits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request to a system.

    `path` starts with `/` and is taken relative to the office's `base_url`; its segments are percent-encoded already.
    Paths, queries, headers and bodies may hold personal numbers, so they are never shown by `repr` or logged.
    `safe` says that sending it twice does no harm: only safe requests are ever retried.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str = field(repr=False)
    query: Pairs = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes | None = field(default=None, repr=False)
    safe: bool = True


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What a system answered: the status, headers with lower-case names, `Set-Cookie` values, and the decoded body.

    The body is complete, decompressed, and within the limits of the row that asked.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def media_type(self) -> str:
        """The media type as the system claims it, without parameters, in lower case; empty when it claims none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class HttpUpstream(Protocol):
    """HTTP to one office. Redirects are returned, not followed; cookies are kept only by the row's `Session`."""

    async def send(self, request: HttpRequest) -> HttpAnswer:
        """Send one request.

        Raises `UpstreamTimeoutError`, `UpstreamUnavailableError`, `UpstreamMalformedError` (over a bound, or not
        HTTP), `QueryRefusedError` (a path or header that may not be sent), and for an unsafe request that surely did
        not leave, `NotSentError`. Any complete answer of the system is returned whatever its status, but for 429:
        that is `UpstreamUnavailableError` with the time to come back.
        """
        ...


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file that lies in an office's folder: its name, its size in bytes, and when it was last written."""

    name: str
    size: int
    modified_at: datetime


class FileUpstream(Protocol):
    """A folder into which an office drops files, and perhaps one into which files for it are put.

    An adapter cannot tell whether they lie on this machine or on a server, nor whether a file that was picked up has
    been moved into an archive: under its name stands the newest version that is complete.
    """

    async def list(self) -> tuple[FileEntry, ...]:
        """The files that are complete (nothing half-written), oldest first."""
        ...

    async def read(self, entry: FileEntry) -> bytes:
        """The whole file, within the limits of the row. Raises `UpstreamUnavailableError` when it is gone."""
        ...

    async def set_aside(self, entry: FileEntry) -> bool:
        """This version of the file is not as agreed: the one before it counts again, and people look at this one.

        Gives whether that was done. It is not where the office has no quarantine, or where there is no version before:
        leaving the file out would say that everything in it is gone.
        """
        ...

    async def put(self, name: str, content: bytes) -> None:
        """Put a whole file into the folder for the office, in place of one of that name; never half of it is there.

        `name` is one that the row's transport declares. That it lies there does not say that the office has taken it.
        Raises `NotSentError` when it surely is not there, `QueryRefusedError` for a name that is not declared, and
        other errors of the tree when that cannot be said.
        """
        ...


@dataclass(frozen=True, slots=True)
class SoapElement:
    """One element of a SOAP message: its local name, its namespace, and either children or a text.

    `text` of a leaf is what stands in it, blanks included; None for an element with children, or one that is
    `xsi:nil`. Names of attributes are local names, or `{namespace}name` where they have one. What stands in a message
    may be personal, so only the name is shown by `repr`.
    """

    name: str
    namespace: str = field(default="", repr=False)
    text: str | None = field(default=None, repr=False)
    children: tuple["SoapElement", ...] = field(default=(), repr=False)
    attributes: Mapping[str, str] = field(default_factory=dict, repr=False)

    def named(self, name: str) -> tuple["SoapElement", ...]:
        """The children of this local name, whatever their namespace, in their order."""
        return tuple(child for child in self.children if child.name == name)


@dataclass(frozen=True, slots=True)
class SoapFault:
    """The system's clear answer that it will not, or cannot; under whichever HTTP status it came.

    `code` is the local part of `faultcode`, such as `Client`, `Server` or `Client.Authentication`. `reason` and
    `detail` are the system's own words, in which anything may stand: they are never shown or logged.
    """

    code: str
    reason: str = field(default="", repr=False)
    detail: tuple[SoapElement, ...] = field(default=(), repr=False)

    @property
    def ours(self) -> bool:
        """Whether the system blames the caller: `Client` and what is below it."""
        return self.code.partition(".")[0].casefold() == "client"


@dataclass(frozen=True, slots=True)
class SoapRequest:
    """One call of an operation, document/literal and wrapped (WS-I Basic Profile 1.1).

    `path` is the endpoint, relative to the office's `base_url`. `body` is the one child of the Body, named after the
    operation; the answer is the element `<name>Response` of the same namespace, unless `answer` names another.
    `safe` says that sending it twice does no harm: only safe calls are ever retried.
    """

    path: str = field(repr=False)
    action: str
    body: SoapElement
    header: tuple[SoapElement, ...] = field(default=(), repr=False)
    answer: str | None = None
    safe: bool = True


class SoapUpstream(Protocol):
    """SOAP 1.1 over HTTP to one office; no attachments, no encoded sections, no document types."""

    async def call(self, request: SoapRequest) -> SoapElement | SoapFault:
        """Call one operation.

        The answer's element, or the fault that came in its place (in HTTP 200 or 500). Raises
        `UpstreamTimeoutError`, `UpstreamUnavailableError`, `CredentialsRefusedError` (401, 403), `QueryRefusedError`
        (another 4xx, or what cannot be sent), `UpstreamMalformedError` (over a bound, a document type or an entity of
        its own, another namespace, or no SOAP envelope), and for an unsafe call that surely did not leave,
        `NotSentError`.
        """
        ...


SqlValue = str | int | float | bytes | None


@dataclass(frozen=True, slots=True)
class Executed:
    """A statement that changed the database: how many rows, and the number that the new row was given, if any."""

    rows: int
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Declined:
    """The database's own rules refuse the change (a trigger, a procedure); `message` is what they say."""

    message: str


class SqlUpstream(Protocol):
    """A database of one office. What is asked stands in the statement, and what it is asked with in the parameters."""

    async def rows(
        self, statement: str, parameters: Mapping[str, SqlValue], limit: int
    ) -> tuple[Mapping[str, object], ...]:
        """The rows of one query, in a session that can only read, each by the names of its columns.

        `statement` is a constant of the adapter, and could stand in parentheses; `:name` stands for the parameter of
        that name, and parameters are bound, never written into it. Raises `UpstreamTimeoutError`,
        `UpstreamUnavailableError`, `CredentialsRefusedError`, `UpstreamMalformedError` (more than `limit` rows, over
        the row's bounds, a damaged file, or a database that has no such table or column any more) and
        `QueryRefusedError`.
        """
        ...

    async def execute(self, statement: str, parameters: Mapping[str, SqlValue]) -> Executed | Declined:
        """Carry out one of the statements that the row's transport declares, in a transaction of its own.

        Raises what `rows` raises, and `NotSentError` when it surely has not reached the database.
        """
        ...
