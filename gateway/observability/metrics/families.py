"""Types of metrics: families, samples, and the histogram that is observed while requests are answered."""

from bisect import bisect_left
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the buckets of durations, in seconds."""


class MetricKind(StrEnum):
    """The type of a metric, as Prometheus names it."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class MetricFamily:
    """A metric: its name, type, meaning, and the names of its labels. The name of a counter ends in `_total`."""

    name: str
    kind: MetricKind
    help: str
    labels: tuple[str, ...] = ()


class Histogram:
    """Counts of observed values by bucket, not cumulated, and their sum. For one event loop, without a lock."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...] = SECONDS) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count one value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def copy(self) -> "Histogram":
        """The present counts, which later observations do not change."""
        copied = Histogram(self.bounds)
        copied.counts, copied.total = self.counts.copy(), self.total
        return copied


class MetricSample(NamedTuple):
    """A value of a family, with the values of its labels in their order."""

    family: MetricFamily
    labels: tuple[str, ...]
    value: float | Histogram


MetricSource = Callable[[], Iterable[MetricSample]]
"""Reads the present values of some families. Called for each scrape, on the event loop: it must not block."""

MetricProbe = Callable[[], Awaitable[Iterable[MetricSample]]]
"""As `MetricSource`, for values that must be awaited, such as those from the database."""
