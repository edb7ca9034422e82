"""Count the calls of our code per request, for a public list (kept, and made anew) and for a resident's overview.

Starts the simulated city and the gateway, in a temporary home directory. The gateway runs in this process. Each request
is sent a few times first, so that connections, sessions and caches exist, and is then counted once.

Files and functions below `gateway/`, `adapters/` and `schemas/` are counted. A comprehension counts as part of its
function, and the resumption of a coroutine or generator is not a call.

Only the request itself is counted. A context variable is set while its bytes are handed to the server; tasks and
threads that the request starts inherit it. Background tasks (feeds, the writer of the access log, the comparison of
drift) were started earlier and do not have it.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Final

import httpx

from gateway.app import create_app
from gateway.demo.city import city_home, start_city
from gateway.demo.home import ensure_home, settings_at
from gateway.demo.seed import issue_demo_token, seed_demo
from gateway.ground.connection_limits import ConnectionLimits
from gateway.ground.master_key import open_sealer
from gateway.server.connections import BoundedConnection
from gateway.server.serving import listen, serve
from gateway.settings import Settings
from gateway.storage.engine import Database
from gateway.storage.migration import migrate

ROOT: Final = Path(__file__).resolve().parents[1]
ROOMS: Final = ("gateway/", "adapters/", "schemas/")
_OURS: Final = tuple(f"{ROOT}{os.sep}{room}" for room in ROOMS)
_COMPREHENSIONS: Final = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"})
_WARM_UP: Final = 3
_MARK: Final = b"x-counted: yes"
_CITY_SECONDS: Final = 90.0


@dataclass(frozen=True, slots=True)
class CountedRequest:
    """A request whose calls are counted. `answered` says by what, if the path alone does not."""

    path: str
    answered: str = ""
    signed_in: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of its row."""
        return f"GET {self.path}{f', {self.answered}' if self.answered else ''}"


REQUESTS: Final = (
    CountedRequest("/v1/complaints", "kept"),
    # A request with this header is never answered by kept bytes, and the application does not read it.
    CountedRequest("/v1/complaints", "made anew", headers={"If-Modified-Since": "Thu, 01 Jan 2026 00:00:00 GMT"}),
    CountedRequest("/v1/me/overview", signed_in=True),
)

_counter: ContextVar["Counter[CodeType] | None"] = ContextVar("counter", default=None)
_current: "Counter[CodeType]" = Counter()


def _profile(frame: FrameType, event: str, _argument: object) -> None:
    """Count a call that belongs to the counted request."""
    if event != "call":
        return
    counter = _counter.get()
    code = frame.f_code
    if counter is None or not code.co_filename.startswith(_OURS) or code.co_name in _COMPREHENSIONS:
        return
    # The argument of RESUME is 0 at the start of a function, and not 0 after a yield or an await.
    if code.co_code[frame.f_lasti + 1] & 3 == 0:
        counter[code] += 1


def _mark_requests() -> None:
    """Set the context variable while the bytes of a marked request are handed to the server."""
    original = BoundedConnection.data_received

    def data_received(self: BoundedConnection, data: bytes) -> None:
        token = _counter.set(_current if _MARK in data.lower() else None)
        try:
            original(self, data)
        finally:
            _counter.reset(token)

    BoundedConnection.data_received = data_received  # type: ignore[method-assign]


async def _count(address: str, path: str, headers: Mapping[str, str]) -> "Counter[CodeType]":
    """Return the calls of one request, sent after some warm-up requests."""
    global _current  # noqa: PLW0603 - the server shares no object with this function
    async with httpx.AsyncClient(base_url=address, headers=headers, trust_env=False, timeout=60) as client:
        for _ in range(_WARM_UP):
            _checked(await client.get(path))
        _current = Counter()
        sys.setprofile(_profile)
        try:
            answer = await client.get(path, headers={"X-Counted": "yes"})
        finally:
            sys.setprofile(None)
    _checked(answer)
    return _current


