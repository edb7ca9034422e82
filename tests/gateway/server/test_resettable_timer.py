"""The timer of a connection, with a clock that the test moves."""

import pytest

from gateway.server.resettable_timer import ResettableTimer


class Handle:
    def __init__(self, due, callback):
        self.due, self.callback, self.cancelled = due, callback, False

    def cancel(self):
        self.cancelled = True


class Loop:
    """The part of an event loop that a timer uses."""

    def __init__(self):
        self.now, self.handles = 0.0, []

    def time(self):
        return self.now

    def call_at(self, due, callback):
        self.handles.append(Handle(due, callback))
        return self.handles[-1]

    def run_until(self, now):
        while due := [one for one in self.handles if not one.cancelled and one.due <= now]:
            first = min(due, key=lambda one: one.due)
            self.handles.remove(first)
            self.now = first.due
            first.callback()
        self.now = now


@pytest.fixture
def loop():
    return Loop()


@pytest.fixture
def expired(loop):
    return []


@pytest.fixture
def timer(loop, expired):
    return ResettableTimer(loop, lambda: expired.append(loop.now))


def test_it_expires_once(loop, timer, expired):
    timer.start(5)
    loop.run_until(100)
    assert expired == [5]


def test_a_later_time_replaces_the_earlier_without_another_timer_of_the_loop(loop, timer, expired):
    timer.start(5)
    for second in range(1, 5):
        loop.run_until(second)
        timer.start(5)
        assert len(loop.handles) == 1
    loop.run_until(100)
    assert expired == [9]


def test_an_earlier_time_replaces_the_later(loop, timer, expired):
    timer.start(10)
    timer.start(2)
    loop.run_until(100)
    assert expired == [2]


@pytest.mark.parametrize("end", ["stop", "close"])
def test_it_does_not_expire_after_its_end(loop, timer, expired, end):
    timer.start(5)
    getattr(timer, end)()
    loop.run_until(100)
    assert expired == []


def test_it_begins_again_after_a_stop(loop, timer, expired):
    timer.start(5)
    timer.stop()
    loop.run_until(3)
    timer.start(5)
    loop.run_until(100)
    assert expired == [8]


def test_after_the_end_of_a_connection_no_timer_of_the_loop_is_left(loop, timer):
    timer.start(5)
    timer.close()
    assert [one for one in loop.handles if not one.cancelled] == []
