"""Work that requests leave to the background: access log, log lines, drift detection."""

from collections.abc import Iterator
from typing import Final

from gateway.observability.drift.queue import DriftQueue
from gateway.observability.logs import dropped_lines
from gateway.observability.metrics.families import MetricFamily, MetricKind, MetricSample
from gateway.policy.access_log.writer import GroupedAccessLog

LOG_WAITING: Final = MetricFamily(
    "gerbang_access_log_waiting_entries", MetricKind.GAUGE, "Entries of the access log that wait for their commit"
)
LOG_OLDEST: Final = MetricFamily(
    "gerbang_access_log_oldest_waiting_seconds",
    MetricKind.GAUGE,
    "How long the oldest entry of the access log has been waiting; 0 if none is waiting",
)
LOG_ENTRIES: Final = MetricFamily(
    "gerbang_access_log_entries_total", MetricKind.COUNTER, "Entries of the access log that were committed"
)
LOG_FAILED: Final = MetricFamily(
    "gerbang_access_log_failed_entries_total",
    MetricKind.COUNTER,
    "Entries of the access log that could not be written; the data of their requests was refused",
)
LOG_COMMITS: Final = MetricFamily(
    "gerbang_access_log_commits_total", MetricKind.COUNTER, "Commits of the access log, each with one or more entries"
)
LOG_SECONDS: Final = MetricFamily(
    "gerbang_access_log_commit_seconds_total", MetricKind.COUNTER, "Time that the commits of the access log took in all"
)
LOG_LAST: Final = MetricFamily(
    "gerbang_access_log_last_commit_seconds", MetricKind.GAUGE, "Time that the last commit of the access log took"
)
LINES_DROPPED: Final = MetricFamily(
    "gerbang_log_lines_dropped_total", MetricKind.COUNTER, "Log lines that were dropped, since too many were waiting"
)
DRIFT_WAITING: Final = MetricFamily(
    "gerbang_drift_waiting_answers", MetricKind.GAUGE, "Answers of systems that wait for the detection of drift"
)
DRIFT_DROPPED: Final = MetricFamily(
    "gerbang_drift_dropped_answers_total",
    MetricKind.COUNTER,
    "Answers of systems that were not compared for drift, since too many were waiting",
)
BACKGROUND_FAMILIES: Final = (
    *(LOG_WAITING, LOG_OLDEST, LOG_ENTRIES, LOG_FAILED, LOG_COMMITS, LOG_SECONDS, LOG_LAST),
    *(LINES_DROPPED, DRIFT_WAITING, DRIFT_DROPPED),
)


class BackgroundMetrics:
    """Reads the queues of the background."""

    def __init__(self, access_log: GroupedAccessLog, drift: DriftQueue) -> None:
        self._access_log = access_log
        self._drift = drift

    def samples(self) -> Iterator[MetricSample]:
        """The present values."""
        counts = self._access_log.counts
        yield MetricSample(LOG_WAITING, (), counts.waiting)
        yield MetricSample(LOG_OLDEST, (), counts.oldest_waiting_seconds)
        yield MetricSample(LOG_ENTRIES, (), counts.written)
        yield MetricSample(LOG_FAILED, (), counts.failed)
        yield MetricSample(LOG_COMMITS, (), counts.commits)
        yield MetricSample(LOG_SECONDS, (), counts.commit_seconds)
        if counts.last_commit_seconds is not None:
            yield MetricSample(LOG_LAST, (), counts.last_commit_seconds)
        yield MetricSample(LINES_DROPPED, (), dropped_lines())
        yield MetricSample(DRIFT_WAITING, (), self._drift.waiting)
        yield MetricSample(DRIFT_DROPPED, (), self._drift.dropped)
