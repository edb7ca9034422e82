"""A small example simulator over real sockets."""

import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators import faults
from simulators.clock import Clock
from simulators.faults import GENERIC, FaultKind
from simulators.server import RunningSimulator, running
from simulators.spec import RecordRefusedError, SimulatorSpec, SimulatorState

SPEC = SimulatorSpec(
    id="nothing",
    faults=GENERIC | {FaultKind.LOGIN},
    own_faults=frozenset({FaultKind.LOGIN}),
    why_not={FaultKind.QUOTA: "it counts nothing"},
    settings=lambda _office, _url, _folder: {},
    is_write=lambda method, path: method == "POST" and path == "/letters",
)
HANG_SECONDS = 120
"""Maximum seconds of any wait: a test that waits longer hangs."""
LETTER = {"letter": "received", "words": ["a", "b", "c"]}


class _TestConnection(sqlite3.Connection):
    """A connection that is closed when the test no longer uses it, not only when the process exits."""

    def __del__(self) -> None:
        # It may be collected by another thread.
        with suppress(sqlite3.ProgrammingError):
            self.close()


@pytest.fixture(scope="session", autouse=True)
def simulators_end_with_their_tests(sockets: None) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=_TestConnection))
        yield


async def _read(request: Request) -> Response:
    if faults.current(request.scope) is FaultKind.LOGIN:
        return Response("<form action='/login'>", media_type="text/html")
    return JSONResponse(LETTER)


def _app(state: SimulatorState) -> Starlette:
    async def write(request: Request) -> Response:
        state.ledger.add({"text": (await request.body()).decode()}, code="G-1")
        return JSONResponse(LETTER, 201)

    def add(record: Mapping[str, Any]) -> str:
        if "name" not in record:
            raise RecordRefusedError("a record needs a name")
        return f"key of {record['name']}"

    state.add_record = add
    state.withdraw_record = lambda key: key == "key of it"
    return Starlette(
        routes=[
            Route("/letters", _read, methods=["GET"]),
            Route("/other", _read, methods=["GET"]),
            Route("/letters", write, methods=["POST"]),
        ]
    )


@pytest.fixture
async def simulator(tmp_path: Path) -> AsyncIterator[RunningSimulator]:
    state = SimulatorState(SPEC, None, tmp_path, clock=Clock(), seed=1)
    async with running(_app(state), state) as answering:
        yield answering


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, timeout=HANG_SECONDS) as asking:
        yield asking
