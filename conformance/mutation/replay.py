"""Replay a recording, partly damaged: a route without a system at its end."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from adapters.contract import Call, Files, OfficeSettings, Soap, Sql, Subject, Transport
from adapters.errors import UpstreamUnavailableError
from adapters.remote.settings import Settings as RemoteSettings
from adapters.remote.signing import Key, Signed, answer_base, digest_of
from adapters.upstream import FileEntry, HttpAnswer, HttpRequest, SqlValue
from conformance.mutation.recorder import (
    LISTING,
    MAX_DEPTH,
    RecordedAnswer,
    Recording,
    Rows,
    http_request_key,
    sql_request_key,
)
from gateway.ground.clock import now
from gateway.upstream.http.soap import BoundSoap

_COVERED: Final = '("@status" "content-digest" "signature";req;key="gerbang")'


class NotRecordedError(UpstreamUnavailableError):
    """The adapter sends a request that was not recorded, because of a damage."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A route that replays a recording; `answers` replaces recorded answers, by the number of the exchange."""

    recording: Recording
    settings: OfficeSettings
    office: str | None
    answers: Mapping[int, RecordedAnswer] = field(default_factory=dict, repr=False)

    def call(self, transport: Transport[Any, Any], within: float, subject: Subject | None = None) -> Call[Any, Any]:
        """Return a call like `QuestionRoute.call`, at the time of the recording."""
        del within
        return Call(
            settings=self.settings,
            up=_upstream(transport, _RecordedAnswers(self), self.settings),
            now=self.recording.at,
            office=self.office,
            subject=subject,
        )


class _RecordedAnswers:
    """Finds the recorded answers of a repeated request in order; after the last one, returns the last one again."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self._times: dict[str, int] = {}

    def answer(self, request_key: str) -> RecordedAnswer:
        places = [
            number for number, one in enumerate(self._replay.recording.exchanges) if one.request_key == request_key
        ]
        if not places:
            raise NotRecordedError("this request was not recorded")
        times = self._times[request_key] = self._times.get(request_key, -1) + 1
        number = places[min(times, len(places) - 1)]
        return self._replay.answers.get(number, self._replay.recording.exchanges[number].answer)


def _upstream(transport: Transport[Any, Any], recorded_answers: _RecordedAnswers, settings: OfficeSettings) -> Any:  # noqa: ANN401 - see `Call`
    if isinstance(transport, Files):
        return _Folder(recorded_answers)
    if isinstance(transport, Sql):
        return _Database(recorded_answers)
    http = _Signing(recorded_answers, settings) if isinstance(settings, RemoteSettings) else _Http(recorded_answers)
    if isinstance(transport, Soap):
        return BoundSoap(http, transport, MAX_DEPTH, now)  # type: ignore[arg-type]  # it sends as well
    return http


class _Http:
    def __init__(self, recorded_answers: _RecordedAnswers) -> None:
        self._player = recorded_answers

    async def send(self, request: HttpRequest) -> HttpAnswer:
        answer = self._player.answer(http_request_key(request))
        if not isinstance(answer, HttpAnswer):
            raise TypeError("the recorded answer is of another type")
        return answer


class _Signing(_Http):
    """Signs the answers of a remote adapter anew for the current request, so that damaged answers are signed too."""

    def __init__(self, recorded_answers: _RecordedAnswers, settings: RemoteSettings) -> None:
        super().__init__(recorded_answers)
        self._key = Key(settings.keyid, settings.secret.get_secret_value())

    async def send(self, request: HttpRequest) -> HttpAnswer:
        answer = await super().send(request)
        request_key = Signed(request.headers, request.headers["signature"].removeprefix("gerbang="))
        made = f'{_COVERED};created=1;keyid="{self._key.id}";alg="hmac-sha256";tag="gerbang-adapter"'
        signature = self._key.sign(answer_base(request_key, answer.status, answer.content, made))
        headers = {
            **answer.headers,
            "content-digest": digest_of(answer.content),
            "signature-input": f"gerbang={made}",
            "signature": f"gerbang=:{signature}:",
        }
        return replace(answer, headers=headers)


class _Folder:
    def __init__(self, recorded_answers: _RecordedAnswers) -> None:
        self._player = recorded_answers

    async def list(self) -> tuple[FileEntry, ...]:
        listed: Any = self._player.answer(LISTING)
        entries: tuple[FileEntry, ...] = listed
        return entries

    async def read(self, entry: FileEntry) -> bytes:
        content = self._player.answer(entry.name)
        if not isinstance(content, bytes):
            raise TypeError("the recorded answer is of another type")
        return content

    async def set_aside(self, _entry: FileEntry) -> bool:
        return False


class _Database:
    def __init__(self, recorded_answers: _RecordedAnswers) -> None:
        self._player = recorded_answers

    async def rows(self, statement: str, parameters: dict[str, SqlValue], limit: int) -> Rows:
        found: Any = self._player.answer(sql_request_key(statement, parameters, limit))
        rows: Rows = found[:limit]
        return rows
