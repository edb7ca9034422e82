"""Says again what was recorded, some of it damaged: a way without a system at its end."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from adapters.contract import Call, Files, OfficeSettings, Soap, Sql, Subject, Transport
from adapters.errors import UpstreamUnavailableError
from adapters.remote.settings import Settings as RemoteSettings
from adapters.remote.signing import Key, Signed, answer_base, digest_of
from adapters.upstream import FileEntry, HttpAnswer, HttpRequest, SqlValue
from conformance.mutation.recorder import LISTING, MAX_DEPTH, Rows, Said, Tape, asked_of_rows, asked_over_http
from gateway.ground.clock import now
from gateway.upstream.http.soap import BoundSoap

_COVERED: Final = '("@status" "content-digest" "signature";req;key="gerbang")'


class OffTheTapeError(UpstreamUnavailableError):
    """The adapter asks something that was not asked when the tape was made: a damage has led it elsewhere."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A way over which a tape is said again; `said` takes the place of what was answered, by the exchange's number."""

    tape: Tape
    settings: OfficeSettings
    office: str | None
    said: Mapping[int, Said] = field(default_factory=dict, repr=False)

    def call(self, transport: Transport[Any, Any], within: float, subject: Subject | None = None) -> Call[Any, Any]:
        """As `Way.call`, at the moment of the recording."""
        del within
        return Call(
            settings=self.settings,
            up=_upstream(transport, _Player(self), self.settings),
            now=self.tape.at,
            office=self.office,
            subject=subject,
        )


class _Player:
    """Finds what was answered: the first time, the second time, and after that always the last."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self._times: dict[str, int] = {}

    def answer(self, asked: str) -> Said:
        places = [number for number, one in enumerate(self._replay.tape.exchanges) if one.asked == asked]
        if not places:
            raise OffTheTapeError("this was not asked when the tape was made")
        times = self._times[asked] = self._times.get(asked, -1) + 1
        number = places[min(times, len(places) - 1)]
        return self._replay.said.get(number, self._replay.tape.exchanges[number].said)


def _upstream(transport: Transport[Any, Any], player: _Player, settings: OfficeSettings) -> Any:  # noqa: ANN401 - see `Call`
    if isinstance(transport, Files):
        return _Folder(player)
    if isinstance(transport, Sql):
        return _Database(player)
    http = _Signing(player, settings) if isinstance(settings, RemoteSettings) else _Http(player)
    if isinstance(transport, Soap):
        return BoundSoap(http, transport, MAX_DEPTH, now)  # type: ignore[arg-type]  # it sends as well
    return http


class _Http:
    def __init__(self, player: _Player) -> None:
        self._player = player

    async def send(self, request: HttpRequest) -> HttpAnswer:
        said = self._player.answer(asked_over_http(request))
        if not isinstance(said, HttpAnswer):
            raise TypeError("something else was recorded")
        return said


class _Signing(_Http):
    """What a remote adapter answered, signed with its secret for whatever is asked now: it lies, and signs its lies."""

    def __init__(self, player: _Player, settings: RemoteSettings) -> None:
        super().__init__(player)
        self._key = Key(settings.keyid, settings.secret.get_secret_value())

    async def send(self, request: HttpRequest) -> HttpAnswer:
        said = await super().send(request)
        asked = Signed(request.headers, request.headers["signature"].removeprefix("gerbang="))
        made = f'{_COVERED};created=1;keyid="{self._key.id}";alg="hmac-sha256";tag="gerbang-adapter"'
        signature = self._key.sign(answer_base(asked, said.status, said.content, made))
        headers = {
            **said.headers,
            "content-digest": digest_of(said.content),
            "signature-input": f"gerbang={made}",
            "signature": f"gerbang=:{signature}:",
        }
        return replace(said, headers=headers)


class _Folder:
    def __init__(self, player: _Player) -> None:
        self._player = player

    async def list(self) -> tuple[FileEntry, ...]:
        listed: Any = self._player.answer(LISTING)
        entries: tuple[FileEntry, ...] = listed
        return entries

    async def read(self, entry: FileEntry) -> bytes:
        content = self._player.answer(entry.name)
        if not isinstance(content, bytes):
            raise TypeError("something else was recorded")
        return content

    async def set_aside(self, _entry: FileEntry) -> bool:
        return False


class _Database:
    def __init__(self, player: _Player) -> None:
        self._player = player

    async def rows(self, statement: str, parameters: dict[str, SqlValue], limit: int) -> Rows:
        found: Any = self._player.answer(asked_of_rows(statement, parameters, limit))
        rows: Rows = found[:limit]
        return rows
