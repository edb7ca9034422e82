"""Call windows: no window ever has more calls than the limit, wherever it begins, and memory is bounded."""

import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.shared.call_windows import SLICES, SlicedCallWindows

WINDOW = timedelta(seconds=10)


class Ticks:
    """A clock that tests move."""

    def __init__(self, at: float = 1000.0) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


@given(
    limit=st.integers(1, 20),
    start=st.floats(0, 1e6),
    gaps=st.lists(st.one_of(st.floats(0, 0.5), st.floats(0, 12)), min_size=1, max_size=200),
)
def test_no_window_ever_has_more_calls_than_the_limit(limit, start, gaps):
    clock, granted = Ticks(start), []
    windows = SlicedCallWindows(WINDOW, monotonic=clock)
    for gap in gaps:
        clock.at += gap
        decision = windows.take("caller", limit)
        assert 0 <= decision.remaining <= limit
        assert 1 <= decision.wait <= math.ceil(10 + 10 / SLICES)
        if decision.granted:
            granted.append(clock.at)
    for first, beyond in zip(granted, granted[limit:], strict=False):
        assert beyond - first >= 10 - 1e-6


@given(limit=st.integers(1, 2000), times=st.integers(2, 5))
def test_a_caller_at_several_times_its_limit_gets_the_limit_and_hardly_less(limit, times):
    clock = Ticks()
    windows = SlicedCallWindows(WINDOW, monotonic=clock)
    step = 10 / (limit * times)
    granted = 0
    for number in range(limit * times * 3):
        clock.at = 1000 + number * step
        granted += windows.take("caller", limit).granted
    assert limit * 3 * SLICES // (SLICES + 1) - 1 <= granted <= 3 * limit


@given(calls=st.lists(st.floats(0, 3), min_size=1, max_size=50), limit=st.integers(1, 5))
def test_after_the_stated_wait_a_call_is_free(calls, limit):
    clock = Ticks()
    windows = SlicedCallWindows(WINDOW, monotonic=clock)
    for gap in calls:
        clock.at += gap
        decision = windows.take("caller", limit)
        if not decision.granted:
            assert decision.remaining == 0
            clock.at += decision.wait
            assert windows.take("caller", limit).granted


def test_the_remaining_calls_are_counted_down_and_come_back():
    clock = Ticks()
    windows = SlicedCallWindows(WINDOW, monotonic=clock)
    assert [windows.take("caller", 3).remaining for _ in range(3)] == [2, 1, 0]
    assert not windows.take("caller", 3).granted
    assert windows.take("caller", 4).granted
    assert windows.take("other", 3).remaining == 2
    clock.at += 10.2
    assert windows.take("caller", 3) == (True, 2, 11)


def test_refused_calls_do_not_extend_the_wait():
    clock = Ticks()
    windows = SlicedCallWindows(WINDOW, monotonic=clock)
    windows.take("caller", 1)
    for _ in range(50):
        clock.at += 0.2
        windows.take("caller", 1)
    clock.at = 1010.2
    assert windows.take("caller", 1).granted


@given(keys=st.lists(st.integers(0, 200), min_size=1, max_size=300), most=st.integers(1, 20))
def test_the_number_of_keys_is_bounded_and_the_least_recently_used_go_first(keys, most):
    windows = SlicedCallWindows(WINDOW, most_keys=most, monotonic=Ticks())
    used: list[int] = []
    for key in keys:
        used = [*(one for one in used if one != key), key][-most:]
        windows.take(str(key), 1000)
        assert len(windows) == len(used)
    for position, key in enumerate(used):
        assert windows.take(str(key), 1000).remaining < 999, position


@pytest.mark.parametrize("callers", [1000])
def test_keys_without_calls_in_the_window_are_dropped_on_the_way(callers):
    clock = Ticks()
    windows = SlicedCallWindows(WINDOW, monotonic=clock)
    for number in range(callers):
        windows.take(f"early {number}", 5)
    clock.at += 11
    for number in range(callers // 2 + 1):
        windows.take(f"late {number}", 5)
    assert len(windows) == callers // 2 + 1
