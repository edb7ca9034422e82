"""The stop: which requests are still answered after the signal, and when the serving ends."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from fastapi import FastAPI

from gateway.ground.connection_limits import ConnectionLimits, ConnectionSettings
from gateway.server.serving import listen, serve
from tests.gateway.server.test_connections import Caller, HalfReady, Waiting, get

pytestmark = [pytest.mark.anyio, pytest.mark.sockets]

LONG = 3600
"""Seconds that do not pass during a test."""


class Served:
    """An application that is served until `begin_stop`."""

    def __init__(self, app, sock, **settings):
        durations = {name: timedelta(seconds=seconds) for name, seconds in settings.items()}
        limits = ConnectionLimits(ConnectionSettings(**durations))
        self.app, self.address, self.stop, started = app, sock.getsockname(), asyncio.Event(), asyncio.Event()

        async def note():
            started.set()

        self.started, self.callers = started, []
        self.serving = asyncio.create_task(serve(app, sock, self.stop, note, limits))

    async def connect(self):
        caller = Caller(*await asyncio.open_connection(*self.address))
        self.callers.append(caller)
        return caller

    async def begin_stop(self):
        self.stop.set()
        async with asyncio.timeout(10):
            while not getattr(self.app.state, "stopping", False):  # noqa: ASYNC110 - a state, no event
                await asyncio.sleep(0.01)

    async def ended(self):
        """Wait until the serving has ended."""
        async with asyncio.timeout(30):
            await self.serving


@asynccontextmanager
async def served(app, **settings):
    with listen("127.0.0.1", 0) as sock:
        running = Served(app, sock, **settings)
        await asyncio.wait_for(running.started.wait(), 10)
        try:
            yield running
        finally:
            for caller in running.callers:
                caller.writer.close()
            running.serving.cancel()
            await asyncio.gather(running.serving, return_exceptions=True)


async def last_answer(caller):
    """The status of an answer with `Connection: close`, after which the gateway ends the connection."""
    said = await caller.ended()
    head, _, _ = said.partition(b"\r\n\r\n")
    assert b"\r\nconnection: close" in head.lower()
    assert said.count(b"HTTP/1.1") == 1
    return int(head.split(b" ")[1])


@pytest.fixture
def waiting(anyio_backend):
    return Waiting()


async def one_more_request(app, path):
    async with served(app, stop_grace=LONG, stop_idle=LONG) as running:
        caller = await running.connect()
        await caller.say(get(path))
        assert (await caller.answer())[0] == 200
        await running.begin_stop()
        await caller.say(get(path))
        assert await last_answer(caller) == 200


async def test_a_kept_connection_may_send_one_more_request(waiting):
    await one_more_request(waiting.app, "/other")


async def test_connections_are_accepted_while_callers_are_there(waiting):
    async with served(waiting.app, stop_grace=LONG, stop_idle=LONG) as running:
        kept = await running.connect()
        await kept.say(get("/other"))
        await kept.answer()
        await running.begin_stop()
        for _ in range(3):
            caller = await running.connect()
            await caller.say(get("/other"))
            assert await last_answer(caller) == 200
        assert not running.serving.done()


async def test_a_request_whose_head_has_begun_is_answered(waiting):
    async with served(waiting.app, stop_grace=LONG, stop_idle=0.2) as running:
        caller = await running.connect()
        await caller.say(b"GET /oth")
        await running.begin_stop()
        await asyncio.sleep(0.3)
        await caller.say(b"er HTTP/1.1\r\nHost: x\r\n\r\n")
        assert await last_answer(caller) == 200
        await running.ended()


async def test_a_request_in_progress_is_finished(waiting):
    async with served(waiting.app, stop_grace=LONG, stop_idle=LONG) as running:
        caller = await running.connect()
        await caller.say(get("/wait"))
        await asyncio.wait_for(waiting.waiting.acquire(), 10)
        await running.begin_stop()
        waiting.released.set()
        assert await last_answer(caller) == 200


async def test_the_serving_ends_when_idle_connections_have_been_closed(waiting):
    async with served(waiting.app, stop_grace=LONG, stop_idle=0.2) as running:
        fresh, kept = await running.connect(), await running.connect()
        await kept.say(get("/other"))
        await kept.answer()
        await running.begin_stop()
        assert (await kept.ended(), await fresh.ended()) == (b"", b"")
        await running.ended()


async def test_the_grace_has_an_end(waiting):
    async with served(waiting.app, stop_grace=0.2, stop_idle=LONG) as running:
        caller = await running.connect()
        await caller.say(get("/other"))
        await caller.answer()
        await running.begin_stop()
        await running.ended()


async def test_a_gateway_without_callers_stops_at_once(waiting):
    async with served(waiting.app, stop_grace=LONG, stop_idle=LONG) as running:
        running.stop.set()
        await running.ended()


async def test_a_ready_answer_ends_its_connection_too(anyio_backend):
    app = FastAPI()
    app.middleware_stack = HalfReady()
    app.middleware_stack.may_go_on.set()
    await one_more_request(app, "/ready")
