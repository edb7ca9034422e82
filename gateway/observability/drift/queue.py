"""Compares answers with earlier ones beside the requests that brought them: in a thread, from a bounded queue.

An answer waits about a tenth of a second, in memory only, and is dropped from memory once it is compared. Where answers
come faster than they can be compared, some are left out and counted: drift shows in the next ones too.
"""

import asyncio
import logging
from collections import deque
from threading import Event, Lock, Thread
from typing import Final

from gateway.observability.drift.detector import DriftDetector
from gateway.records.normaliser import NormalisedAnswer

MOST_ANSWERS: Final = 256
MOST_RECORDS: Final = 20_000
"""Records in all answers that wait. An answer with more than that waits alone."""
_PAUSE: Final = 0.1
"""Seconds before waiting answers are compared, so that their requests are finished first."""

_log = logging.getLogger(__name__)


class DriftQueue:
    """Answers that wait for the comparison. `dropped` counts those that were left out."""

    def __init__(self, detector: DriftDetector) -> None:
        self._detector = detector
        self._lock = Lock()
        self._waiting: deque[NormalisedAnswer] = deque()
        self._records = 0
        self.dropped = 0
        self._came = Event()
        self._ending = Event()
        self._thread: Thread | None = None

    def put(self, answer: NormalisedAnswer) -> None:
        """Let an answer wait for its comparison, or leave it out where too much waits. Never blocks for long."""
        with self._lock:
            if len(self._waiting) >= MOST_ANSWERS or (
                self._waiting and self._records + len(answer.items) > MOST_RECORDS
            ):
                self.dropped += 1
                return
            self._waiting.append(answer)
            self._records += len(answer.items)
        self._came.set()

    def drain(self) -> None:
        """Compare every answer that waits, in this thread."""
        self._came.clear()
        while self._waiting:
            self._compare_next()

    def start(self) -> None:
        """Begin to compare what comes."""
        self._thread = Thread(target=self._run, name="drift", daemon=True)
        self._thread.start()

    async def aclose(self) -> None:
        """Compare what still waits, and stop."""
        self._ending.set()
        self._came.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)
        await asyncio.to_thread(self.drain)

    def _run(self) -> None:
        reported = 0
        while not self._ending.is_set():
            self._came.wait()
            self._ending.wait(_PAUSE)
            self.drain()
            if self.dropped and not reported:
                _log.warning("answers not compared for drift", extra={"count": self.dropped})
                reported = self.dropped
        if self.dropped > reported:
            _log.warning("answers not compared for drift", extra={"count": self.dropped})

    def _compare_next(self) -> None:
        """Compare one answer. No reference to it is left afterwards."""
        with self._lock:
            if not self._waiting:
                return
            answer = self._waiting.popleft()
            self._records -= len(answer.items)
        try:
            self._detector.notice(answer)
        except Exception as error:  # noqa: BLE001 - one answer that cannot be compared must not end the comparison
            # Without its text, which may hold what stood in the answer.
            _log.error("drift not compared", extra={"system": answer.system, "error": type(error).__name__})
