"""Counts of the writer of the access log, for metrics."""

from dataclasses import dataclass, field
from time import monotonic


@dataclass(slots=True)
class AccessLogCounts:
    """Entries that were committed or not since the start, commits with their seconds, and entries that wait."""

    written: int = 0
    failed: int = 0
    commits: int = 0
    commit_seconds: float = 0.0
    last_commit_seconds: float | None = None
    _unwritten: dict[object, tuple[float, int]] = field(default_factory=dict)

    @property
    def waiting(self) -> int:
        """How many entries wait for their commit."""
        return sum(entries for _, entries in self._unwritten.values())

    @property
    def oldest_waiting_seconds(self) -> float:
        """How long the oldest entry has been waiting for its commit; 0 if none is waiting."""
        return next((monotonic() - since for since, _ in self._unwritten.values()), 0.0)

    def begin_waiting(self, caller: object, entries: int) -> None:
        """Count the entries of a caller as waiting."""
        if entries:
            self._unwritten[caller] = monotonic(), entries

    def end_waiting(self, caller: object) -> None:
        """Stop counting the entries of this caller as waiting."""
        self._unwritten.pop(caller, None)

    def add_commit(self, entries: int, seconds: float) -> None:
        """Count a commit of this many entries."""
        self.written += entries
        self.commits += 1
        self.commit_seconds += seconds
        self.last_commit_seconds = seconds
