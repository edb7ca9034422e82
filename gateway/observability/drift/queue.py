"""Bounded queue of answers for drift detection, processed by a background thread.

An answer waits about a tenth of a second, in memory only, and is released after the comparison. Only a sample of the
answers of a busy system is compared, and if answers arrive faster than they can be compared, some are dropped and
counted: drift appears in later answers too.
"""

import asyncio
import logging
from collections import Counter, deque
from threading import Event, Lock, Thread
from typing import Final

from gateway.observability.drift.detector import DriftDetector
from gateway.records.normaliser import NormalisedAnswer

MAX_ANSWERS: Final = 256
MAX_RECORDS: Final = 20_000
"""Limit on the records of all queued answers. A larger answer is accepted if the queue is empty."""
SAMPLE: Final = 2
"""Answers of one system and resource that are compared after each delay; answers with rejected records always are.

A comparison costs about 30 µs a record, and the thread competes with the event loop for the interpreter.
"""
_DELAY_SECONDS: Final = 0.1
"""Delay before queued answers are compared, so that their requests finish first."""

_log = logging.getLogger(__name__)


class DriftQueue:
    """Queue of answers for comparison. `dropped` is the number of answers that the queue had no room for."""

    def __init__(self, detector: DriftDetector) -> None:
        self._detector = detector
        self._lock = Lock()
        self._waiting: deque[NormalisedAnswer] = deque()
        self._records = 0
        self._sampled: Counter[tuple[str, str]] = Counter()
        self.dropped = 0
        self._added = Event()
        self._stopping = Event()
        self._thread: Thread | None = None

    @property
    def waiting(self) -> int:
        """How many answers wait for their comparison."""
        return len(self._waiting)

    def put(self, answer: NormalisedAnswer) -> None:
        """Queue an answer, unless enough of its kind are queued, or the queue is full. Blocks only for the lock."""
        kind = answer.system, answer.resource
        with self._lock:
            if self._sampled[kind] >= SAMPLE and not answer.reasons:
                return
            if len(self._waiting) >= MAX_ANSWERS or (self._waiting and self._records + len(answer.items) > MAX_RECORDS):
                self.dropped += 1
                return
            self._waiting.append(answer)
            self._records += len(answer.items)
            self._sampled[kind] += 1
        if not self._added.is_set():
            self._added.set()

    def drain(self) -> None:
        """Compare all queued answers in this thread."""
        self._added.clear()
        with self._lock:
            self._sampled.clear()
        while self._waiting:
            self._compare_next()

    def start(self) -> None:
        """Start the background thread."""
        self._thread = Thread(target=self._run, name="drift", daemon=True)
        self._thread.start()

    async def aclose(self) -> None:
        """Stop the thread, and compare the remaining answers."""
        self._stopping.set()
        self._added.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)
        await asyncio.to_thread(self.drain)

    def _run(self) -> None:
        reported = 0
        while not self._stopping.is_set():
            self._added.wait()
            self._stopping.wait(_DELAY_SECONDS)
            self.drain()
            if self.dropped and not reported:
                _log.warning("answers not compared for drift", extra={"count": self.dropped})
                reported = self.dropped
        if self.dropped > reported:
            _log.warning("answers not compared for drift", extra={"count": self.dropped})

    def _compare_next(self) -> None:
        """Compare one answer, and keep no reference to it."""
        with self._lock:
            if not self._waiting:
                return
            answer = self._waiting.popleft()
            self._records -= len(answer.items)
        try:
            self._detector.compare(answer)
        except Exception as error:  # noqa: BLE001 - an answer that cannot be compared must not end the thread
            # The message is not logged: it may contain data of the answer.
            _log.error("drift not compared", extra={"system": answer.system, "error": type(error).__name__})
