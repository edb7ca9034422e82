"""Metrics of feeds and their snapshots: state, age, records, and fetches."""

from collections.abc import Iterator
from typing import Final

from gateway.ground.clock import Clock
from gateway.observability.metrics.families import MetricFamily, MetricKind, MetricSample
from gateway.snapshots.feeds import Feeds
from gateway.snapshots.snapshot import SnapshotState
from gateway.snapshots.store import SnapshotStore
from schemas.envelope import SourceState

_FEED: Final = ("system", "office", "resource")


def _gauge(name: str, meaning: str) -> MetricFamily:
    return MetricFamily(name, MetricKind.GAUGE, meaning, _FEED)


STATE: Final = MetricFamily(
    "gerbang_snapshot_state",
    MetricKind.GAUGE,
    "1 for the present state of a snapshot (held, stale or failed), 0 for the others",
    (*_FEED, "state"),
)
AGE: Final = _gauge("gerbang_snapshot_age_seconds", "Time since a snapshot was fetched; none if the time is unknown")
RECORDS: Final = _gauge("gerbang_snapshot_records", "Records in a snapshot")
SET_ASIDE: Final = _gauge("gerbang_snapshot_set_aside_records", "Items of a snapshot that could not be made records")
FETCHES: Final = MetricFamily(
    "gerbang_feed_fetches_total", MetricKind.COUNTER, "Fetches of a feed: succeeded or failed", (*_FEED, "result")
)
FETCH_DURATION: Final = _gauge("gerbang_feed_last_fetch_duration_seconds", "Time that the last fetch of a feed took")
FEED_FAMILIES: Final = (STATE, AGE, RECORDS, SET_ASIDE, FETCHES, FETCH_DURATION)

_STATES: Final = (SourceState.HELD, SourceState.STALE, SourceState.FAILED)


class FeedMetrics:
    """Reads the snapshots and the counts of their fetches."""

    def __init__(self, snapshots: SnapshotStore, feeds: Feeds, clock: Clock) -> None:
        self._snapshots = snapshots
        self._feeds = feeds
        self._clock = clock

    def samples(self) -> Iterator[MetricSample]:
        """The values of every snapshot and feed."""
        for entry in self._snapshots.all():
            yield from self._snapshot(entry)
        for key, fetches in self._feeds.fetches.items():
            labels = (key.system, key.office or "", key.resource)
            yield MetricSample(FETCHES, (*labels, "succeeded"), fetches.succeeded)
            yield MetricSample(FETCHES, (*labels, "failed"), fetches.failed)
            if fetches.seconds is not None:
                yield MetricSample(FETCH_DURATION, labels, fetches.seconds)

    def _snapshot(self, entry: SnapshotState) -> Iterator[MetricSample]:
        now = self._clock()
        labels = (entry.key.system, entry.key.office or "", entry.key.resource)
        present, fetched_at = entry.state(now), entry.fetched_at(now)
        for state in _STATES:
            yield MetricSample(STATE, (*labels, state.value), int(state is present))
        if fetched_at is not None:
            yield MetricSample(AGE, labels, max(0.0, (now - fetched_at).total_seconds()))
        if entry.snapshot is not None:
            yield MetricSample(RECORDS, labels, entry.snapshot.count)
            yield MetricSample(SET_ASIDE, labels, entry.snapshot.set_aside)
