"""Connections of our own HTTP engine: when they are kept, shared and closed, on both event loops that serve us."""

import asyncio
import gc
import socket
import ssl
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from adapters.contract import HttpOfficeSettings
from adapters.errors import (
    AdapterError,
    NotSentError,
    QueryRefusedError,
    UpstreamMalformedError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from adapters.upstream import HttpAnswer, HttpRequest
from conformance.loopback import LoopbackServer
from gateway.upstream.http import lean_connect, request_head
from gateway.upstream.http.body import PlainBody
from gateway.upstream.http.lean_connection import LeanConnection
from tests.gateway.ports import held
from tests.gateway.upstream.hostile_answers import MAX_BYTES, exchanges
from tests.loops import examples

pytestmark = pytest.mark.anyio

GET = HttpRequest("GET", "/x")
POST = HttpRequest("POST", "/x", content=b"{}", safe=False)


@pytest.fixture(
    params=[("asyncio", {"use_uvloop": False}), ("asyncio", {"use_uvloop": True})],
    ids=["asyncio", "uvloop"],
    scope="module",
)
def anyio_backend(request):
    """The gateway is served on uvloop; its commands run on asyncio's own loop."""
    return request.param


@pytest.fixture
def engine() -> str:
    return "lean"


@pytest.fixture
def connections(monkeypatch):
    """Every connection that an engine makes."""
    made = []
    connect = lean_connect._connect

    async def counted(*args):
        connection = await connect(*args)
        made.append(connection)
        return connection

    monkeypatch.setattr(lean_connect, "_connect", counted)
    return made


async def until(condition):
    """Wait for what the other end of a connection causes."""
    for _ in range(30_000):
        if condition():
            return
        await asyncio.sleep(0.001)
    raise TimeoutError


async def test_safe_requests_share_a_connection(server, reach, connections):
    up = reach().up()
    for _ in range(3):
        await up.send(GET)
    assert (server.connections, len(connections)) == (1, 1)


async def test_requests_at_the_same_time_have_connections_of_their_own_and_the_newest_is_used_again(
    server, reach, connections
):
    up = reach().up()
    await asyncio.gather(*(up.send(GET) for _ in range(3)))
    assert len(connections) == 3
    for _ in range(3):
        await up.send(GET)
    assert len(connections) == 3


@pytest.mark.parametrize("surplus", [b"\r\n", b"x", b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"old"'])
async def test_a_connection_with_surplus_bytes_is_never_used_again(surplus, server, reach, connections):
    async def with_the_answer(seen):
        await seen.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}" + surplus)

    server.script = with_the_answer
    up = reach().up()
    for _ in range(3):
        assert (await up.send(GET)).content == b"{}"
    assert server.connections == 3
    assert not any(connection.is_open for connection in connections)


async def test_bytes_on_an_idle_connection_close_it(server, reach, connections):
    up = reach().up()
    await up.send(GET)
    await server.seen[0].raw(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    await until(lambda: not connections[0].is_open)
    await up.send(GET)
    assert server.connections == 2


async def test_a_connection_that_the_system_closed_is_not_used_again(server, reach, connections):
    up = reach().up()
    await up.send(GET)
    server.seen[0].close()
    await until(lambda: not connections[0].reusable)
    await up.send(GET)
    assert server.connections == 2


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\nConnection: close", b"HTTP/1.0 200 OK", b"HTTP/1.1 200 OK\r\nConnection: Close, x"]
)
async def test_a_connection_that_the_system_does_not_keep_is_closed(head, server, reach, connections):
    server.script = lambda seen: seen.raw(head + b"\r\nContent-Length: 2\r\n\r\n{}")
    up = reach().up()
    await up.send(GET)
    assert not connections[0].is_open
    await up.send(GET)
    assert server.connections == 2


async def test_an_idle_connection_is_closed_after_its_time(server, reach, connections):
    up = reach(tuning={"kept_connection": timedelta(seconds=0.05)}).up()
    await asyncio.gather(up.send(GET), up.send(GET))
    await until(lambda: not any(connection.is_open for connection in connections))
    await up.send(GET)
    assert server.connections == 3


async def test_no_connection_is_kept_for_no_time(server, reach, connections):
    up = reach(tuning={"kept_connection": timedelta(0)}).up()
    await up.send(GET)
    assert not connections[0].is_open


async def test_more_idle_connections_than_the_bound_are_closed(server, reach, connections, monkeypatch):
    monkeypatch.setattr("gateway.upstream.http.lean_engine._MOST_IDLE", 2)
    up = reach().up()
    await asyncio.gather(*(up.send(GET) for _ in range(4)))
    assert sum(connection.is_open for connection in connections) == 2


async def test_an_unsafe_request_gets_a_new_connection_that_is_closed_afterwards(server, reach, connections):
    up = reach().up()
    await up.send(GET)
    for _ in range(2):
        await up.send(POST)
    await up.send(GET)
    assert [connection.is_open for connection in connections] == [True, False, False]
    assert [seen.headers.get("connection") for seen in server.seen] == [None, "close", "close", None]


async def test_a_cancelled_request_closes_its_connection(server, reach, connections):
    arrived = asyncio.Event()

    async def hang(seen):
        arrived.set()
        await asyncio.sleep(60)

    server.script = hang
    running = asyncio.create_task(reach().up().send(GET))
    await arrived.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not connections[0].is_open


async def test_a_late_answer_is_not_taken_for_the_next_one(server, reach, connections):
    async def late(seen):
        if seen.target == "/api/x":
            await asyncio.sleep(0.3)
        await seen.reply(seen.target.encode())

    server.script = late
    made = reach(slowest=timedelta(seconds=0.1))
    with pytest.raises(UpstreamTimeoutError, match="slowest"):
        await made.up().send(GET)
    assert not connections[0].is_open
    assert (await made.up().send(HttpRequest("GET", "/y"))).content == b"/api/y"


async def test_closing_the_office_ends_what_is_under_way_and_closes_every_connection(server, reach, connections):
    made = reach()
    up = made.up()
    await asyncio.gather(up.send(GET), up.send(GET))
    arrived = asyncio.Event()

    async def hang(seen):
        arrived.set()
        await asyncio.sleep(60)

    server.script = hang
    running = [asyncio.create_task(made.up().send(request)) for request in (GET, POST)]
    await arrived.wait()
    await until(lambda: len(server.seen) == 4)
    tasks = asyncio.all_tasks()
    await made.upstreams.aclose()
    ended = await asyncio.gather(*running, return_exceptions=True)
    assert [type(one) for one in ended] == [UpstreamUnavailableError] * 2
    assert len(connections) == 3
    assert not any(connection.is_open for connection in connections)
    assert asyncio.all_tasks() <= tasks


async def test_a_connection_made_while_the_office_closes_is_closed(server, reach, connections, monkeypatch):
    made = reach()
    connect = lean_connect._connect

    async def closes_meanwhile(*args):
        connection = await connect(*args)
        await made.upstreams.aclose()
        return connection

    monkeypatch.setattr(lean_connect, "_connect", closes_meanwhile)
    with pytest.raises(NotSentError):
        await made.up().send(POST)
    assert server.seen == []
    assert not connections[0].is_open


async def test_an_answer_before_the_request_is_written_completely_ends_the_connection(reach, connections):
    """A system that refuses a large body early: the rest of the body must not become the beginning of a request."""

    async def refuses(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        await asyncio.sleep(60)

    made = reach()
    async with LoopbackServer(refuses) as listening:
        made.settings = HttpOfficeSettings.model_validate({"base_url": f"http://127.0.0.1:{listening.port}"})
        answer = await made.up().send(HttpRequest("POST", "/x", content=b"x" * 30_000_000))
    assert answer.status == 413
    assert not connections[0].is_open


async def test_bytes_before_the_request_end_the_connection():
    """Such as the greeting of a mail server; no request is written after it."""
    connection, wire = LeanConnection(), Wire()
    connection.connection_made(wire)
    connection.data_received(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    assert not connection.is_open


class Resolved:
    """Names that resolve to the given addresses."""

    def __init__(self, monkeypatch, *addresses):
        self.addresses = addresses
        monkeypatch.setattr(lean_connect, "_addresses", self._found)

    async def _found(self, _destination):
        return [(socket.AF_INET, address) for address in self.addresses]


@pytest.mark.parametrize(
    "end",
    [b"0\r\n\r\n", b"5\r\nlarge\r\n", b"not a chunk\r\n", None],
    ids=["complete", "too large", "bad framing", "cut off"],
)
async def test_what_was_read_is_freed_without_garbage_collection(end):
    """Collections are rare: answers of megabytes, and errors about them, must not wait for the next one."""
    connection = LeanConnection()
    connection.connection_made(Wire())
    outcome = asyncio.ensure_future(connection.exchange(b"request", 10, None))
    await asyncio.sleep(0)
    gc.collect()
    before = {id(found) for found in gc.get_objects() if isinstance(found, PlainBody)}
    gc.disable()
    try:
        connection.data_received(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhostile!\r\n")
        if end is None:
            connection.connection_lost(None)
        else:
            connection.data_received(end)
        [ended] = await asyncio.gather(outcome, return_exceptions=True)
        assert isinstance(ended, HttpAnswer if end == b"0\r\n\r\n" else UpstreamMalformedError)
        assert [found for found in gc.get_objects() if isinstance(found, PlainBody) and id(found) not in before] == []
    finally:
        gc.enable()


async def test_the_next_address_is_tried_when_one_refuses(server, reach, monkeypatch):
    made = reach()
    Resolved(monkeypatch, ("127.0.0.1", held(made)), ("127.0.0.1", server.port))
    assert (await made.up().send(GET)).status == 200


async def test_the_next_address_is_tried_beside_a_slow_one(server, reach, monkeypatch):
    sockets, connect = [], lean_connect._attempt

    async def slow_first(address, made):
        sockets.append(address)
        if address == "slow":
            await asyncio.Event().wait()
        return await connect(address, made)

    async def found(_destination):
        return ["slow", (socket.AF_INET, ("127.0.0.1", server.port))]

    monkeypatch.setattr(lean_connect, "_addresses", found)
    monkeypatch.setattr(lean_connect, "_attempt", slow_first)
    before = asyncio.all_tasks()
    assert (await reach().up().send(GET)).status == 200
    assert len(sockets) == 2
    await asyncio.sleep(0)
    assert {task for task in asyncio.all_tasks() - before if "slow_first" in repr(task)} == set()


async def test_no_address_that_answers_is_unavailable(reach, monkeypatch):
    made = reach()
    Resolved(monkeypatch, ("127.0.0.1", held(made)), ("127.0.0.1", held(made)))
    with pytest.raises(NotSentError, match="refused"):
        await made.up().send(POST)
    Resolved(monkeypatch)
    with pytest.raises(NotSentError, match="refused"):
        await made.up().send(POST)


async def test_a_name_of_this_machine_is_resolved(server, reach):
    made = reach()
    made.settings = HttpOfficeSettings.model_validate({"base_url": f"http://localhost:{server.port}/api"})
    assert (await made.up().send(GET)).status == 200
    assert server.seen[0].headers["host"] == f"localhost:{server.port}"


async def test_tls_that_is_not_spoken_is_unavailable(reach):
    async def speaks_plain(_reader, writer):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    made = reach()
    async with LoopbackServer(speaks_plain) as listening:
        made.settings = HttpOfficeSettings.model_validate({"base_url": f"https://127.0.0.1:{listening.port}"})
        with pytest.raises(NotSentError, match="TLS could not be agreed on"):
            await made.up().send(POST)


class Wire(asyncio.Transport):
    """A transport that keeps what is written, and whether it was ended."""

    def __init__(self):
        super().__init__()
        self.written, self.ended = b"", False

    def write(self, data):
        self.written += data

    def get_write_buffer_size(self):
        return 0

    def is_closing(self):
        return self.ended

    def abort(self):
        self.ended = True


@settings(
    max_examples=examples(1200),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(exchange=exchanges())
async def test_any_bytes_give_an_answer_or_an_error_and_are_no_part_of_the_next_answer(exchange):
    connection, wire = LeanConnection(), Wire()
    connection.connection_made(wire)
    outcome = asyncio.ensure_future(connection.exchange(b"request", MAX_BYTES, None))
    await asyncio.sleep(0)
    assert wire.written == b"request"
    for piece in exchange.pieces():
        if not wire.ended:
            connection.data_received(piece)
    complete = connection.reusable
    connection.eof_received()
    connection.connection_lost(None)
    async with asyncio.timeout(30):
        [ended] = await asyncio.gather(outcome, return_exceptions=True)
    if isinstance(ended, HttpAnswer):
        assert len(ended.content) <= MAX_BYTES
    else:
        assert isinstance(ended, UpstreamMalformedError | UpstreamUnavailableError)
        assert ended.__context__ is None
        assert not complete
    assert not connection.reusable
    if complete:
        # The connection would have served another request: the answer was followed by nothing at all.
        shorter, wire = LeanConnection(), Wire()
        shorter.connection_made(wire)
        unfinished = asyncio.ensure_future(shorter.exchange(b"request", MAX_BYTES, None))
        await asyncio.sleep(0)
        shorter.data_received(exchange.data[:-1])
        assert not shorter.reusable
        shorter.connection_lost(None)
        with pytest.raises(AdapterError):
            await unfinished


@pytest.mark.parametrize(
    ("request_", "target"),
    [
        (HttpRequest("GET", "/x", headers={"X-A": "b\r\nX-B: c"}), "/x"),
        (HttpRequest("GET", "/x", headers={"X-A": "b\nX-B: c"}), "/x"),
        (HttpRequest("GET", "/x", headers={"X-A": "b\0"}), "/x"),
        (HttpRequest("GET", "/x", headers={"X-A": "b\x7f"}), "/x"),
        (HttpRequest("GET", "/x", headers={"X-A": "\ud800"}), "/x"),
        (HttpRequest("GET", "/x", headers={"X-A: b\r\nX-B": "c"}), "/x"),
        (HttpRequest("GET", "/x", headers={"X A": "b"}), "/x"),
        (HttpRequest("GET", "/x", headers={"X-A:": "b"}), "/x"),
        (HttpRequest("GET", "/x", headers={"": "b"}), "/x"),
        (HttpRequest("GET", "/x", headers={"é": "b"}), "/x"),
        (HttpRequest("GET", "/x", headers={"Content-Length": "5"}), "/x"),
        (HttpRequest("GET", "/x", headers={"transfer-encoding": "chunked"}), "/x"),
        (HttpRequest("GET", "/x", headers={"HOST": "elsewhere"}), "/x"),
        (HttpRequest("HEAD", "/x"), "/x"),  # its answer would need to be read without a body
        (HttpRequest("GET /y HTTP/1.1\r\n", "/x"), "/x"),
        (HttpRequest("GET", "/x"), "/x HTTP/1.1\r\nX-A: b"),
        (HttpRequest("GET", "/x"), "/x y"),
        (HttpRequest("GET", "/x"), "/é"),
        (HttpRequest("GET", "/x"), "http://elsewhere/"),
        (HttpRequest("GET", "/x"), ""),
    ],
)
def test_what_could_change_the_request_or_its_connection_is_refused(request_, target):
    with pytest.raises(QueryRefusedError) as caught:
        request_head.request_bytes(request_, target, "h")
    assert caught.value.__context__ is None


def test_a_request_is_written_with_the_defaults_that_it_does_not_set():
    written = request_head.request_bytes(HttpRequest("GET", "/x", headers={"ACCEPT": "text/xml"}), "/x?y=z", "h:8080")
    assert written == (
        b"GET /x?y=z HTTP/1.1\r\nHost: h:8080\r\nAccept-Encoding: gzip, deflate\r\nACCEPT: text/xml\r\n"
        b"User-Agent: Gerbang\r\n\r\n"
    )
    written = request_head.request_bytes(HttpRequest("DELETE", "/x", headers={"X-A": "é"}, safe=False), "/x", "h")
    assert (
        written
        == (
            "DELETE /x HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip, deflate\r\nX-A: é\r\nAccept: */*\r\n"
            "User-Agent: Gerbang\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        ).encode()
    )


def test_a_certificate_error_is_told_apart_from_other_errors_of_tls():
    assert "certificate" in lean_connect._failure(ssl.SSLCertVerificationError()).reason
    assert "TLS" in lean_connect._failure(ssl.SSLError()).reason
    assert "refused" in lean_connect._failure(ConnectionResetError()).reason
    assert "resolved" in lean_connect._failure(socket.gaierror()).reason
