"""The process: memory, open files, threads, tasks, garbage collection, the lag of its event loop, the version.

Memory, files, threads and times come from `/proc`; on a system without it they are missing.
"""

import asyncio
import gc
import math
import os
import platform
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from gateway.observability.metrics.families import Histogram, MetricFamily, MetricKind, MetricSample

BUILD: Final = MetricFamily(
    "gerbang_build_info", MetricKind.GAUGE, "Always 1; the labels are the versions", ("version", "python")
)
MEMORY: Final = MetricFamily("process_resident_memory_bytes", MetricKind.GAUGE, "Resident memory of the process")
CPU: Final = MetricFamily(
    "process_cpu_seconds_total", MetricKind.COUNTER, "CPU time of the process, user and system together"
)
STARTED: Final = MetricFamily(
    "process_start_time_seconds", MetricKind.GAUGE, "Time at which the process was started, as Unix time"
)
FILES: Final = MetricFamily("process_open_fds", MetricKind.GAUGE, "Open file descriptors")
MOST_FILES: Final = MetricFamily("process_max_fds", MetricKind.GAUGE, "Most file descriptors that may be open")
THREADS: Final = MetricFamily("gerbang_threads", MetricKind.GAUGE, "Threads of the process")
TASKS: Final = MetricFamily("gerbang_asyncio_tasks", MetricKind.GAUGE, "Tasks of the event loop that have not ended")
LAG: Final = MetricFamily(
    "gerbang_event_loop_lag_seconds",
    MetricKind.HISTOGRAM,
    "How much later than planned the event loop ran a timer, measured twice a second",
)
COLLECTIONS: Final = MetricFamily(
    "python_gc_collections_total", MetricKind.COUNTER, "Runs of the garbage collector", ("generation",)
)
COLLECTED: Final = MetricFamily(
    "python_gc_objects_collected_total", MetricKind.COUNTER, "Objects that the garbage collector freed", ("generation",)
)
PROCESS_FAMILIES: Final = (
    *(BUILD, MEMORY, CPU, STARTED, FILES, MOST_FILES, THREADS),
    *(TASKS, LAG, COLLECTIONS, COLLECTED),
)

_INTERVAL_SECONDS: Final = 0.5
_PROCESS: Final = Path("/proc/self")
_BOOT_LINE: Final = "btime "


class EventLoopLag:
    """Measures by a timer how late the event loop is, from `start` to `aclose`."""

    def __init__(self) -> None:
        self.histogram = Histogram()
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Start measuring."""
        self._wait(asyncio.get_running_loop())

    async def aclose(self) -> None:
        """Stop measuring."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait(self, loop: asyncio.AbstractEventLoop) -> None:
        due = loop.time() + _INTERVAL_SECONDS
        self._timer = loop.call_at(due, self._measure, loop, due)

    def _measure(self, loop: asyncio.AbstractEventLoop, due: float) -> None:
        self.histogram.observe(max(0.0, loop.time() - due))
        self._wait(loop)


class ProcessMetrics:
    """Reads the state of this process. `version`: of the gateway."""

    def __init__(self, lag: EventLoopLag, version: str) -> None:
        self._lag = lag
        self._versions = (version, platform.python_version())
        self._started_at = _start_time()

    def samples(self) -> Iterator[MetricSample]:
        """The present values."""
        yield MetricSample(BUILD, self._versions, 1)
        yield MetricSample(CPU, (), time.process_time())
        if self._started_at is not None:
            yield MetricSample(STARTED, (), self._started_at)
            yield MetricSample(MEMORY, (), _resident_bytes())
            yield MetricSample(FILES, (), len(os.listdir(_PROCESS / "fd")))  # noqa: PTH208
            yield MetricSample(THREADS, (), len(os.listdir(_PROCESS / "task")))  # noqa: PTH208
        most_files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        yield MetricSample(MOST_FILES, (), math.inf if most_files == resource.RLIM_INFINITY else most_files)
        yield MetricSample(TASKS, (), len(asyncio.all_tasks()))
        yield MetricSample(LAG, (), self._lag.histogram.copy())
        for generation, counts in enumerate(gc.get_stats()):
            yield MetricSample(COLLECTIONS, (str(generation),), counts["collections"])
            yield MetricSample(COLLECTED, (str(generation),), counts["collected"])


def _resident_bytes() -> int:
    pages = int((_PROCESS / "statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize()


def _start_time() -> float | None:
    """When the process was started, as Unix time; None without `/proc`."""
    try:
        # The name of the program, in parentheses, may contain blanks.
        after_name = (_PROCESS / "stat").read_text("utf-8").rpartition(")")[2].split()
        lines = Path("/proc/stat").read_text("ascii").splitlines()
    except OSError:
        return None
    boot = next(float(line.removeprefix(_BOOT_LINE)) for line in lines if line.startswith(_BOOT_LINE))
    return boot + int(after_name[19]) / os.sysconf("SC_CLK_TCK")
