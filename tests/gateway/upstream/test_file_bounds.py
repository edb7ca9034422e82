"""Folders have the circuit, the slots and the limits of any other office, on a server and on this machine."""

import asyncio
import os
import time
from contextlib import suppress
from datetime import timedelta

import pytest

from adapters.contract import FileOfficeSettings, Files
from adapters.errors import (
    Cause,
    CredentialsRefusedError,
    NotSentError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from gateway.ground.clock import now
from gateway.ground.deadline import Deadline
from gateway.shared.memory import MemoryShared
from gateway.upstream.files import local as local_files
from gateway.upstream.files.sftp import SftpFiles
from gateway.upstream.layers.circuit import BreakerState
from gateway.upstream.settings import UpstreamSettings
from gateway.upstream.upstreams import Upstreams
from tests.gateway.sftp_servers import asyncssh_server

pytestmark = pytest.mark.anyio

HANG_SECONDS = 120

OLD = (1_700_000_000, 1_700_000_000)
FAILURES = UpstreamSettings().circuit_failures


@pytest.fixture
async def server(anyio_backend, monkeypatch, sockets):
    monkeypatch.setattr(SftpFiles, "extra_settle", 0.0)
    async with asyncssh_server() as running:
        yield running


@pytest.fixture
async def office(anyio_backend, make_spec, tmp_path):
    """`office(server, tuning={…}, **limits)` gives what is handed for one question of an office; None: this machine."""
    made = []
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (tmp_path / "out").mkdir()

    def open_(server=None, tuning=None, sftp=None, **limits):
        settled = {"file_settle": timedelta(0), "connect_within": timedelta(seconds=2)}
        upstreams = Upstreams(MemoryShared(), now, UpstreamSettings(**(settled | (tuning or {}))))
        made.append(upstreams)
        given = {"folder": str(inbox), "outbox": str(tmp_path / "out")}
        table = given | ({} if server is None else {"sftp": server.settings(**(sftp or {}))})
        settings, spec = FileOfficeSettings.model_validate(table), make_spec(**limits)

        def up(seconds=10):
            deadline = Deadline.after(timedelta(seconds=seconds))
            return upstreams.call(spec, None, settings, Files(writes=("*.csv",)), deadline=deadline).up

        up.status = lambda: upstreams.status("register", None)
        up.failed = lambda error: upstreams.record_failure("register", None, error)
        return up

    open_.inbox = inbox
    yield open_
    for upstreams in made:
        await upstreams.aclose()


def dropped(office, name="a.csv", size=100):
    path = office.inbox / name
    path.write_bytes(b"x" * size)
    os.utime(path, OLD)


async def failures(asked, count):
    found = []
    for _ in range(count):
        with pytest.raises((UpstreamUnavailableError, UpstreamTimeoutError)) as caught:
            await asked()
        found.append(caught.value.cause)
    return found


async def healed(up):
    async with asyncio.timeout(HANG_SECONDS):
        while True:
            with suppress(UpstreamUnavailableError):
                return await up(HANG_SECONDS).list()
            await asyncio.sleep(0.05)


async def refused_at_once(up):
    with pytest.raises(UpstreamUnavailableError) as caught:
        await up(HANG_SECONDS).list()
    assert caught.value.cause is Cause.CIRCUIT_OPEN
    assert caught.value.retry_at - now() <= timedelta(seconds=2)
    assert up.status().circuit is BreakerState.OPEN
    with pytest.raises(NotSentError) as unsent:
        await up(HANG_SECONDS).put("b.csv", b"x")
    assert unsent.value.cause is Cause.CIRCUIT_OPEN
    assert unsent.value.retry_at is not None


@pytest.mark.sockets
async def test_a_server_that_is_gone_is_not_knocked_at_any_more_and_comes_back_by_itself(office, anyio_backend):
    async with asyncssh_server() as gone:
        pass
    up = office(gone)
    assert await failures(lambda: up().list(), FAILURES) == [Cause.UNAVAILABLE] * FAILURES
    await refused_at_once(up)
    dropped(office)
    async with asyncssh_server(gone):
        assert [entry.name for entry in await healed(up)] == ["a.csv"]
        assert up.status().circuit is BreakerState.CLOSED


async def test_a_server_that_hangs_is_not_waited_for_any_more(server, office):
    dropped(office)
    up = office(server)
    (entry,) = await up().list()
    server.going.clear()
    assert await failures(lambda: up(0.1).read(entry), FAILURES) == [Cause.TIMEOUT] * FAILURES
    came = len(server.requests)
    await refused_at_once(up)
    assert len(server.requests) == came
    server.going.set()
    await healed(up)
    assert await up().read(entry) == b"x" * 100


@pytest.mark.parametrize("asks", ["list", "read"])
async def test_what_is_open_on_a_server_that_hangs_is_left_and_not_waited_for(server, office, asks):
    dropped(office)
    up = office(server)
    (entry,) = await up().list()
    server.going.clear()
    began = time.monotonic()
    with pytest.raises(UpstreamTimeoutError):
        await (up(0.2).list() if asks == "list" else up(0.2).read(entry))
    assert time.monotonic() - began < HANG_SECONDS
    server.going.set()
    # On another connection: on that one nobody knows what will still come.
    assert await up().read(entry) == b"x" * 100
    assert len(server.connections) == 2


@pytest.mark.slow
async def test_a_folder_of_this_machine_that_hangs_is_not_waited_for_any_more(office, monkeypatch):
    up, looked = office(), []

    def hang(_folder, _wanted):
        looked.append(time.monotonic())
        time.sleep(0.3)
        return {}

    with monkeypatch.context() as patched:
        patched.setattr(local_files, "_list", hang)
        assert await failures(lambda: up(0.05).list(), FAILURES) == [Cause.TIMEOUT] * FAILURES
        came = len(looked)
        await refused_at_once(up)
        assert len(looked) == came
    assert await healed(up) == ()


async def test_what_is_wrong_with_one_file_says_nothing_against_the_server(server, office):
    dropped(office)
    up = office(server)
    (entry,) = await up().list()
    (office.inbox / "a.csv").write_bytes(b"changed")
    assert set(await failures(lambda: up().read(entry), FAILURES + 2)) == {Cause.UNAVAILABLE}
    office.inbox.rename(office.inbox.with_name("elsewhere"))
    assert set(await failures(lambda: up().list(), FAILURES + 2)) == {Cause.UNAVAILABLE}
    assert up.status().circuit is BreakerState.CLOSED
    office.inbox.with_name("elsewhere").rename(office.inbox)
    assert len(await up().list()) == 1


@pytest.mark.parametrize("slots", [1, 3])
async def test_no_more_files_are_open_at_once_than_the_office_has_slots(server, office, slots):
    dropped(office, size=200_000)
    up = office(server, concurrent=slots)
    (entry,) = await up().list()
    read = await asyncio.gather(*(up().read(entry) for _ in range(4 * slots)))
    assert {len(content) for content in read} == {200_000}
    assert server.most_open == slots


async def test_slots_are_shared_by_the_processes(server, office):
    dropped(office)
    up = office(server, tuning={"processes": 2}, concurrent=4)
    (entry,) = await up().list()
    await asyncio.gather(*(up().read(entry) for _ in range(8)))
    assert server.most_open == 2


async def test_whoever_waits_for_a_slot_waits_no_longer_than_the_deadline_and_not_in_any_number(server, office):
    dropped(office)
    up = office(server, tuning={"most_waiting": 1}, concurrent=1)
    (entry,) = await up().list()
    server.going.clear()
    sitting = asyncio.ensure_future(up(5).read(entry))
    await asyncio.sleep(0.05)
    waiting = asyncio.ensure_future(up(0.2).read(entry))
    await asyncio.sleep(0.05)
    with pytest.raises(UpstreamUnavailableError, match="too many") as one_too_many:
        await up(5).read(entry)
    assert one_too_many.value.cause is Cause.CONCURRENCY_LIMIT
    with pytest.raises(UpstreamUnavailableError, match="slot") as late:
        await waiting
    assert late.value.cause is Cause.CONCURRENCY_LIMIT
    with pytest.raises(NotSentError) as unsent:
        await up(0.1).put("b.csv", b"x")
    assert unsent.value.cause is Cause.CONCURRENCY_LIMIT
    server.going.set()
    assert await sitting == b"x" * 100
    # No slot is lost on the way.
    assert await up(1).read(entry) == b"x" * 100


async def test_a_file_that_must_rest_takes_no_slot(server, office):
    dropped(office)
    up = office(server, tuning={"file_settle": timedelta(seconds=0.5)}, concurrent=1)
    (entry,) = await up().list()
    dropped(office, "new.csv")
    resting = asyncio.ensure_future(up().list())
    await asyncio.sleep(0.1)
    assert await up(0.3).read(entry) == b"x" * 100
    assert len(await resting) == 2


async def test_no_answer_is_waited_for_longer_than_the_slowest(server, office):
    dropped(office)
    up = office(server, slowest=timedelta(seconds=1))
    (entry,) = await up().list()
    server.going.clear()
    began = time.monotonic()
    with pytest.raises(UpstreamTimeoutError):
        await up(2 * HANG_SECONDS).read(entry)
    assert time.monotonic() - began < HANG_SECONDS


@pytest.mark.parametrize(
    ("sftp", "limits"), [({"per_day": 2}, {}), ({}, {"per_day": 2}), ({"per_day": 2}, {"per_day": 9})]
)
async def test_the_calls_of_a_day_are_counted_on_a_server(server, office, sftp, limits):
    up = office(server, sftp=sftp, **limits)
    for _ in range(2):
        assert await up().list() == ()
    came = len(server.requests)
    with pytest.raises(UpstreamUnavailableError) as spent:
        await up().list()
    assert spent.value.cause is Cause.QUOTA_SPENT
    with pytest.raises(NotSentError) as unsent:
        await up().put("b.csv", b"x")
    assert unsent.value.cause is Cause.QUOTA_SPENT
    assert len(server.requests) == came


async def test_the_calls_of_a_minute_are_counted_on_a_server(server, office):
    up = office(server, sftp={"per_minute": 2})
    assert await up(HANG_SECONDS).list() == ()
    outcomes = [await asyncio.gather(up(2).list(), return_exceptions=True) for _ in range(2)]
    assert outcomes[-1][0].cause is Cause.CONCURRENCY_LIMIT


async def test_a_folder_of_this_machine_counts_no_calls(office):
    up = office(per_day=1, per_minute=1)
    for _ in range(3):
        assert await up().list() == ()


async def test_what_an_adapter_learns_about_coming_back_holds_for_everybody(server, office):
    up = office(server)
    assert await up().list() == ()
    until = now() + timedelta(minutes=5)
    up.failed(UpstreamUnavailableError("closed for stock-taking", retry_at=until))
    with pytest.raises(UpstreamUnavailableError) as caught:
        await up().list()
    assert caught.value.retry_at == until


async def test_a_refused_account_opens_no_circuit(server, office):
    up = office(server, sftp={"password": "salah"})
    for _ in range(FAILURES + 1):
        with pytest.raises(CredentialsRefusedError):
            await up().list()
    assert up.status().circuit is BreakerState.CLOSED
    assert len(server.connections) == 1