def _checked(answer: httpx.Response) -> None:
    if answer.status_code != 200 or not answer.json()["complete"] or not answer.json()["items"]:
        raise SystemExit(f"{answer.url} did not answer in full: {answer.status_code} {answer.text[:500]}")


async def count_requests(port: int) -> "dict[str, Counter[CodeType]]":
    """Start a city and a gateway, count the calls of each request, and stop both."""
    ensure_home()
    settings = settings_at(Path(os.environ["GERBANG_HOME"]), port)
    city = start_city(city_home())
    try:
        token = await _prepare(settings, city)
        return await _serve(settings, token)
    finally:
        city.terminate()
        await asyncio.to_thread(city.wait)


async def _prepare(settings: Settings, city: "subprocess.Popen[bytes]") -> str:
    """Create the tables and accounts of the demonstration; return an access token of its resident."""
    database = Database(settings.database, settings.database_limits)
    try:
        await asyncio.to_thread(migrate, database)
        async with asyncio.timeout(_CITY_SECONDS):
            while not (city_home() / "city.json").exists():
                if city.poll() is not None:
                    raise SystemExit("The simulated city ended before it was ready.")
                await asyncio.sleep(0.1)
        people = json.loads((city_home() / "people.json").read_text("utf-8"))
        sealer = open_sealer(settings)
        await seed_demo(database, sealer, settings, people)
        return await issue_demo_token(database, sealer, settings, "resident")
    finally:
        await database.aclose()


async def _serve(settings: Settings, token: str) -> "dict[str, Counter[CodeType]]":
    counts: dict[str, Counter[CodeType]] = {}
    app = create_app(settings)
    stop = asyncio.Event()

    async def started() -> None:
        try:
            await app.state.deps.feeds.wait_until_tried()
            for request in REQUESTS:
                token_header = {"Authorization": f"Bearer {token}"} if request.signed_in else {}
                counts[request.name] = await _count(
                    settings.issuer_url, request.path, {**token_header, **request.headers}
                )
        finally:
            stop.set()

    with listen(settings.host, settings.port) as sock:
        await serve(app, sock, stop, started, ConnectionLimits(settings.connections, settings.trusted_proxies))
    return counts


def _file(code: CodeType) -> str:
    return str(Path(code.co_filename).relative_to(ROOT))


def _print_table(counts: "dict[str, Counter[CodeType]]") -> None:
    print(f"{'request':<32}{'files':>8}{'functions':>12}{'calls':>8}")
    for name, calls in counts.items():
        _print_row(name, calls)
        for room in ROOMS:
            within: Counter[CodeType] = Counter({code: n for code, n in calls.items() if _file(code).startswith(room)})
            _print_row(f"  {room}", within)


def _print_row(name: str, calls: "Counter[CodeType]") -> None:
    files = {code.co_filename for code in calls}
    print(f"{name:<32}{len(files):>8}{len(calls):>12}{calls.total():>8}")


def _print_list(name: str, calls: "Counter[CodeType]") -> None:
    """Print each function with its number of calls, in the order of the first call, grouped by file."""
    print(f"\n{name}")
    last = ""
    for code, times in calls.items():
        if _file(code) != last:
            last = _file(code)
            print(f"  {last}")
        print(f"    {times:>5}  {code.co_qualname}")


def main() -> None:
    """Count, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="list the functions in the order of their first call")
    parser.add_argument("--port", type=int, default=8765)
    options = parser.parse_args()
    _mark_requests()
    threading.setprofile(_profile)
    with tempfile.TemporaryDirectory(prefix="gerbang-count-") as home:
        os.environ["GERBANG_HOME"] = home
        counts = asyncio.run(count_requests(options.port))
    _print_table(counts)
    if options.list:
        for name, calls in counts.items():
            _print_list(name, calls)


if __name__ == "__main__":
    main()
