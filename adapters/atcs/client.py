"""Client of the control centre: the wall, the table of positions, the counts, and the playlist of each stream."""

from collections.abc import AsyncIterator, Mapping
from typing import Final

from pydantic import JsonValue, TypeAdapter

from adapters.atcs.addresses import path_on, shown
from adapters.atcs.playlists import NotAPlaylistError, newest
from adapters.atcs.settings import Settings
from adapters.atcs.wire import Aliran, Hitungan, Jam, Kamera, Posisi
from adapters.contract import Bad, Batch, Call
from adapters.errors import (
    CredentialsRefusedError,
    QueryRefusedError,
    UpstreamMalformedError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from adapters.legacy.dates import local_time
from adapters.legacy.envelopes import looks_like_html, read_json, read_rows
from adapters.legacy.statuses import raise_for_status
from adapters.upstream import HttpAnswer, HttpRequest, HttpUpstream

WallCall = Call[Settings, HttpUpstream]

MOST_LOOKS: Final = 24
_MOST_AWAY: Final = 3
_ROWS: Final[TypeAdapter[list[JsonValue]]] = TypeAdapter(list[JsonValue])
_CAMERA: Final = TypeAdapter(Kamera)
_POSITION: Final = TypeAdapter(Posisi)
_COUNT: Final = TypeAdapter(Hitungan)
_TIME: Final = TypeAdapter(Jam)


async def probe(call: WallCall) -> None:
    """Check that the centre is available and shows its wall to us."""
    await _filled(call, "/api/public/cameras/wall")


async def feed_cameras(call: WallCall, _mark: str | None) -> AsyncIterator[Batch[Kamera]]:
    """Yield the whole wall, with the position of each camera and the state of its stream.

    The clock is requested last: if the shield was activated meanwhile, this request fails, and with it the feed.
    """
    wall = read_rows(await _filled(call, "/api/public/cameras/wall"), _CAMERA)
    positions = await _positions(call)
    streams = await _looked_at(call, [camera for camera in wall if isinstance(camera, Kamera)])
    found: list[Kamera | Bad] = []
    for camera in wall:
        if isinstance(camera, Kamera):
            own = {"posisi": positions.get(camera.code), "aliran": streams.get(camera.code), "asal": _origin(call)}
            camera = camera.model_copy(update=own)  # noqa: PLW2901 - the same camera, completed
        found.append(camera)
    clock = read_json(await _sent(call, "/api/public/time"), _TIME)
    yield Batch(tuple(found), as_of=local_time(clock.waktu).value, whole=True)


async def feed_counts(call: WallCall, _mark: str | None) -> AsyncIterator[Batch[Hitungan]]:
    """Yield the counts of every junction, with its position."""
    rows = read_rows(await _filled(call, "/api/public/counts"), _COUNT)
    junctions = {position.simpang: position for position in reversed((await _positions(call)).values())}
    found = tuple(
        row
        if isinstance(row, Bad)
        else row.model_copy(update={"posisi": junctions.get(row.simpang), "diambil": call.now})
        for row in rows
    )
    yield Batch(found, whole=True)


async def _positions(call: WallCall) -> dict[str, Posisi]:
    """Return the table of positions, by camera; an unreadable row is left out, so its camera has no position."""
    listed = read_json(await _sent(call, "/api/public/positions"), _ROWS)
    return {row.kode: row for row in read_rows(listed, _POSITION) if isinstance(row, Posisi)}


async def _looked_at(call: WallCall, cameras: list[Kamera]) -> Mapping[str, Aliran]:
    """Check the playlists on the wall's own host: a limited number each time, each camera in its turn.

    When several cannot be reached, the others are not tried: then the host has failed, not each of its cameras.
    """
    found: dict[str, Aliran] = {}
    away = 0
    for camera, path in _in_turn(call, cameras):
        try:
            found[camera.code] = await _look(call, path)
        except (UpstreamUnavailableError, UpstreamTimeoutError):
            away += 1
            if away == _MOST_AWAY:
                break
        except UpstreamMalformedError:
            found[camera.code] = Aliran(diperiksa=call.now)
        except QueryRefusedError:
            # This address cannot be requested: an error of one camera only.
            continue
    return found


def _in_turn(call: WallCall, cameras: list[Kamera]) -> list[tuple[Kamera, str]]:
    own = [(camera, path_on(shown(camera.stream, _origin(call)), _base(call))) for camera in cameras]
    ours = [(camera, path) for camera, path in own if path is not None]
    start = int(call.now.timestamp()) // 30 * MOST_LOOKS % len(ours) if len(ours) > MOST_LOOKS else 0
    return [*ours[start:], *ours[:start]][:MOST_LOOKS]


async def _look(call: WallCall, path: str) -> Aliran:
    answer = await call.up.send(HttpRequest("GET", path, headers={"Referer": call.settings.referer}))
    if 300 <= answer.status < 400 or _puzzle(answer):
        # One stream may have moved; if it is the shield, the request for the clock fails.
        raise UpstreamUnavailableError("the address of a stream redirects")
    if 400 <= answer.status < 500:
        return Aliran(diperiksa=call.now)
    raise_for_status(answer, call.now)
    try:
        ends, dated = newest(answer.content, call.now)
    except NotAPlaylistError:
        raise UpstreamMalformedError("the answer is not a playlist") from None
    return Aliran(diperiksa=call.now, terbaru=ends, bertanggal=dated)


async def _filled(call: WallCall, path: str) -> list[JsonValue]:
    """Return a list that must not be empty: requests without the agreed Referer get an empty list (Q07)."""
    rows = read_json(await _sent(call, path), _ROWS)
    if not rows:
        raise UpstreamMalformedError("the list is empty, as for requests without the agreed Referer")
    return rows


async def _sent(call: WallCall, path: str) -> HttpAnswer:
    answer = await call.up.send(HttpRequest("GET", path, headers={"Referer": call.settings.referer}))
    _not_challenged(answer)
    raise_for_status(answer, call.now)
    return answer


def _not_challenged(answer: HttpAnswer) -> None:
    """Raise for a puzzle for browsers (Q08): it is never solved; the agency has to admit the gateway."""
    if 300 <= answer.status < 400 or _puzzle(answer):
        raise CredentialsRefusedError("the centre's bot protection blocks us: ask the agency to admit the gateway")


def _puzzle(answer: HttpAnswer) -> bool:
    return looks_like_html(answer.content) and b"sha256" in answer.content


def _base(call: WallCall) -> str:
    return str(call.settings.base_url).rstrip("/")


def _origin(call: WallCall) -> str:
    """Return scheme, host and port of the wall, without a path."""
    scheme, _, rest = _base(call).partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"
