"""Counts and durations of the requests to systems, by office."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from gateway.observability.metrics.families import Histogram, MetricFamily, MetricKind, MetricSample
from gateway.upstream.layers.observation import Observation
from gateway.upstream.office_ref import OfficeRef

OFFICE: Final = ("system", "office")

REQUESTS: Final = MetricFamily(
    "gerbang_upstream_requests_total",
    MetricKind.COUNTER,
    "Requests to systems by outcome: a class of HTTP status, done, a cause of failure, or cancelled",
    (*OFFICE, "outcome"),
)
DURATION: Final = MetricFamily(
    "gerbang_upstream_request_duration_seconds",
    MetricKind.HISTOGRAM,
    "Time of a request to a system, with its waits and retries",
    OFFICE,
)
RETRIES: Final = MetricFamily(
    "gerbang_upstream_retries_total", MetricKind.COUNTER, "Requests to systems that were sent once more", OFFICE
)
RECEIVED: Final = MetricFamily(
    "gerbang_upstream_received_bytes_total",
    MetricKind.COUNTER,
    "Bytes of decoded answers and files of systems; answers of databases are not counted",
    OFFICE,
)
UPSTREAM_REQUEST_FAMILIES: Final = (REQUESTS, DURATION, RETRIES, RECEIVED)


class _OfficeCounts:
    """The requests to one office."""

    __slots__ = ("durations", "outcomes", "received", "retries")

    def __init__(self) -> None:
        self.durations = Histogram()
        self.outcomes: defaultdict[str, int] = defaultdict(int)
        self.received = 0
        self.retries = 0


class UpstreamRequestMetrics:
    """Observes the requests to all offices: an `Observer` of `gateway.upstream`."""

    def __init__(self) -> None:
        self._counts: defaultdict[OfficeRef, _OfficeCounts] = defaultdict(_OfficeCounts)

    def observe(self, observation: Observation) -> None:
        """Count one request."""
        counts, outcome = self._counts[observation.place], observation.outcome
        # Of a status only the class is a label: a system may send any number.
        counts.outcomes[f"{outcome[0]}xx" if outcome.isdecimal() else outcome] += 1
        counts.durations.observe(observation.seconds)
        counts.received += observation.received
        if observation.attempts > 1:
            counts.retries += observation.attempts - 1

    def samples(self) -> Iterator[MetricSample]:
        """The values of every office that was called since the start."""
        for place, counts in self._counts.items():
            office = (place.system, place.office or "")
            for outcome, count in counts.outcomes.items():
                yield MetricSample(REQUESTS, (*office, outcome), count)
            yield MetricSample(DURATION, office, counts.durations.copy())
            yield MetricSample(RETRIES, office, counts.retries)
            yield MetricSample(RECEIVED, office, counts.received)
