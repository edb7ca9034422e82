"""What one process's shared state promises: rates never exceeded, one holder of a lease, nothing without bound."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.shared.contract import Rate, Shared
from gateway.shared.memory import MemoryShared

pytestmark = pytest.mark.anyio

SECOND = timedelta(seconds=1)


class Time:
    """A clock that tests move, wall and monotonic in one."""

    def __init__(self) -> None:
        self.at = 1000.0

    def monotonic(self) -> float:
        return self.at

    def clock(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)


def memory(time: Time, **bounds: int) -> Shared:
    return MemoryShared(clock=time.clock, monotonic=time.monotonic, **bounds)


@given(
    calls=st.integers(1, 40),
    gaps=st.lists(st.floats(0, 40), min_size=1, max_size=150),
    patience=st.floats(0, 90),
)
async def test_no_minute_ever_has_more_calls_than_the_rate_says(calls, gaps, patience):
    time, gone = Time(), []
    shared = memory(time)
    for gap in gaps:
        time.at += gap
        turn = await shared.take("k", Rate.per_minute(calls), patience=timedelta(seconds=patience))
        assert turn.granted == (turn.wait <= timedelta(seconds=patience))
        if turn.granted:
            gone.append(time.at + turn.wait.total_seconds())
    assert gone == sorted(gone)
    for first, beyond in zip(gone, gone[calls:], strict=False):
        assert beyond - first >= 60 - 1e-3


@given(calls=st.integers(1, 200))
async def test_a_minute_of_asking_gets_the_whole_rate(calls):
    time = Time()
    shared, rate, taken = memory(time), Rate.per_minute(calls), 0
    for _ in range(600):
        while (await shared.take("k", rate, patience=timedelta(0))).granted:
            taken += 1
        time.at += 0.1
    assert taken in {calls, calls - 1}


async def test_a_counter_counts_to_its_limit_and_anew_after_its_end():
    time = Time()
    shared, until = memory(time), time.clock() + 5 * SECOND
    assert [await shared.count("k", limit=3, until=until) for _ in range(5)] == [True] * 3 + [False] * 2
    assert await shared.count("other", limit=3, until=until)
    assert [await shared.counted(key) for key in ("k", "other", "none")] == [3, 1, 0]
    time.at += 6
    assert await shared.counted("k") == 0
    assert await shared.count("k", limit=3, until=until + 5 * SECOND)


async def test_a_lease_has_one_holder_and_a_late_one_can_do_nothing():
    time = Time()
    shared = memory(time)
    first = await shared.acquire("feed", "a", 10 * SECOND)
    assert first is not None
    assert await shared.acquire("feed", "a", 10 * SECOND) is None
    time.at += 9
    assert await shared.extend(first, 10 * SECOND)
    time.at += 9
    assert await shared.acquire("feed", "b", 10 * SECOND) is None
    time.at += 2
    second = await shared.acquire("feed", "b", 10 * SECOND)
    assert second is not None
    assert second.fence > first.fence
    assert not await shared.extend(first, 10 * SECOND)
    await shared.release(first)
    assert await shared.acquire("feed", "c", SECOND) is None
    await shared.release(second)
    third = await shared.acquire("feed", "c", SECOND)
    assert third is not None
    assert third.fence > second.fence


async def test_leases_that_are_held_are_not_forgotten_for_new_ones():
    time = Time()
    shared = memory(time, entries=2)
    assert await shared.acquire("a", "x", SECOND)
    assert await shared.acquire("b", "x", 10 * SECOND)
    assert await shared.acquire("c", "x", SECOND) is None
    time.at += 2
    assert await shared.acquire("c", "x", SECOND)
    assert await shared.acquire("b", "y", SECOND) is None


async def test_a_session_is_replaced_only_by_who_knows_the_present_one():
    time = Time()
    shared = memory(time, entries=2)
    first = await shared.replace_session("k", 0, b"one", 10 * SECOND)
    assert first is not None
    assert b"one" not in repr(first).encode()
    assert await shared.replace_session("k", 0, b"two", 10 * SECOND) is None
    second = await shared.replace_session("k", first.generation, b"two", 10 * SECOND)
    assert second is not None
    assert second.generation > first.generation
    assert await shared.session("k") == second
    time.at += 11
    assert await shared.session("k") is None
    third = await shared.replace_session("k", 0, b"three", 10 * SECOND)
    assert third is not None
    assert third.generation > second.generation


@given(
    steps=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 900), st.floats(0, 20), st.floats(0, 5)), max_size=60)
)
async def test_the_short_lived_cache_keeps_values_for_their_time_within_its_bytes(steps):
    time, kept = Time(), {}
    shared = MemoryShared(clock=time.clock, monotonic=time.monotonic, cache_bytes=4000)
    for key, length, ttl, pause in steps:
        time.at += pause
        value = bytes([key]) * length
        if await shared.put(str(key), value, timedelta(seconds=ttl)):
            kept[str(key)] = (value, time.at + ttl)
        else:
            kept.pop(str(key), None)
            assert length + 300 > 400
        assert shared._short_lived.currsize <= 4000
        for name, (expected, until) in kept.items():
            found = await shared.get(name)
            assert found in {None, expected}
            if found is not None:
                assert time.at < until + 1e-6
    for name in kept:
        await shared.delete(name)
    assert shared._short_lived.currsize == 0


async def test_a_full_short_lived_cache_drops_what_was_used_longest_ago():
    time = Time()
    shared = MemoryShared(clock=time.clock, monotonic=time.monotonic, cache_bytes=8 * 400)
    for number in range(8):
        assert await shared.put(str(number), b"x" * 99, 10 * SECOND)
    assert await shared.get("0") == b"x" * 99
    assert await shared.put("8", b"x" * 99, 10 * SECOND)
    assert [number for number in range(9) if await shared.get(str(number)) is None] == [1]


async def test_what_ran_out_makes_room_before_what_lives():
    time = Time()
    shared = MemoryShared(clock=time.clock, monotonic=time.monotonic, cache_bytes=8 * 400)
    for number in range(8):
        assert await shared.put(str(number), b"x" * 99, (1 if number == 7 else 10) * SECOND)
    time.at += 2
    assert await shared.put("8", b"x" * 99, SECOND)
    assert [number for number in range(9) if await shared.get(str(number)) is None] == [7]


@pytest.mark.parametrize(("length", "seconds"), [(0, 0), (1_000, 10)], ids=["run out at once", "too large"])
async def test_a_value_that_is_not_kept_leaves_none_of_its_key(length, seconds):
    time = Time()
    shared = MemoryShared(clock=time.clock, monotonic=time.monotonic, cache_bytes=4000)
    assert await shared.put("k", b"earlier", 10 * SECOND)
    assert await shared.put("k", b"x" * length, timedelta(seconds=seconds)) == (seconds == 0)
    assert await shared.get("k") is None
