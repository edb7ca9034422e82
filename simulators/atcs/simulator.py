"""The traffic control centre's web service: the camera wall, positions, counts, and the streams."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from simulators import faults
from simulators.atcs import stream
from simulators.atcs.junctions import counts
from simulators.atcs.store import Store
from simulators.faults import GENERIC, FaultKind
from simulators.spec import RecordRefusedError, Settings, SimulatorSpec, SimulatorState

PAGE: Final = "/dinding"
_CHALLENGE: Final = "/.tantangan"
_PUZZLE: Final = """<!DOCTYPE html><html><head><title>Memeriksa peramban Anda</title></head><body>
<p>Mohon tunggu, peramban Anda sedang diperiksa.</p>
<script>const soal = "9b1f", tingkat = 5; /* cari angka n: sha256(soal + n) diawali nol sebanyak tingkat */</script>
</body></html>
"""
_FIELDS: Final = frozenset({"code", "name", "stream", "poster", "aliran"})


def _settings(_office: str | None, url: str, _folder: Path) -> Settings:
    return {"referer": f"{url}{PAGE}"}


SIMULATOR: Final = SimulatorSpec(
    id="atcs",
    faults=GENERIC | {FaultKind.LOGIN},
    own_faults=frozenset({FaultKind.LOGIN}),
    why_not={
        FaultKind.SESSION_EXPIRED: "the service has no login and no session",
        FaultKind.QUOTA: "the service has no quota",
        FaultKind.CLOCK_SKEW: "requests contain no time, so a wrong clock has no effect",
    },
    settings=_settings,
)


class Service:
    """The web service over its storage. `empty`: the wall shows no cameras to any client."""

    def __init__(self, store: Store, state: SimulatorState) -> None:
        self._store = store
        self._state = state
        self.empty = False

    async def wall(self, request: Request) -> Response:
        """Return the cameras; an empty list without the wall's page as Referer (Q07)."""
        if self.empty or not _from_the_page(request):
            return JSONResponse([])
        shown = [{name: value for name, value in one.items() if name != "aliran"} for one in self._store.cameras]
        return JSONResponse(shown)

    async def positions(self, _request: Request) -> Response:
        """Return the table of positions."""
        return JSONResponse(self._store.positions)

    async def counts(self, request: Request) -> Response:
        """Return the loops' counts; an empty list without the wall's page as Referer (Q07)."""
        return JSONResponse(counts(self._state.clock.now()) if _from_the_page(request) else [])

    async def time(self, _request: Request) -> Response:
        """Return the centre's time."""
        return JSONResponse({"waktu": self._state.clock.now().strftime("%Y-%m-%d %H:%M:%S")})

    async def playlist(self, request: Request) -> Response:
        """Return the playlist of one camera's stream."""
        state = self._store.state_of(request.path_params["code"])
        if state == "closed":
            return PlainTextResponse("forbidden\n", 403)
        text = stream.playlist(state, self._state.clock.now()) if state else None
        if text is None:
            return PlainTextResponse("not found\n", 404)
        return Response(text, media_type="application/vnd.apple.mpegurl")

    async def part(self, request: Request) -> Response:
        """Return a segment of a stream, or its still picture."""
        if request.path_params["part"] == "poster.png":
            return Response(stream.poster(), media_type="image/png")
        return Response(stream.segment(), media_type="video/mp2t")

    async def page(self, _request: Request) -> Response:
        """Return the wall's page."""
        return HTMLResponse("<!DOCTYPE html><html><head><title>ATCS</title></head><body><h1>ATCS</h1></body></html>\n")

    async def challenge(self, _request: Request) -> Response:
        """Return the page that the bot protection redirects to (Q08)."""
        return HTMLResponse(_PUZZLE)

    def add(self, record: Mapping[str, Any]) -> str:
        """Add `{"kind": "camera", "code": …}` or `{"kind": "empty-wall"}`; see the README."""
        if record.get("kind") == "empty-wall":
            self.empty = True
            return "empty-wall"
        fields = {name: value for name, value in record.items() if name != "kind"}
        if record.get("kind") != "camera" or not set(fields) <= _FIELDS or not fields.get("code"):
            raise RecordRefusedError(f"kind is camera or empty-wall; a camera has a code, and of {sorted(_FIELDS)}")
        if not all(isinstance(value, str) for value in fields.values()):
            raise RecordRefusedError("all fields of a camera are texts")
        if fields.get("aliran", "live") not in stream.STATES:
            raise RecordRefusedError(f"aliran is one of: {', '.join(stream.STATES)}")
        self._store.put(fields)
        return str(fields["code"])

    def withdraw(self, key: str) -> bool:
        """Remove a camera by its code, or end `empty-wall`."""
        if key == "empty-wall":
            was, self.empty = self.empty, False
            return was
        return self._store.remove(key)


def _from_the_page(request: Request) -> bool:
    return request.headers.get("referer", "").endswith(PAGE)


class Shield:
    """Bot protection: while it is active, every request is redirected to a challenge for browsers (Q08)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Redirect to the challenge, or pass the request on."""
        up = faults.current(scope) is FaultKind.LOGIN and scope["path"] != _CHALLENGE
        await (RedirectResponse(_CHALLENGE, 302) if up else self._app)(scope, receive, send)


def build(office: str | None, state: SimulatorState) -> ASGIApp:  # noqa: ARG001 - this system has one office
    """Return the service over its storage in `state.folder`."""
    service = Service(Store(state.folder), state)
    state.add_record, state.withdraw_record = service.add, service.withdraw
    routes: Mapping[str, Any] = {
        "/api/public/cameras/wall": service.wall,
        "/api/public/positions": service.positions,
        "/api/public/counts": service.counts,
        "/api/public/time": service.time,
        "/stream/{code}/index.m3u8": service.playlist,
        "/stream/{code}/{part}": service.part,
        PAGE: service.page,
        _CHALLENGE: service.challenge,
    }
    return Shield(Starlette(routes=[Route(path, handle, methods=["GET"]) for path, handle in routes.items()]))
