"""Serving: what cannot be listened on is one sentence; what the start has to tell ends it where that cannot be told."""

import asyncio
import os
import resource
import signal
import socket

import httpx
import pytest
from fastapi import FastAPI

from gateway.ground.connection_limits import ConnectionSettings
from gateway.ground.errors import GerbangError
from gateway.server.serving import PortError, allow_open_files, listen, serve, stop_on_signals

pytestmark = [pytest.mark.anyio, pytest.mark.sockets]


@pytest.mark.parametrize("host", ["é" * 64, "a\0b", "nowhere.invalid"])
def test_a_host_that_is_none_is_told_in_one_sentence(host):
    with pytest.raises(PortError, match="cannot be used") as told:
        listen(host, 0)
    assert "\n" not in str(told.value)


def test_a_machine_without_the_family_of_an_address_is_told_so_too(monkeypatch):
    def without(*_family):
        raise OSError(97, "Address family not supported by protocol")

    monkeypatch.setattr(socket, "socket", without)
    with pytest.raises(PortError, match="Address family"):
        listen("::1", 0)


@pytest.mark.sockets
async def test_what_cannot_be_told_at_the_start_ends_it_with_its_sentence():
    async def started():
        raise GerbangError("The first account cannot be opened.")

    with listen("127.0.0.1", 0) as sock, pytest.raises(GerbangError, match="first account"):
        async with asyncio.timeout(10):
            await serve(FastAPI(), sock, asyncio.Event(), started)


@pytest.mark.sockets
async def test_a_start_that_has_told_everything_serves_until_it_is_stopped():
    stop, told = asyncio.Event(), asyncio.Event()

    async def started():
        told.set()

    with listen("127.0.0.1", 0) as sock:
        serving = asyncio.create_task(serve(FastAPI(), sock, stop, started))
        async with asyncio.timeout(10):
            await told.wait()
            async with httpx.AsyncClient(trust_env=False) as client:
                assert (await client.get(f"http://127.0.0.1:{sock.getsockname()[1]}/")).status_code == 404
            assert not serving.done()
            stop.set()
            await serving


@pytest.mark.sockets
async def test_what_is_loaded_when_requests_are_first_answered_is_never_collected(monkeypatch):
    stop, exempted = asyncio.Event(), []

    async def started():
        assert exempted == ["once"]
        stop.set()

    monkeypatch.setattr("gateway.server.serving.freeze_loaded_objects", lambda: exempted.append("once"))
    with listen("127.0.0.1", 0) as sock:
        async with asyncio.timeout(10):
            await serve(FastAPI(), sock, stop, started)
    assert exempted == ["once"]


@pytest.mark.sockets
async def test_what_the_start_is_still_telling_does_not_hold_up_the_end():
    stop, telling = asyncio.Event(), asyncio.Event()

    async def started():
        telling.set()
        await asyncio.Event().wait()

    with listen("127.0.0.1", 0) as sock:
        serving = asyncio.create_task(serve(FastAPI(), sock, stop, started))
        async with asyncio.timeout(10):
            await telling.wait()
            stop.set()
            await serving


@pytest.mark.parametrize(
    ("soft", "hard", "becomes", "warns"),
    [
        (1024, 1_000_000, 1054, False),
        (1024, resource.RLIM_INFINITY, 1054, False),
        (1024, 1030, 1030, True),
        (5000, 1_000_000, 5000, False),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, resource.RLIM_INFINITY, False),
    ],
)
async def test_the_limit_on_open_files_covers_the_connections(monkeypatch, caplog, soft, hard, becomes, warns):
    limits = [(soft, hard)]
    monkeypatch.setattr(resource, "getrlimit", lambda _which: limits[-1])
    monkeypatch.setattr(resource, "setrlimit", lambda _which, given: limits.append(given))
    allow_open_files(ConnectionSettings(most_requests=15, reserved_for_sign_in=5, most_idle=10))
    assert limits[-1] == (becomes, hard)
    assert ("fewer open files" in caplog.text) is warns


@pytest.mark.parametrize(
    ("number", "before", "stops"),
    [
        (signal.SIGTERM, signal.SIG_DFL, True),
        (signal.SIGINT, signal.SIG_DFL, True),
        (signal.SIGHUP, signal.SIG_DFL, True),
        (signal.SIGHUP, signal.SIG_IGN, False),
    ],
)
async def test_signals_end_it_but_not_a_hangup_that_was_ignored_at_the_start(number, before, stops):
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    kept = {one: signal.signal(one, before) for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    try:
        stop_on_signals(stop)
        if stops:
            os.kill(os.getpid(), number)
            await asyncio.wait_for(stop.wait(), 10)
        else:
            assert signal.getsignal(number) == signal.SIG_IGN
    finally:
        for one, handler in kept.items():
            loop.remove_signal_handler(one)
            signal.signal(one, handler)
