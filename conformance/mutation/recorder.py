"""Records what an adapter and its simulator say to each other while one question is put, whatever the transport."""

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
Said = HttpAnswer | Rows | tuple[FileEntry, ...] | bytes

MAX_DEPTH: Final = 64


@dataclass(frozen=True, slots=True)
class TapedExchange:
    """One thing that was asked (by a text that says all of it but signatures) and what was answered.

    `headers`: of the request, by which an answer may be sealed. `inside`: what stands sealed in the answer, in clear;
    None where nothing does.
    """

    asked: str = field(repr=False)
    said: Said = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    inside: bytes | None = field(default=None, repr=False)


@dataclass(slots=True)
class Tape:
    """Every exchange of one question, in order, and when the question was put."""

    at: datetime = field(default_factory=now)
    exchanges: list[TapedExchange] = field(default_factory=list)

    def keep(self, asked: str, said: Said, headers: Mapping[str, str] | None = None) -> None:
        """Note an exchange."""
        self.exchanges.append(TapedExchange(asked, said, headers or {}))


@dataclass(frozen=True, slots=True)
class Taping:
    """A way that keeps what goes over it."""

    way: QuestionRoute
    tape: Tape

    def call(self, transport: Transport[Any, Any], within: float, subject: Subject | None = None) -> Call[Any, Any]:
        """As `QuestionRoute.call`."""
        beneath = Http[Any](max_bytes=transport.max_bytes) if isinstance(transport, Soap) else transport
        call = self.way.call(beneath, within, subject)
        self.tape.at = call.now
        return replace(call, up=_recorder(transport, call.up, self.tape))


def _recorder(transport: Transport[Any, Any], up: Any, tape: Tape) -> Any:  # noqa: ANN401 - the upstream of any transport
    if isinstance(transport, Soap):
        # Recorded beneath the envelope: that is where a payload is damaged.
        return BoundSoap(_HttpRecorder(up, tape), transport, MAX_DEPTH, now)  # type: ignore[arg-type]  # it sends as well
    kinds = ((Http, _HttpRecorder), (Files, _FileRecorder), (Sql, _SqlRecorder))
    recorder = next(recorder for kind, recorder in kinds if isinstance(transport, kind))
    return recorder(up, tape)


def asked_over_http(request: HttpRequest) -> str:
    """What a request asks. Headers are left out: they hold signatures, which are made anew for each."""
    return repr((request.method, request.path, tuple(request.query), request.content))


def asked_of_rows(statement: str, parameters: Any, limit: int) -> str:  # noqa: ANN401 - a mapping of SQL values
    """What a query asks."""
    return repr((statement, sorted(dict(parameters).items()), limit))


LISTING: Final = "the listing"


class _HttpRecorder:
    def __init__(self, up: Any, tape: Tape) -> None:  # noqa: ANN401 - see `_recorder`
        self._up = up
        self._tape = tape

    async def send(self, request: HttpRequest) -> HttpAnswer:
        answer: HttpAnswer = await self._up.send(request)
        self._tape.keep(asked_over_http(request), answer, request.headers)
        return answer


class _FileRecorder:
    def __init__(self, up: Any, tape: Tape) -> None:  # noqa: ANN401 - see `_recorder`
        self._up = up
        self._tape = tape

    async def list(self) -> tuple[FileEntry, ...]:
        entries: tuple[FileEntry, ...] = await self._up.list()
        self._tape.keep(LISTING, entries)
        return entries

    async def read(self, entry: FileEntry) -> bytes:
        content: bytes = await self._up.read(entry)
        self._tape.keep(entry.name, content)
        return content

    async def set_aside(self, entry: FileEntry) -> bool:
        done: bool = await self._up.set_aside(entry)
        return done


class _SqlRecorder:
    def __init__(self, up: Any, tape: Tape) -> None:  # noqa: ANN401 - see `_recorder`
        self._up = up
        self._tape = tape

    async def rows(self, statement: str, parameters: dict[str, SqlValue], limit: int) -> Rows:
        found: Rows = tuple(dict(row) for row in await self._up.rows(statement, parameters, limit))
        self._tape.keep(asked_of_rows(statement, parameters, limit), found)
        return found
