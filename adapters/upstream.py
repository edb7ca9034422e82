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
    """A folder into which an office drops files."""

    async def list(self) -> tuple[FileEntry, ...]:
        """The files that are complete (nothing half-written), oldest first."""
        ...

    async def read(self, entry: FileEntry) -> bytes:
        """The whole file, within the limits of the row. Raises `UpstreamUnavailableError` when it is gone."""
        ...
