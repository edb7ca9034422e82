"""Processes that are measured: started on one core, with the CPU time and the memory of their whole tree.

CPU time is read from `/proc/PID/stat`: user and system time of every thread, of every descendant that runs, and of
every descendant that has ended and was waited for. A tick is 10 ms, so a measurement needs some hundred ticks to be
exact to one per cent. Time that the kernel spends for the network in soft interrupts is charged to the process that it
interrupts, which may be another one.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

TICKS: Final = os.sysconf("SC_CLK_TCK")
_UTIME, _CSTIME, _PPID = 11, 14, 1
"""Positions of `utime` (to `cstime`) and of `ppid` in `/proc/PID/stat` behind the name of the program."""
_PRIORITY: Final = -10
_ENDS_SECONDS: Final = 15.0


class BenchmarkError(Exception):
    """The measurement cannot be made; the message is one sentence for the user."""


@contextmanager
def alone() -> Iterator[None]:
    """Measure alone: wait for another measurement on this machine, and precede other work of it where that is allowed.

    The measured processes inherit the priority.
    """
    with (Path(tempfile.gettempdir()) / "gerbang-benchmarks.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.stderr.write("Another measurement is running on this machine; waiting for its end.\n")
            fcntl.flock(file, fcntl.LOCK_EX)
        _set_priority(_PRIORITY)
        try:
            yield
        finally:
            _set_priority(0)


def _set_priority(nice: int) -> None:
    """Set the priority of this process, and of its session, which Linux may schedule as one group."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, nice)
        Path("/proc/self/autogroup").write_text(str(nice), "ascii")


def cores() -> tuple[int, int]:
    """Return the core of the measured server, and the one of load and backends; the same where there is only one."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]


@dataclass(slots=True)
class Measured:
    """A running process, and its output file. `cpu_seconds` and `memory` cover it and all its descendants."""

    process: "subprocess.Popen[bytes]"
    log: Path
    name: str

    @property
    def pid(self) -> int:
        """The process id."""
        return self.process.pid

    def cpu_seconds(self) -> float:
        """The CPU time that the tree has used so far, in seconds."""
        return sum(_ticks(pid) for pid in _tree(self.pid)) / TICKS

    def memory(self) -> float:
        """The resident memory of the tree, in megabytes (10⁶ bytes); pages that processes share count once each."""
        return sum(_resident_kilobytes(pid) for pid in _tree(self.pid)) * 1024 / 1e6

    def check_running(self) -> None:
        """Raise `BenchmarkError` with the end of the log if the process has ended."""
        if self.process.poll() is not None:
            said = self.log.read_text("utf-8", "replace")[-2000:]
            raise BenchmarkError(f"{self.name} has ended with code {self.process.returncode}:\n{said}")

    def stop(self) -> None:
        """End the process and what it started; return when it has ended."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(_ENDS_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self.pid, signal.SIGKILL)
                self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()


def start(
    name: str,
    command: Sequence[str | Path],
    *,
    core: int,
    log: Path,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Measured:
    """Start a program on one core, in a process group of its own. Its output goes to the file `log`."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env=None if environment is None else dict(environment),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),  # noqa: PLW1509 - this process has one thread
        )
    return Measured(process, log, name)


def wait_until(condition: Callable[[], bool], process: Measured, seconds: float = 90.0, pause: float = 0.05) -> None:
    """Wait for a condition. Raises `BenchmarkError` if the process ends, or the time is over."""
    end = time.monotonic() + seconds
    while not condition():
        process.check_running()
        if time.monotonic() > end:
            raise BenchmarkError(f"{process.name} was not ready within {seconds:.0f} seconds.")
        time.sleep(pause)


def _tree(root: int) -> list[int]:
    """The process and its descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = _stat(int(entry.name))
            if fields:
                children.setdefault(int(fields[_PPID]), []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def _stat(pid: int) -> list[str]:
    """The fields of `/proc/PID/stat` from the state on; empty if the process has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return []


def _ticks(pid: int) -> int:
    return sum(int(value) for value in _stat(pid)[_UTIME : _CSTIME + 1])


def _resident_kilobytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8", "replace").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)
