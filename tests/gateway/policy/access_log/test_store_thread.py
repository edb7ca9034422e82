"""Grouping, timeouts and the end of the writer, before a store that a test holds up."""

import asyncio
import threading
from datetime import timedelta

import pytest

from gateway.policy.access_log.entries import AccessLogUnavailableError
from gateway.policy.access_log.stores import StoreUnavailableError
from gateway.policy.access_log.writer import GroupedAccessLog
from tests.gateway.policy.access_log.driver import entry

pytestmark = pytest.mark.anyio

LONG = timedelta(minutes=2)
SHORT = timedelta(milliseconds=20)


class HeldStore:
    """Keeps entries in memory. While `go` is not set, an insertion waits."""

    def __init__(self):
        self.groups = []
        self.begun = threading.Semaphore(0)
        self.go = threading.Event()
        self.interrupted = threading.Semaphore(0)
        self.fails = False
        self.closed = False

    def insert(self, entries):
        self.begun.release()
        self.go.wait()
        if self.fails:
            raise StoreUnavailableError from OSError()
        self.groups.append([one.occasion.request_id for one in entries])

    def try_insert(self):
        self.insert(())

    def interrupt(self):
        self.interrupted.release()

    def close(self):
        self.closed = True


@pytest.fixture
def store():
    held = HeldStore()
    yield held
    held.go.set()


async def started(store, within=LONG):
    log = GroupedAccessLog(Unused(), within, store)
    log.start()
    return log


class Unused:
    """A database that no test here needs."""

    is_sqlite = True


async def recording(log, *numbers):
    """Tasks that record one entry each, when all of them wait."""
    tasks = [asyncio.create_task(log.record((entry(number),))) for number in numbers]
    await asyncio.sleep(0)
    return tasks


async def first_running(log, store):
    """The task of entry 0, when its insertion has begun."""
    (task,) = await recording(log, 0)
    await asyncio.to_thread(store.begun.acquire)
    return task


async def test_an_entry_that_finds_nothing_running_is_inserted_alone_and_the_next_ones_together(store):
    log = await started(store)
    first = await first_running(log, store)
    later = await recording(log, 1, 2, 3)
    store.go.set()
    await asyncio.gather(first, *later)
    assert store.groups == [["r0"], ["r1", "r2", "r3"]]
    await log.aclose()


async def test_entries_of_one_round_of_the_loop_share_a_group(store):
    log = await started(store)
    store.go.set()
    await asyncio.gather(*await recording(log, 0, 1, 2))
    assert store.groups == [["r0", "r1", "r2"]]
    await log.aclose()


async def test_whoever_leaves_while_waiting_leaves_their_entry(store):
    log = await started(store)
    first = await first_running(log, store)
    leaving, staying = await recording(log, 1, 2)
    leaving.cancel()
    first.cancel()
    await asyncio.wait([leaving, first])
    store.go.set()
    await staying
    assert store.groups == [["r0"], ["r1", "r2"]]
    await log.aclose()


async def test_whoever_waits_for_too_long_gets_an_error_and_their_entry_is_not_inserted_later(store):
    log = await started(store, SHORT)
    first = await first_running(log, store)
    tasks = [first, *await recording(log, 1, 2)]
    told = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in told] == [AccessLogUnavailableError] * 3
    store.go.set()
    await log.aclose()
    assert store.groups == [["r0"]], "only what was under way already"


async def test_an_insertion_that_waits_is_interrupted_until_it_ends(store):
    log = await started(store, SHORT)
    first = await first_running(log, store)
    for _ in range(3):
        await asyncio.to_thread(store.interrupted.acquire)
    store.go.set()
    await log.aclose()
    assert isinstance(*await asyncio.gather(first, return_exceptions=True), AccessLogUnavailableError)


async def test_closing_inserts_what_waits_and_accepts_nothing_more(store):
    log = await started(store)
    first = await first_running(log, store)
    later = await recording(log, 1, 2)
    closing = asyncio.create_task(log.aclose())
    await asyncio.sleep(0)
    with pytest.raises(AccessLogUnavailableError):
        await log.record((entry(3),))
    assert not store.closed
    store.go.set()
    await asyncio.gather(closing, first, *later)
    assert store.groups == [["r0"], ["r1", "r2"]]
    assert store.closed
    assert "access-log" not in {thread.name for thread in threading.enumerate()}
    assert not await log.is_writable()


async def test_more_than_may_wait_are_refused_at_once(store, monkeypatch):
    monkeypatch.setattr("gateway.policy.access_log.writer._LONGEST_QUEUE", 2)
    log = await started(store)
    first = await first_running(log, store)
    later = await recording(log, 1, 2)
    with pytest.raises(AccessLogUnavailableError, match="too many"):
        await log.record((entry(3),))
    store.go.set()
    await asyncio.gather(first, *later)
    await log.aclose()


async def test_a_group_is_not_larger_than_the_database_takes_well(store, monkeypatch):
    monkeypatch.setattr("gateway.policy.access_log.writer._LARGEST_GROUP", 2)
    log = await started(store)
    store.go.set()
    await asyncio.gather(*await recording(log, *range(5)))
    assert store.groups == [["r0", "r1"], ["r2", "r3"], ["r4"]]
    await log.aclose()


async def test_a_probe_is_inserted_with_no_entry(store):
    log = await started(store)
    first = await first_running(log, store)
    before = await recording(log, 1)
    probing = asyncio.create_task(log.is_writable())
    await asyncio.sleep(0)
    after = await recording(log, 2)
    store.go.set()
    assert await probing
    await asyncio.gather(first, *before, *after)
    assert store.groups == [["r0"], ["r1"], [], ["r2"]]
    await log.aclose()


async def test_a_store_that_accepts_nothing_refuses_everybody_in_the_group(store):
    log = await started(store)
    store.fails = True
    store.go.set()
    tasks = await recording(log, 0, 1, 2)
    told = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in told] == [AccessLogUnavailableError] * 3
    assert store.begun.acquire(blocking=False)
    assert not store.begun.acquire(blocking=False), "it is not tried entry by entry"
    assert not await log.is_writable()
    store.fails = False
    await log.record((entry(),))
    assert await log.is_writable()
    await log.aclose()


def test_a_loop_that_ends_without_closing_the_log_leaves_no_waiting_thread():
    store = HeldStore()

    async def left():
        await first_running(await started(store), store)

    thread_names = []
    asyncio.run(left())
    thread_names += [thread for thread in threading.enumerate() if thread.name == "access-log"]
    store.go.set()
    for thread in thread_names:
        thread.join()
    assert store.closed
