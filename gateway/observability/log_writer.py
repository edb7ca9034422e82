"""Writes log lines in batches, in a thread: the event loop only appends an object to a queue.

A batch is formatted and written 100 ms after its first line, at once after an error, or when many lines wait. Lines
that wait when the process is killed are lost; a process that ends in any other way writes them.

Lines are formatted in slices with a pause after each. A thread that computes keeps the interpreter's lock for 5 ms
after another thread asks for it, and the event loop asks after every read from a socket.
"""

import atexit
import contextlib
import threading
import time
from collections import deque
from typing import Final, Protocol, TextIO

from gateway.observability.log_lines import Line

INTERVAL_SECONDS: Final = 0.1
_MANY_LINES: Final = 1_000
_SLICE_LINES: Final = 50
_PAUSE_SECONDS: Final = 0.000_5
_MOST_LINES: Final = 20_000
_END_SECONDS: Final = 5.0


class LogLine(Protocol):
    """A line that is not formatted yet. It has no reference to an object that may change."""

    def text(self) -> str:
        """The line, without a line break."""
        ...


class LogWriter:
    """Writes lines to `stream` until `stop`, which closes it if `closes`.

    When 20,000 lines wait, further ones are dropped and counted in `dropped`; a line then states their number.
    """

    def __init__(self, stream: TextIO, *, closes: bool) -> None:
        self._stream = stream
        self._closes = closes
        self._lines: deque[LogLine] = deque()
        self.dropped = 0
        self._reported = 0
        self._has_lines = threading.Event()
        self._is_urgent = threading.Event()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)

    def start(self) -> None:
        """Start the thread. The remaining lines are written at the end of the interpreter, if `stop` is not called."""
        atexit.register(self.stop)
        self._thread.start()

    def append(self, line: LogLine, *, urgent: bool = False) -> None:
        """Queue a line. From any thread; does not block."""
        waiting = len(self._lines)
        if waiting >= _MOST_LINES:
            self.dropped += 1
            return
        self._lines.append(line)
        if not self._has_lines.is_set():
            self._has_lines.set()
        if (urgent or waiting >= _MANY_LINES) and not self._is_urgent.is_set():
            self._is_urgent.set()

    def stop(self) -> None:
        """Write the remaining lines, and close the stream."""
        atexit.unregister(self.stop)
        if self._is_stopping:
            return
        self._is_stopping = True
        self._has_lines.set()
        self._is_urgent.set()
        self._thread.join(_END_SECONDS)

    def _run(self) -> None:
        while not self._is_stopping:
            self._has_lines.wait()
            self._is_urgent.wait(INTERVAL_SECONDS)
            # Cleared before the lines are taken: a line that is queued later sets them again.
            self._has_lines.clear()
            self._is_urgent.clear()
            self._write_waiting()
        self._write_waiting()
        if self._closes:
            with contextlib.suppress(OSError, ValueError):
                self._stream.close()

    def _write_waiting(self) -> None:
        while self._lines:
            batch: list[str] = []
            for size in range(min(len(self._lines), _MANY_LINES)):
                if size and size % _SLICE_LINES == 0 and not self._is_stopping:
                    time.sleep(_PAUSE_SECONDS)
                batch.append(self._lines.popleft().text())
            if self.dropped > self._reported:
                dropped, self._reported = self.dropped - self._reported, self.dropped
                batch.append(Line(time.time(), "warning", __name__, "log lines dropped", {"count": dropped}).text())
            batch.append("")
            # On a full disk lines are lost, but the thread continues.
            with contextlib.suppress(OSError, ValueError):
                self._stream.write("\n".join(batch))
                self._stream.flush()
