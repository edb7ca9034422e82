"""The proxy between an adapter and its simulator: undamaged exchanges are forwarded unchanged."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from pydantic import HttpUrl

from conformance.damages import bodies
from conformance.damages.answers import GROUPS
from conformance.loopback import LoopbackServer
from conformance.proxy import Proxy

pytestmark = pytest.mark.anyio

DAMAGES = {damage.id: damage for group in GROUPS.values() for damage in group}
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n"
    b"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Own: yes\r\n\r\n" + b'[{"nama":"a"}]'[:13]
)


@asynccontextmanager
async def _system(answer: bytes = ANSWER) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Run a system that gives every request the same answer; yield its URL and the received requests."""
    received: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.read(2) if b"POST" in head else b""
        received.append(head + body)
        writer.write(answer)
        await writer.drain()

    async with LoopbackServer(handle) as server:
        yield f"http://127.0.0.1:{server.port}/base", received


@pytest.mark.sockets
async def test_an_undamaged_exchange_is_forwarded_unchanged():
    async with _system() as (url, received), Proxy(HttpUrl(url), asyncio.Semaphore(1)) as proxy:
        assert str(proxy.base_url).endswith(f":{proxy.port}/base")
        proxy.start_damage(DAMAGES["garbage"].send_damaged, ("GET", "/base/elsewhere"))
        async with (
            aiohttp.ClientSession() as client,
            client.post(f"{proxy.base_url}/x%2Fy?a=b%20c", data=b"hi", headers={"X-Mine": "1"}) as answer,
        ):
            assert answer.status == 200
            assert answer.headers.getall("Set-Cookie") == ["a=1", "b=2"]
            assert answer.headers["X-Own"] == "yes"
            assert await answer.read() == b'[{"nama":"a"}'
    (sent,) = received
    assert sent.startswith(b"POST /base/x%2Fy?a=b%20c HTTP/1.1\r\n")
    assert b"X-Mine: 1\r\n" in sent
    assert sent.endswith(b"hi")
    assert proxy.places() == (("POST", "/base/x%2Fy"),)
    assert proxy.damaged == 0


@pytest.mark.sockets
async def test_a_damage_is_done_after_the_system_has_answered():
    async with _system() as (url, received), Proxy(HttpUrl(url), asyncio.Semaphore(1)) as proxy:
        proxy.start_damage(DAMAGES["503"].send_damaged, ("GET", "/base"))
        async with aiohttp.ClientSession() as client, client.get(proxy.base_url.unicode_string()) as answer:
            assert answer.status == 503
    assert len(received) == 1
    assert proxy.damaged == 1


@pytest.mark.sockets
async def test_settled_waits_for_the_system_after_the_client_disconnected():
    asked, may_answer, answered = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await may_answer.wait()
        answered.set()
        writer.write(ANSWER)
        await writer.drain()

    async with (
        LoopbackServer(handle) as server,
        Proxy(HttpUrl(f"http://127.0.0.1:{server.port}/base"), asyncio.Semaphore(1)) as proxy,
    ):
        await proxy.settled()
        _, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"POST /base HTTP/1.1\r\n\r\n")
        await writer.drain()
        writer.close()
        settling = asyncio.create_task(proxy.settled())
        await asked.wait()
        assert not settling.done()
        may_answer.set()
        await settling
        assert answered.is_set()


@pytest.mark.sockets
async def test_an_answer_that_cannot_be_damaged_is_forwarded_and_not_counted():
    pdf = b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nContent-Length: 9\r\n\r\n%PDF-1.7\n"
    async with _system(pdf) as (url, _), Proxy(HttpUrl(url), asyncio.Semaphore(1)) as proxy:
        proxy.start_damage(DAMAGES["wrong types"].send_damaged, ("GET", "/base"))
        async with aiohttp.ClientSession() as client, client.get(proxy.base_url.unicode_string()) as answer:
            assert await answer.read() == b"%PDF-1.7\n"
    assert proxy.damaged == 0


def test_json_is_changed_byte_for_byte_in_its_own_charset():
    latin1 = '[{"nama":"Galuh é \\u2013 \\"x\\"","usia":3}]'.encode("latin-1")
    assert bodies.retyped(latin1, lambda value: value) is None
    more = bodies.with_more_fields(latin1)
    assert more is not None
    assert "é \\u2013".encode("latin-1") in more
    changed = bodies.retyped(latin1, lambda value: [value])
    assert changed == '[{"nama": ["Galuh é \\u2013 \\"x\\""], "usia": [3]}]'.encode("latin-1")
    assert bodies.retyped(b'{"jumlah":1,"data":[{"a":1}]}', lambda _value: None, records_only=True) == (
        b'{"jumlah": 1, "data": [{"a": null}]}'
    )
    assert bodies.retyped(b"<html></html>", lambda _value: None) is None
