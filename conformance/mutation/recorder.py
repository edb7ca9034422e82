"""Record the exchanges between an adapter and its simulator while one question is asked, on any transport."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from adapters.contract import Call, Files, Http, Soap, Sql, Subject, Transport
from adapters.upstream import FileEntry, HttpAnswer, HttpRequest, SqlValue
from conformance.question_route import QuestionRoute
from gateway.ground.clock import now
from gateway.upstream.http.soap import BoundSoap

Rows = tuple[dict[str, object], ...]
RecordedAnswer = HttpAnswer | Rows | tuple[FileEntry, ...] | bytes

MAX_DEPTH: Final = 64


@dataclass(frozen=True, slots=True)
class RecordedExchange:
    """One request, as a text without signatures, and its answer.

    `headers`: of the request; an answer may be sealed with them. `unsealed`: the decrypted content of a sealed answer,
    or None.
    """

    request_key: str = field(repr=False)
    answer: RecordedAnswer = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    unsealed: bytes | None = field(default=None, repr=False)


@dataclass(slots=True)
class Recording:
    """Every exchange of one question, in order, and the time of the question."""

    at: datetime = field(default_factory=now)
    exchanges: list[RecordedExchange] = field(default_factory=list)

    def add(self, request_key: str, answer: RecordedAnswer, headers: Mapping[str, str] | None = None) -> None:
        """Append an exchange."""
        self.exchanges.append(RecordedExchange(request_key, answer, headers or {}))


@dataclass(frozen=True, slots=True)
class RecordingRoute:
    """A route that records its exchanges."""

    route: QuestionRoute
    recording: Recording

    def call(self, transport: Transport[Any, Any], within: float, subject: Subject | None = None) -> Call[Any, Any]:
        """Return a call like `QuestionRoute.call`, with a recording upstream."""
        beneath = Http[Any](max_bytes=transport.max_bytes) if isinstance(transport, Soap) else transport
        call = self.route.call(beneath, within, subject)
        self.recording.at = call.now
        return replace(call, up=_recorder(transport, call.up, self.recording))


def _recorder(transport: Transport[Any, Any], up: Any, recording: Recording) -> Any:  # noqa: ANN401 - the upstream of any transport
    if isinstance(transport, Soap):
        # Recorded below the SOAP envelope, where a payload is damaged.
        return BoundSoap(_HttpRecorder(up, recording), transport, MAX_DEPTH, now)  # type: ignore[arg-type]  # it sends as well
    kinds = ((Http, _HttpRecorder), (Files, _FileRecorder), (Sql, _SqlRecorder))
    recorder = next(recorder for kind, recorder in kinds if isinstance(transport, kind))
    return recorder(up, recording)


def http_request_key(request: HttpRequest) -> str:
    """Return the key of an HTTP request, without headers: they contain signatures, which differ each time."""
    return repr((request.method, request.path, tuple(request.query), request.content))


def sql_request_key(statement: str, parameters: Any, limit: int) -> str:  # noqa: ANN401 - a mapping of SQL values
    """Return the key of a query."""
    return repr((statement, sorted(dict(parameters).items()), limit))


LISTING: Final = "the listing"


class _HttpRecorder:
    def __init__(self, up: Any, recording: Recording) -> None:  # noqa: ANN401 - see `_recorder`
        self._up = up
        self._tape = recording

    async def send(self, request: HttpRequest) -> HttpAnswer:
        answer: HttpAnswer = await self._up.send(request)
        self._tape.add(http_request_key(request), answer, request.headers)
        return answer


class _FileRecorder:
    def __init__(self, up: Any, recording: Recording) -> None:  # noqa: ANN401 - see `_recorder`
        self._up = up
        self._tape = recording

    async def list(self) -> tuple[FileEntry, ...]:
        entries: tuple[FileEntry, ...] = await self._up.list()
        self._tape.add(LISTING, entries)
        return entries

    async def read(self, entry: FileEntry) -> bytes:
        content: bytes = await self._up.read(entry)
        self._tape.add(entry.name, content)
        return content

    async def set_aside(self, entry: FileEntry) -> bool:
        done: bool = await self._up.set_aside(entry)
        return done


class _SqlRecorder:
    def __init__(self, up: Any, recording: Recording) -> None:  # noqa: ANN401 - see `_recorder`
        self._up = up
        self._tape = recording

    async def rows(self, statement: str, parameters: dict[str, SqlValue], limit: int) -> Rows:
        found: Rows = tuple(dict(row) for row in await self._up.rows(statement, parameters, limit))
        self._tape.add(sql_request_key(statement, parameters, limit), found)
        return found
