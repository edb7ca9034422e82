"""P2: the tag of a list changes only when what is shown changes.

The list is read every few seconds while other things are measured, before any system fails. The backend replays the
same records, so a second tag is one too many, whether time has passed or the feed was fetched again.
"""

import json
import re
import threading
import time
from dataclasses import dataclass, field
from typing import Final

from benchmarks.gerbang import Gerbang
from benchmarks.goals import Goal
from benchmarks.workloads import LIST

_EVERY_SECONDS: Final = 2.0
_FETCHED_AT: Final = re.compile(r'"fetched_at": ?"([^"]*)"')


@dataclass(slots=True)
class TagWatch:
    """Collects the tags of the list in a thread. `fetched` are the times at which its records were fetched."""

    gateway: Gerbang
    tags: set[str] = field(default_factory=set)
    fetched: set[str] = field(default_factory=set)
    began: float = field(default_factory=time.monotonic)
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Start to watch."""
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def result(self, *, at_least: float) -> Goal:
        """Stop watching, `at_least` seconds after the beginning; return the row."""
        while time.monotonic() - self.began < at_least:
            time.sleep(0.5)
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        seconds = time.monotonic() - self.began
        what = "different tags of an unchanged list, over at least a minute"
        more = {"seconds": round(seconds), "renewals_of_the_feed": max(0, len(self.fetched) - 1)}
        return Goal("P2", what, float(len(self.tags)), 1, unit="tags", more=more)

    def _watch(self) -> None:
        while not self._ended.wait(_EVERY_SECONDS):
            try:
                status, headers, body = self.gateway.get(LIST.target)
            except OSError:
                continue
            if status == 200 and "etag" in headers:
                self.tags.add(headers["etag"])
                answer = json.loads(body)
                self.fetched |= {one["fetched_at"] for one in answer.get("sources", ()) if one.get("fetched_at")}
                self.fetched |= set(_FETCHED_AT.findall(headers.get("gerbang-sources", "")))
