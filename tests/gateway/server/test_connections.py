"""Callers over real sockets: endless heads, heads and bodies that never come, and many requests on one connection."""

import asyncio
import contextlib
from datetime import timedelta

import pytest

import gateway.api.context
import gateway.server.connections
from gateway.app import create_app
from gateway.registry.registry import Registry
from gateway.server.serving import PortError, listen, serve
from gateway.settings import Settings
from tests.gateway.fakes import AGENCIES

pytestmark = pytest.mark.anyio


class Caller:
    """One connection."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    async def say(self, data):
        with contextlib.suppress(ConnectionError):
            self.writer.write(data)
            await self.writer.drain()

    async def answer(self):
        """The status and body of the next answer."""
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 10)
        length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if b"content-length" in line)
        return int(head.split(b" ")[1]), await self.reader.readexactly(length)

    async def ended(self):
        """Whether the gateway ended it, and what it said before."""
        with contextlib.suppress(ConnectionError):
            return await asyncio.wait_for(self.reader.read(), 10)
        return b""


@pytest.fixture
async def connect(tmp_path, anyio_backend, monkeypatch):
    monkeypatch.setattr(gateway.connections, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(gateway.routes.context, "BODY_WITHIN", timedelta(seconds=0.5))
    agencies = tmp_path / "agencies.toml"
    agencies.write_text(AGENCIES)
    sock = listen("127.0.0.1", 0)
    port = sock.getsockname()[1]
    app = create_app(Settings(mode="demo", home=tmp_path, port=port, agencies=agencies), registry=Registry(()))
    stop, started, callers = asyncio.Event(), asyncio.Event(), []

    async def ready():
        started.set()

    async def connecting():
        callers.append(Caller(*await asyncio.open_connection("127.0.0.1", port)))
        return callers[-1]

    serving = asyncio.create_task(serve(app, sock, stop, ready))
    await asyncio.wait_for(started.wait(), 30)
    yield connecting
    for caller in callers:
        caller.writer.close()
    stop.set()
    await serving
    sock.close()


ALIVE = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"


async def test_many_requests_on_one_connection_and_some_at_once(connect):
    caller = await connect()
    for _ in range(3):
        await caller.say(ALIVE)
        assert await caller.answer() == (200, b'{"alive":true}')
    await caller.say(ALIVE * 3 + ALIVE[:20])
    for _ in range(3):
        assert (await caller.answer())[0] == 200
    await caller.say(ALIVE[20:])
    assert (await caller.answer())[0] == 200
    # A pause longer than a head may take is no head.
    await asyncio.sleep(0.8)
    await caller.say(ALIVE)
    assert (await caller.answer())[0] == 200


async def test_a_head_that_is_sent_in_pieces_is_a_head(connect):
    caller = await connect()
    for at in range(0, len(ALIVE), 7):
        await caller.say(ALIVE[at : at + 7])
        await asyncio.sleep(0.01)
    assert (await caller.answer())[0] == 200


@pytest.mark.parametrize(
    "head",
    [
        b"GET /livez HTTP/1.1\r\nX-Long: " + b"a" * 100_000,
        b"GET /livez HTTP/1.1\r\n" + b"X-Many: a\r\n" * 20_000,
        b"GET /livez HTTP/1.1\r\n" + b"X-Many: a\r\n" * 4_000 + b"\r\n",
        b"GET /" + b"a" * 200_000,
        b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\n\r\n",
        b"\0\1\2\r\n\r\n",
    ],
    ids=["long header", "endless headers", "many headers", "endless address", "long address", "no HTTP"],
)
async def test_a_head_over_its_bound_is_refused_and_the_connection_ended(connect, head):
    caller = await connect()
    for at in range(0, len(head), 8192):
        await caller.say(head[at : at + 8192])
        await asyncio.sleep(0)
    assert (await caller.ended())[:12] in (b"HTTP/1.1 400", b"")
    other = await connect()
    await other.say(ALIVE)
    assert (await other.answer())[0] == 200


@pytest.mark.parametrize("head", [b"", b"GET", ALIVE[:-2], ALIVE + b"GET /livez"])
async def test_whoever_does_not_finish_their_head_is_left(connect, head):
    caller = await connect()
    await caller.say(head)
    said = await caller.ended()
    assert said.count(b"HTTP/1.1") == head.count(b"\r\n\r\n")


async def test_whoever_does_not_finish_their_body_is_answered_and_left(connect):
    caller = await connect()
    await caller.say(
        b"POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: 1000\r\n\r\ngrant_type="
    )
    status, _ = await caller.answer()
    assert status == 400


@pytest.mark.parametrize(
    ("request_", "after"),
    [
        (ALIVE, b"\r\n"),
        (
            b"POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: 1000\r\n\r\ngrant_type=",
            b"x",
        ),
    ],
    ids=["a line break", "a byte of a body that was answered"],
)
async def test_whoever_sends_no_request_after_an_answer_is_left(connect, request_, after):
    caller = await connect()
    await caller.say(request_)
    await caller.answer()
    await caller.say(after)
    assert await caller.ended() == b""


async def test_a_taken_port_is_told_in_one_sentence():
    with listen("127.0.0.1", 0) as taken, pytest.raises(PortError) as told:
        listen("127.0.0.1", taken.getsockname()[1])
    assert str(told.value).startswith("Port ")
