"""The loopback server: no connection outlives it."""

import asyncio
import gc
import socket

import pytest

from conformance.loopback import LoopbackServer

pytestmark = [pytest.mark.anyio, pytest.mark.sockets]


async def hang(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()
    await asyncio.Event().wait()


async def fail(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    raise ConnectionResetError


async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"x" * 1_000_000)


async def received(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionError:
        return b"reset"


def rest(peer: socket.socket) -> bytes:
    try:
        return peer.recv(1)
    except ConnectionError:
        return b""


@pytest.mark.parametrize("rounds", range(8))
async def test_a_connection_ends_with_its_server_however_far_it_is(rounds: int) -> None:
    async with LoopbackServer(hang) as server:
        # Connected by the system alone; the server accepts it in one of the next rounds of the loop.
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as peer:
            for _ in range(rounds):
                await asyncio.sleep(0)
            await server.stop()
            assert await asyncio.to_thread(rest, peer) == b""
    # A connection that is still open becomes a warning here, and a failure by pytest's settings.
    gc.collect()


async def test_an_answer_arrives_whole_and_the_connection_is_closed() -> None:
    async with asyncio.timeout(60), LoopbackServer(answer) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        assert await received(reader) == b"x" * 1_000_000
        writer.close()
        await server.idle()


async def test_a_handler_that_loses_its_peer_ends_its_connection_only() -> None:
    async with asyncio.timeout(60), LoopbackServer(fail) as server:
        for _ in range(2):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            assert await received(reader) in {b"", b"reset"}
            writer.close()


async def test_it_listens_again_on_the_same_port() -> None:
    server = LoopbackServer(answer)
    await server.stop()
    async with server:
        port = server.port
    async with asyncio.timeout(60), server:
        assert server.port == port
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await received(reader)
        writer.close()


async def test_connections_can_be_cut_while_it_goes_on() -> None:
    asked = asyncio.Event()

    async def told(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1)
        asked.set()
        await hang(reader, writer)

    async with asyncio.timeout(60), LoopbackServer(told) as server:
        for _ in range(2):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(b"x")
            await asked.wait()
            asked.clear()
            await server.cut()
            assert await received(reader) in {b"", b"reset"}
            writer.close()
