"""Callers over real sockets: heads, bodies and trailers without end, or that never come; many requests at once."""

import asyncio
import contextlib
import json
import socket
from datetime import timedelta
from ipaddress import ip_network

import pytest
from fastapi import FastAPI, Request, Response

import gateway.api.request_body
import gateway.server.connections
from gateway.app import create_app
from gateway.ground.connection_limits import ConnectionLimits, ConnectionSettings
from gateway.registry.registry import Registry
from gateway.server.connections import BoundedConnection
from gateway.server.serving import PortError, allow_open_files, listen, serve
from gateway.settings import Settings
from tests.gateway.fakes import AGENCIES

pytestmark = [pytest.mark.anyio, pytest.mark.sockets]


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
    monkeypatch.setattr(gateway.server.connections, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(gateway.api.request_body, "BODY_TIMEOUT", timedelta(seconds=0.5))
    agencies = tmp_path / "agencies.toml"
    agencies.write_text(AGENCIES)
    settings = Settings(mode="demo", home=tmp_path, port=0, issuer="http://localhost:8000", agencies=agencies)
    async with served(create_app(settings, registry=Registry(()))) as connecting:
        yield connecting


@pytest.fixture
async def echo(anyio_backend):
    """A connection to an application that answers with the headers and the body as they are once all has come."""
    app = FastAPI()

    @app.post("/echo")
    async def answer(request: Request) -> dict[str, object]:
        body = await request.body()
        return {"headers": dict(request.headers), "body": body.decode()}

    @app.post("/at-once")
    async def unread() -> dict[str, object]:
        return {}

    async with served(app) as connecting:
        yield connecting


@contextlib.asynccontextmanager
async def served(app, limits=None):
    """Serve an application; gives a function that makes a connection to it."""
    sock = listen("127.0.0.1", 0)
    port = sock.getsockname()[1]
    stop, started, callers = asyncio.Event(), asyncio.Event(), []

    async def ready():
        started.set()

    async def connecting(**options):
        callers.append(Caller(*await asyncio.open_connection("127.0.0.1", port, **options)))
        return callers[-1]

    serving = asyncio.create_task(serve(app, sock, stop, ready, limits))
    await asyncio.wait_for(started.wait(), 30)
    try:
        yield connecting
    finally:
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


CHUNKED = b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
AT_ONCE = CHUNKED.replace(b"/echo", b"/at-once")
SMALL_TRAILERS = b"Authorization: Bearer t\r\nX-Forwarded-For: 192.0.2.9\r\nExpect: 100-continue\r\nX-Checksum: 5\r\n"


async def test_trailers_are_dropped_and_the_next_request_is_read(echo):
    caller = await echo()
    await caller.say((CHUNKED + b"2\r\nhi\r\n0\r\n" + SMALL_TRAILERS + b"\r\n") * 2 + CHUNKED)
    await caller.say(b"0\r\n\r\n")
    answers = [await caller.answer() for _ in range(3)]
    assert [status for status, _ in answers] == [200, 200, 200]
    assert [json.loads(body)["body"] for _, body in answers] == ["hi", "hi", ""]
    for _, body in answers:
        assert json.loads(body)["headers"] == {"host": "x", "transfer-encoding": "chunked"}


async def test_trailers_that_come_byte_by_byte_are_dropped_too(echo):
    caller = await echo()
    await caller.say(CHUNKED + b"2\r\nhi\r\n0\r\n")
    for at in range(len(SMALL_TRAILERS)):
        await caller.say(SMALL_TRAILERS[at : at + 1])
        await asyncio.sleep(0)
    await caller.say(b"\r\n")
    status, body = await caller.answer()
    assert (status, json.loads(body)["headers"]) == (200, {"host": "x", "transfer-encoding": "chunked"})


TOO_MUCH = {
    "many trailers": b"0\r\n" + b"a: b\r\n" * 65 + b"\r\n",
    "endless trailers": b"0\r\n" + b"a: b\r\n" * 200_000,
    "a long trailer": b"0\r\na: " + b"b" * 10_000 + b"\r\n\r\n",
    "an endless trailer": b"0\r\na: " + b"b" * 1_000_000,
    "an endless name of a trailer": b"0\r\n" + b"b" * 1_000_000,
    "an endless extension": b"1;a=" + b"b" * 1_000_000,
    "extensions of many chunks": b"1;a=" + b"b" * 1_000,
}
TOO_MUCH["extensions of many chunks"] = (TOO_MUCH["extensions of many chunks"] + b"\r\nx\r\n") * 1_000


@pytest.mark.parametrize("body", TOO_MUCH.values(), ids=TOO_MUCH)
@pytest.mark.parametrize("head", [CHUNKED, AT_ONCE], ids=["unanswered", "answered"])
async def test_framing_over_its_bound_is_refused_and_the_connection_ended(echo, head, body):
    caller, sent = await echo(), 0
    await caller.say(head)
    if head is AT_ONCE:
        assert (await caller.answer())[0] == 200
    for at in range(0, len(body), 8192):
        await caller.say(body[at : at + 8192])
        sent += len(body[at : at + 8192])
        await asyncio.sleep(0)
    said = await caller.ended()
    # A second answer to one request would be taken for that of the next one.
    assert said[:12] in ((b"HTTP/1.1 400", b"") if head is CHUNKED else (b"",))
    assert b"HTTP/1.1 200" not in said


async def test_whoever_sends_trailers_slowly_is_left(echo, monkeypatch):
    monkeypatch.setattr(gateway.server.connections, "HEAD_SECONDS", 0.5)
    caller = await echo()
    await caller.say(AT_ONCE + b"0\r\n")
    assert (await caller.answer())[0] == 200
    ended = asyncio.create_task(caller.ended())
    async with asyncio.timeout(30):
        while not ended.done():
            await caller.say(b"a: b\r\n")
            await asyncio.sleep(0.05)
    assert await ended == b""


async def test_a_body_in_the_smallest_chunks_is_a_body(echo):
    caller = await echo()
    await caller.say(CHUNKED + b"1\r\nx\r\n" * 60_000 + b"0\r\n\r\n")
    status, body = await caller.answer()
    assert (status, json.loads(body)["body"]) == (200, "x" * 60_000)


class Waiting:
    """An application with requests that wait until they are released, and health checks that do not."""

    def __init__(self):
        self.app = FastAPI()
        self.released = asyncio.Event()
        self.waiting = asyncio.Semaphore(0)
        self.app.get("/livez")(self.alive)
        self.app.get("/readyz")(self.alive)
        self.app.get("/other")(self.alive)
        self.app.get("/wait")(self.wait)
        self.app.get("/large")(self.large)

    async def alive(self) -> None:
        pass

    async def wait(self) -> None:
        self.waiting.release()
        await self.released.wait()

    async def large(self) -> Response:
        return Response(bytes(50_000_000))


@pytest.fixture
def waiting(anyio_backend):
    return Waiting()


def get(path):
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


async def test_health_is_answered_however_many_connections_are_idle(waiting):
    allow_open_files(ConnectionSettings(most_requests=4000, most_idle=4000))  # both ends of them are in this process
    async with served(waiting.app) as connecting, contextlib.AsyncExitStack() as idle:
        address = (await connecting()).writer.get_extra_info("peername")
        for _ in range(2050):
            idle.enter_context(socket.create_connection(address))
            await asyncio.sleep(0)
        for path in ("/livez", "/readyz", "/other"):
            caller = await connecting()
            await caller.say(get(path))
            assert (await caller.answer())[0] == 200


async def test_health_is_answered_however_many_requests_there_are(waiting):
    limits = ConnectionLimits(ConnectionSettings(most_requests=2))
    async with served(waiting.app, limits) as connecting:
        busy = [await connecting() for _ in range(2)]
        for caller in busy:
            await caller.say(get("/wait"))
            await asyncio.wait_for(waiting.waiting.acquire(), 10)
        for path, status in {"/livez": 200, "/readyz?x": 200, "/other": 503, "/livez/": 503}.items():
            caller = await connecting()
            await caller.say(get(path))
            assert (await caller.answer())[0] == status
        waiting.released.set()
        for caller in busy:
            assert (await caller.answer())[0] == 200
            await caller.say(get("/other"))
            assert (await caller.answer())[0] == 200


async def test_an_address_with_too_many_idle_connections_loses_the_oldest_and_no_busy_one(waiting):
    limits = ConnectionLimits(ConnectionSettings(most_idle_per_address=3))
    async with served(waiting.app, limits) as connecting:
        busy = await connecting()
        await busy.say(get("/wait"))
        await asyncio.wait_for(waiting.waiting.acquire(), 10)
        kept_alive, fresh, begun = await connecting(), await connecting(), await connecting()
        await kept_alive.say(get("/other"))
        assert (await kept_alive.answer())[0] == 200  # it is the youngest of the three now
        await begun.say(b"GET /oth")
        last = await connecting()
        assert await fresh.ended() == b""
        await begun.say(b"er HTTP/1.1\r\nHost: x\r\n\r\n")
        for caller in (begun, kept_alive, last):
            if caller is not begun:
                await caller.say(get("/other"))
            assert (await caller.answer())[0] == 200
        waiting.released.set()
        assert (await busy.answer())[0] == 200


async def test_a_trusted_proxy_may_hold_more_idle_connections_than_a_caller(waiting):
    limits = ConnectionLimits(ConnectionSettings(most_idle_per_address=1), (ip_network("127.0.0.0/8"),))
    async with served(waiting.app, limits) as connecting:
        callers = [await connecting() for _ in range(5)]
        for caller in callers:
            await caller.say(get("/other"))
            assert (await caller.answer())[0] == 200


async def test_how_long_an_idle_connection_is_kept_is_a_setting(waiting):
    limits = ConnectionLimits(ConnectionSettings(keep_alive=timedelta(seconds=0.3)))
    async with served(waiting.app, limits) as connecting:
        caller = await connecting()
        await caller.say(get("/other"))
        assert (await caller.answer())[0] == 200
        assert await caller.ended() == b""
        assert limits.idle == 0


async def test_whoever_does_not_read_an_answer_is_left(waiting, monkeypatch):
    monkeypatch.setattr(gateway.server.connections, "UNREAD_SECONDS", 0.3)
    dropped, drop = asyncio.Event(), BoundedConnection.drop

    def noting(connection):
        drop(connection)
        dropped.set()

    monkeypatch.setattr(BoundedConnection, "drop", noting)
    async with served(waiting.app) as connecting:
        caller = await connecting(limit=1024)
        await caller.say(get("/large"))
        await asyncio.wait_for(dropped.wait(), 60)
        assert len(await caller.ended()) < 50_000_000


async def test_a_taken_port_is_told_in_one_sentence():
    with listen("127.0.0.1", 0) as taken, pytest.raises(PortError) as told:
        listen("127.0.0.1", taken.getsockname()[1])
    assert str(told.value).startswith("Port ")


class HalfReady:
    """An application that answers `/ready` at once, and other paths in a task that waits until it may go on."""

    def __init__(self):
        self.may_go_on = asyncio.Event()
        self.length = self.written = 0

    def answer_at_once(self, scope):
        """The bytes of a ready answer."""
        if scope["path"] != "/ready":
            return None
        self.written += 1
        body = (b"ready " + scope["query_string"]).ljust(self.length)
        return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n" % len(body), body

    async def __call__(self, scope, receive, send):
        await self.may_go_on.wait()
        body = b"slow " + scope["query_string"]
        length = (b"content-length", b"%d" % len(body))
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        await send({"type": "http.response.body", "body": body})


@contextlib.asynccontextmanager
async def half_ready():
    application = FastAPI()
    application.middleware_stack = HalfReady()
    async with served(application) as connecting:
        yield application.middleware_stack, await connecting()


def read(target, *headers, method="GET", version="1.1"):
    """The bytes of a request."""
    return "\r\n".join([f"{method} {target} HTTP/{version}", "Host: x", *headers, "", ""]).encode()


async def test_ready_answers_are_written_at_once_one_after_another(anyio_backend):
    async with half_ready() as (_, caller):
        await caller.say(b"".join(read(f"/ready?{n}") for n in range(50)))
        for n in range(50):
            assert await caller.answer() == (200, b"ready %d" % n)


async def test_a_ready_answer_does_not_overtake_one_that_is_waited_for(anyio_backend):
    async with half_ready() as (application, caller):
        await caller.say(read("/ready?1") + read("/slow?2") + read("/ready?3") + read("/slow?4") + read("/ready?5"))
        assert await caller.answer() == (200, b"ready 1")
        application.may_go_on.set()
        # What came while an answer was waited for is answered in a task too.
        for body in (b"slow 2", b"slow 3", b"slow 4", b"slow 5"):
            assert await caller.answer() == (200, body)
        await caller.say(read("/ready?6"))
        assert await caller.answer() == (200, b"ready 6")


@pytest.mark.parametrize(
    "request_",
    [
        read("/ready?1", "Connection: close"),
        read("/ready?1", version="1.0"),
        read("/ready?1", method="POST"),
    ],
)
async def test_only_plain_reads_on_kept_connections_are_answered_at_once(anyio_backend, request_):
    async with half_ready() as (application, caller):
        application.may_go_on.set()
        await caller.say(request_)
        assert await caller.answer() == (200, b"slow 1")


async def test_after_a_ready_answer_the_next_head_must_arrive_in_time(anyio_backend, monkeypatch):
    monkeypatch.setattr(gateway.server.connections, "HEAD_SECONDS", 0.3)
    async with half_ready() as (_, caller):
        await caller.say(read("/ready?1"))
        assert await caller.answer() == (200, b"ready 1")
        await caller.say(b"GET /ready HTTP/1.1\r\nx: ")
        assert await caller.ended() == b""


async def test_a_caller_that_reads_nothing_gets_few_ready_answers(anyio_backend):
    """Answers to a caller that does not read them must not fill the memory."""
    async with half_ready() as (application, caller):
        application.length = 1_000_000
        application.may_go_on.set()
        caller.writer.write(read("/ready") * 500)
        assert await caller.answer() == (200, b"ready ".ljust(1_000_000))
        # The sockets' own buffers take some; the rest waits until the caller reads.
        assert application.written < 100
