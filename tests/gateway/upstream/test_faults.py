"""Every way in which a system can misbehave gives the right error of the tree, in time and in bounded memory."""

import asyncio
import functools
import gzip
import logging
import socket
import time
import tracemalloc
import zlib
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest

from adapters.contract import HttpOfficeSettings
from adapters.errors import (
    AdapterError,
    NotSentError,
    QueryRefusedError,
    UpstreamMalformedError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from adapters.upstream import HttpRequest
from tests.gateway.ports import held

pytestmark = pytest.mark.anyio

CANARY = "6371990101900001"
GET = HttpRequest("GET", "/pasien", query=(("nik", CANARY),))
MALFORMED, TIMEOUT, UNAVAILABLE = UpstreamMalformedError, UpstreamTimeoutError, UpstreamUnavailableError


@pytest.fixture(params=["lean", "aiohttp"])
def engine(request):
    """Every test of this module runs against our engine and against the reference."""
    return request.param


async def hang(seen):
    await asyncio.sleep(60)


async def drip(seen):
    await seen.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        await seen.raw(b"x")
        await asyncio.sleep(0.02)


async def drip_head(seen):
    await seen.raw(b"HTTP/1.1 200 OK\r\n")
    while True:
        await seen.raw(b"X-More: more\r\n")
        await asyncio.sleep(0.02)


async def reset(seen):
    seen.reset()


async def reset_within_body(seen):
    await seen.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc")
    await asyncio.sleep(0.05)
    seen.reset()


async def closed(seen):
    seen.close()


async def too_short(seen):
    await seen.raw(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"items": []}')
    seen.close()


async def oversized(seen):
    await seen.reply(b"x" * 1_300_000)


async def endless_chunks(seen):
    await seen.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        await seen.raw(b"4000\r\n" + b"y" * 0x4000 + b"\r\n")


async def until_closed(seen):
    await seen.raw(b"HTTP/1.0 200 OK\r\n\r\n")
    while True:
        await seen.raw(b"z" * 10_000)


async def bad_chunk(seen):
    await seen.raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a number\r\nabc\r\n")


async def not_http(seen):
    await seen.raw(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")


async def huge_header(seen):
    await seen.reply(headers={"X-Filler": "x" * 200_000})


async def many_headers(seen):
    await seen.reply(headers={f"X-{number}": "x" * 50 for number in range(2000)})


@functools.cache
def bomb_bytes() -> bytes:
    return gzip.compress(b"\0" * 80_000_000, 9)


async def bomb(seen):
    await seen.reply(bomb_bytes(), headers={"Content-Encoding": "gzip"})


async def bomb_of_members(seen):
    body = gzip.compress(b"") * 20_000
    await seen.reply(body, headers={"Content-Encoding": "gzip"})


async def cut_gzip(seen):
    await seen.reply(gzip.compress(b"x" * 10_000)[:-20], headers={"Content-Encoding": "gzip"})


async def false_gzip(seen):
    await seen.reply(b"plain text", headers={"Content-Encoding": "gzip"})


async def unasked_encoding(seen):
    await seen.reply(b"\x0b\x02\x80", headers={"Content-Encoding": "br"})


async def deep(seen):
    await seen.reply(b'{"a":' * 10_000 + b"1" + b"}" * 10_000)


async def switching(seen):
    await seen.raw(b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")


async def only_interim(seen):
    while True:
        await seen.raw(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        await asyncio.sleep(0.01)


async def too_many(seen):
    await seen.reply(status=429, headers={"Retry-After": "7"})


FAULTS = [
    (hang, TIMEOUT),
    (drip, TIMEOUT),
    (drip_head, TIMEOUT),
    (only_interim, TIMEOUT),
    (reset, UNAVAILABLE),
    (reset_within_body, UNAVAILABLE),
    (closed, UNAVAILABLE),
    (too_many, UNAVAILABLE),
    (too_short, MALFORMED),
    (oversized, MALFORMED),
    (endless_chunks, MALFORMED),
    (until_closed, MALFORMED),
    (bad_chunk, MALFORMED),
    (not_http, MALFORMED),
    (huge_header, MALFORMED),
    (many_headers, MALFORMED),
    (bomb, MALFORMED),
    (bomb_of_members, MALFORMED),
    (cut_gzip, MALFORMED),
    (false_gzip, MALFORMED),
    (unasked_encoding, MALFORMED),
    (deep, MALFORMED),
    (switching, MALFORMED),
]


@pytest.mark.parametrize(("fault", "error"), FAULTS, ids=lambda part: getattr(part, "__name__", ""))
async def test_fault(fault, error, server, reach, caplog):
    caplog.set_level(logging.DEBUG)
    bomb_bytes()
    server.script = fault
    seconds = 0.5 if error is TIMEOUT else 20
    began = time.monotonic()
    with pytest.raises(error) as caught:
        await reach().up(seconds, max_bytes=1_000_000).send(GET)
    assert time.monotonic() - began < 60
    said = [
        str(caught.value),
        repr(caught.value),
        caught.value.reason,
        *(record.getMessage() for record in caplog.records),
    ]
    said += [str(vars(record)) for record in caplog.records if record.name.startswith("gateway")]
    assert not any(CANARY in text or "pasien" in text for text in said)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize("fault", [bomb, endless_chunks, huge_header, until_closed], ids=lambda fault: fault.__name__)
async def test_a_fault_costs_bounded_memory(fault, server, reach):
    bomb_bytes()
    server.script = fault
    up = reach().up(seconds=30)
    tracemalloc.start()
    try:
        with pytest.raises(MALFORMED):
            await up.send(GET)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("encoding", "press"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", lambda body: gzip.compress(body[:1000]) + gzip.compress(body[1000:]) + b"\0\0"),
        ("deflate", zlib.compress),
        ("deflate", lambda body: (raw := zlib.compressobj(wbits=-15)).compress(body) + raw.flush()),
        ("identity", bytes),
    ],
)
async def test_compressed_answers_are_read(encoding, press, server, reach):
    body = b"<p>Keterangan domisili</p>" * 5000

    async def script(seen):
        assert seen.headers["accept-encoding"] == "gzip, deflate"
        await seen.reply(press(body), headers={"Content-Encoding": encoding})

    server.script = script
    answer = await reach().up(max_bytes=len(body)).send(GET)
    assert answer.content == body


@pytest.mark.parametrize("status", [204, 302, 400, 401, 403, 404, 409, 500, 501])
async def test_a_complete_answer_is_an_answer(status, server, reach):
    server.script = lambda seen: seen.reply(b"" if status == 204 else b"oops", status, {"Location": "/elsewhere"})
    answer = await reach().up().send(GET)
    assert (answer.status, answer.headers["location"]) == (status, "/elsewhere")


async def test_a_redirect_elsewhere_is_not_followed_and_cookies_are_only_handed_over(server, reach):
    async def script(seen):
        await seen.reply(
            b"", 302, {"Location": "http://127.0.0.1:9/elsewhere", "Set-Cookie": 'ci="a=b"; Path=/; HttpOnly'}
        )

    server.script = script
    made = reach()
    # By a name: cookies of bare addresses are forgotten by many a jar anyway.
    made.settings = HttpOfficeSettings.model_validate({"base_url": f"http://localhost:{server.port}"})
    up = made.up()
    answer = await up.send(GET)
    await up.send(GET)
    assert (answer.status, answer.cookies, answer.headers["location"]) == (
        302,
        {"ci": '"a=b"'},
        "http://127.0.0.1:9/elsewhere",
    )
    assert [seen.headers.get("cookie") for seen in server.seen] == [None, None]
    assert server.connections == 1
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("surplus", [b"surplus", b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"old"'])
@pytest.mark.parametrize("pause", [0, 0.1])
async def test_what_follows_an_answer_is_not_taken_for_the_next_one(surplus, pause, server, reach):
    async def script(seen):
        await seen.reply(seen.target.encode())
        await asyncio.sleep(pause)
        await seen.raw(surplus)

    server.script = script
    up = reach().up()
    for number in range(3):
        with suppress(MALFORMED):  # when what is not HTTP comes in one piece with the answer
            assert (await up.send(HttpRequest("GET", f"/{number}"))).content == f"/api/{number}".encode()
        await asyncio.sleep(pause * 2)


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid"])
async def test_no_connection_is_unavailable_and_a_write_is_known_not_to_have_left(host, reach):
    made = reach()
    made.settings = HttpOfficeSettings.model_validate({"base_url": f"http://{host}:{held(made)}"})
    up = made.up()
    with pytest.raises(UNAVAILABLE):
        await up.send(GET)
    with pytest.raises(NotSentError):
        await up.send(HttpRequest("POST", "/permohonan", content=b"x", safe=False))
    assert not up.wrote


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("fault", [reset, closed, reset_within_body, too_short, hang], ids=lambda fault: fault.__name__)
async def test_an_unsafe_request_leaves_once_and_its_loss_is_never_called_unsent(fault, method, server, reach):
    server.script = lambda seen: seen.reply()
    up = reach().up(seconds=2)
    await up.send(HttpRequest("GET", "/form"))
    assert not up.wrote
    server.seen.clear()
    server.script = fault
    with pytest.raises(AdapterError) as caught:
        await up.send(HttpRequest(method, "/permohonan", safe=False))
    assert not isinstance(caught.value, NotSentError)
    assert len(server.seen) == 1
    assert up.wrote


async def test_an_unsafe_request_takes_no_kept_connection(server, reach):
    up = reach().up()
    await up.send(GET)
    await up.send(HttpRequest("POST", "/permohonan", content=b"x", safe=False))
    await up.send(GET)
    assert server.connections == 2
    assert server.seen[1].headers["connection"] == "close"


async def test_a_write_that_finds_the_deadline_passed_did_not_leave(server, reach):
    up = reach().up(seconds=0)
    with pytest.raises(NotSentError) as caught:
        await up.send(HttpRequest("POST", "/permohonan", safe=False))
    assert caught.value.cause == "timeout"
    assert server.seen == []


@contextmanager
def swallowing():
    """A host whose backlog is full and that swallows SYN packets: the connection is never made."""
    with socket.socket() as full, socket.socket() as one, socket.socket() as two:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for filler in (one, two):
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        yield f"http://127.0.0.1:{full.getsockname()[1]}"


async def test_a_full_backlog_is_a_timeout_before_the_deadline_and_a_write_did_not_leave(reach):
    made = reach()
    with swallowing() as url:
        made.settings = HttpOfficeSettings.model_validate({"base_url": url})
        with pytest.raises(NotSentError) as caught:
            await made.up(seconds=0.5).send(HttpRequest("POST", "/permohonan", safe=False))
    assert caught.value.cause == "timeout"


async def test_a_connection_that_takes_as_long_as_the_slowest_answer_is_none_and_a_write_did_not_leave(reach):
    made = reach(slowest=timedelta(seconds=0.5))
    with swallowing() as url:
        made.settings = HttpOfficeSettings.model_validate({"base_url": url})
        up = made.up(seconds=30)
        with pytest.raises(NotSentError) as caught:
            await up.send(HttpRequest("POST", "/permohonan", safe=False))
    assert caught.value.cause == "timeout"
    assert not up.wrote


async def test_a_write_whose_deadline_passes_while_a_connection_is_made_did_not_leave(reach, monkeypatch):
    monkeypatch.setattr("gateway.upstream.http.engine._CONNECT_SHARE", 100.0)
    made = reach()
    with swallowing() as url:
        made.settings = HttpOfficeSettings.model_validate({"base_url": url})
        up = made.up(seconds=0.3)
        with pytest.raises(NotSentError) as caught:
            await up.send(HttpRequest("POST", "/permohonan", safe=False))
    assert caught.value.cause == "timeout"
    assert not up.wrote


async def test_the_slowest_answer_of_the_system_bounds_one_answer(server, reach):
    server.script = hang
    with pytest.raises(TIMEOUT):
        await reach(slowest=timedelta(seconds=0.2)).up(seconds=30).send(GET)


@pytest.mark.parametrize(
    "headers", [{"Host": "elsewhere"}, {"X-A": "b\r\nX-C: d"}, {"X-A\r\nX-B": "c"}, {"transfer-encoding": "chunked"}]
)
async def test_a_header_cannot_change_the_connection(headers, server, reach):
    up = reach().up()
    with pytest.raises(QueryRefusedError):
        await up.send(HttpRequest("GET", "/x", headers=headers))
    assert server.seen == []


async def test_the_request_arrives_as_the_adapter_made_it(server, reach):
    request = HttpRequest(
        "POST", "/a%20b/c", query=(("q", "a&b c"), ("q", "ü")), headers={"X-Key": "k"}, content=b"<x/>", safe=True
    )
    await reach(path="/simpus/v2/").up().send(request)
    [seen] = server.seen
    assert (seen.method, seen.target, seen.body) == ("POST", "/simpus/v2/a%20b/c?q=a%26b+c&q=%C3%BC", b"<x/>")
    assert set(seen.headers) == {"host", "x-key", "accept", "accept-encoding", "user-agent", "content-length"}
