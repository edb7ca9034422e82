"""The values of the process are those of the operating system; the lag of the loop is that of its timers."""

import asyncio
import os
import resource
import time
from pathlib import Path

import pytest

from gateway.observability.metrics.process import (
    BUILD,
    FILES,
    LAG,
    MEMORY,
    PROCESS_FAMILIES,
    STARTED,
    TASKS,
    EventLoopLag,
    ProcessMetrics,
)

pytestmark = pytest.mark.anyio


async def test_the_values_are_those_of_this_process(tmp_path):
    read = ProcessMetrics(EventLoopLag(), "1.2.3")
    found = {one.family: one for one in read.samples()}
    assert found.keys() == set(PROCESS_FAMILIES)
    assert found[BUILD].labels[0] == "1.2.3"
    assert 0 < found[MEMORY].value <= 2 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    assert found[STARTED].value <= time.time()
    with (tmp_path / "open").open("w"):
        more = {one.family: one.value for one in read.samples()}
    assert more[FILES] == found[FILES].value + 1
    assert found[TASKS].value == len(asyncio.all_tasks())


async def test_a_system_without_proc_lacks_values_and_nothing_fails(monkeypatch):
    monkeypatch.setattr("gateway.observability.metrics.process._PROCESS", Path(os.devnull) / "nowhere")
    found = {one.family for one in ProcessMetrics(EventLoopLag(), "1.2.3").samples()}
    assert found < set(PROCESS_FAMILIES)
    assert LAG in found


class FakeLoop:
    """A loop whose clock is set, and which runs a timer when it is told to."""

    def __init__(self):
        self.at, self.timers = 100.0, []

    def time(self):
        return self.at

    def call_at(self, due, run, *arguments):
        self.timers.append((due, run, arguments))


async def test_the_lag_is_the_time_after_a_timer_was_due():
    lag, loop = EventLoopLag(), FakeLoop()
    lag._wait(loop)
    for late in (0.0, 0.3):
        due, run, arguments = loop.timers.pop()
        loop.at = due + late
        run(*arguments)
    assert lag.histogram.total == pytest.approx(0.3)
    assert sum(lag.histogram.counts) == 2
    assert len(loop.timers) == 1


async def test_the_measuring_ends():
    lag = EventLoopLag()
    await lag.aclose()
    lag.start()
    timer = lag._timer
    await lag.aclose()
    assert timer.cancelled()
