"""The interfaces by which an adapter reaches its system; implemented in `gateway.upstream`.

An implementation is bound to one office of one system, to the deadline of the call, to the session, the egress
allow-list and the limits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One HTTP request to a system.

    `path` starts with `/`, is relative to the office's `base_url`, and is already percent-encoded. `safe`: sending the
    request twice does no harm; only safe requests are retried. Path, query, headers and body may contain personal
    numbers, so `repr` does not show them and they are never logged.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str = field(repr=False)
    query: Pairs = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes | None = field(default=None, repr=False)
    safe: bool = True


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """The answer of a system: the status, headers with lower-case names, `Set-Cookie` values, and the body.

    The body is complete, decompressed, and within the size limit of the row.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def media_type(self) -> str:
        """The media type that the system states, without parameters, in lower case; empty when it states none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class HttpUpstream(Protocol):
    """HTTP to one office. Redirects are returned, not followed; cookies are kept only by the row's `Session`."""

    async def send(self, request: HttpRequest) -> HttpAnswer:
        """Send one request and return the answer, whatever its status (except 429).

        Raises `UpstreamTimeoutError`, `UpstreamUnavailableError` (also for 429, with `retry_at`),
        `UpstreamMalformedError` (larger than a limit, or not HTTP), `QueryRefusedError` (a path or header that may not
        be sent), and `NotSentError` for an unsafe request that certainly did not leave.
        """
        ...


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file in an office's folder: its name, its size in bytes, and when it was last written."""

    name: str
    size: int
    modified_at: datetime


class FileUpstream(Protocol):
    """The folder into which an office drops files, and, where there is one, the folder for files to the office.

    The folders are on this machine or on a server. Files that were already picked up may be in an archive; an adapter
    sees the newest complete version under its original name in either case.
    """

    async def list(self) -> tuple[FileEntry, ...]:
        """Return the complete files (none that is still being written), oldest first."""
        ...

    async def read(self, entry: FileEntry) -> bytes:
        """Return the whole file, within the size limit of the row.

        Raises `UpstreamUnavailableError` when it is missing.
        """
        ...

    async def set_aside(self, entry: FileEntry) -> bool:
        """Move a version of a file that violates the agreed format to the quarantine, so that the earlier one is valid.

        Return whether it was moved. It is not where the office has no quarantine, or no earlier version exists: without
        the file, everything in it would count as withdrawn.
        """
        ...

    async def put(self, name: str, content: bytes) -> None:
        """Put a complete file into the folder for the office, atomically, replacing a file of the same name.

        `name` matches one that the row's transport declares. Success does not mean that the office has read the file.
        Raises `NotSentError` when the file is certainly not there, `QueryRefusedError` for a name that is not declared,
        and other errors of the tree when neither is certain.
        """
        ...


@dataclass(frozen=True, slots=True)
class SoapElement:
    """One element of a SOAP message: its local name, its namespace, and either child elements or a text.

    `text` of a leaf is its text with all blanks; None for an element with children or with `xsi:nil`. Names of
    attributes are local names, or `{namespace}name` where they have a namespace. The content may be personal, so `repr`
    shows only the name.
    """

    name: str
    namespace: str = field(default="", repr=False)
    text: str | None = field(default=None, repr=False)
    children: tuple["SoapElement", ...] = field(default=(), repr=False)
    attributes: Mapping[str, str] = field(default_factory=dict, repr=False)

    def named(self, name: str) -> tuple["SoapElement", ...]:
        """Return the children with this local name, in any namespace, in document order."""
        return tuple(child for child in self.children if child.name == name)


@dataclass(frozen=True, slots=True)
class SoapFault:
    """A SOAP fault, with any HTTP status: the system's clear answer that it refuses, or failed.

    `code` is the local part of `faultcode`, such as `Client`, `Server` or `Client.Authentication`. `reason` and
    `detail` are the system's own text, which may contain personal data: they are never shown or logged.
    """

    code: str
    reason: str = field(default="", repr=False)
    detail: tuple[SoapElement, ...] = field(default=(), repr=False)

    @property
    def is_client_fault(self) -> bool:
        """Whether the fault blames the caller: `Client` and its subcodes."""
        return self.code.partition(".")[0].casefold() == "client"


@dataclass(frozen=True, slots=True)
class SoapRequest:
    """One call of an operation, document/literal and wrapped (WS-I Basic Profile 1.1).

    `path` is the endpoint, relative to the office's `base_url`. `body` is the single child of the Body, named after the
    operation; the expected answer is the element `<name>Response` of the same namespace, unless `answer` names another.
    `safe`: sending the call twice does no harm; only safe calls are retried.
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
        """Call one operation, and return the element of the answer, or the fault (HTTP status 200 or 500).

        Raises `UpstreamTimeoutError`, `UpstreamUnavailableError`, `CredentialsRefusedError` (401, 403),
        `QueryRefusedError` (another 4xx, or a call that cannot be sent), `UpstreamMalformedError` (larger than a limit,
        a document type or a custom entity, another namespace, or no SOAP envelope), and `NotSentError` for an unsafe
        call that certainly did not leave.
        """
        ...


SqlValue = str | int | float | bytes | None


@dataclass(frozen=True, slots=True)
class Executed:
    """A statement that changed the database: the number of rows, and the id of the new row, if any."""

    rows: int
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Declined:
    """The database's own rules (a trigger, a procedure) refuse the change; `message` is their text."""

    message: str


class SqlUpstream(Protocol):
    """The database of one office. Values are passed as parameters, never within the statement."""

    async def rows(
        self, statement: str, parameters: Mapping[str, SqlValue], limit: int
    ) -> tuple[Mapping[str, object], ...]:
        """Return the rows of one query, run in a read-only session, each as a mapping from column names.

        `statement` is a constant of the adapter that could be enclosed in parentheses; `:name` is replaced by the bound
        parameter of that name. Raises `UpstreamTimeoutError`, `UpstreamUnavailableError`, `CredentialsRefusedError`,
        `UpstreamMalformedError` (more than `limit` rows, larger than the row's limits, a damaged file, or a missing
        table or column) and `QueryRefusedError`.
        """
        ...

    async def execute(self, statement: str, parameters: Mapping[str, SqlValue]) -> Executed | Declined:
        """Run one of the statements that the row's transport declares, in a separate transaction.

        Raises the errors of `rows`, and `NotSentError` when the statement certainly did not reach the database.
        """
        ...
