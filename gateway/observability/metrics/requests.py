"""Counts and durations of HTTP requests by operation, method and class of status."""

from collections.abc import Iterator
from typing import Final

from gateway.observability.metrics.families import Histogram, MetricFamily, MetricKind, MetricSample

UNKNOWN: Final = "unknown"
"""The operation of requests that no route accepts."""
OTHER_METHOD: Final = "OTHER"

REQUESTS: Final = MetricFamily(
    "gerbang_http_requests_total",
    MetricKind.COUNTER,
    "HTTP requests by operation, method and class of status; none if the client left before the answer",
    ("operation", "method", "status"),
)
DURATION: Final = MetricFamily(
    "gerbang_http_request_duration_seconds",
    MetricKind.HISTOGRAM,
    "Time from the head of a request to the end of its answer",
    ("operation", "method"),
)
REQUEST_FAMILIES: Final = (REQUESTS, DURATION)

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_CLASSES: Final = {0: "none", 2: "2xx", 3: "3xx", 4: "4xx", 5: "5xx"}


class _OperationCounts:
    """The requests of one operation by one method. `statuses` is indexed by the first digit; 0 without an answer."""

    __slots__ = ("durations", "statuses")

    def __init__(self) -> None:
        self.durations = Histogram()
        self.statuses = [0] * 10


class RequestMetrics:
    """Counts requests. Its labels come from the routes of the application, never from the request."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], _OperationCounts] = {}

    def observe(self, route: object, method: str, status: int, seconds: float) -> None:
        """Count one request. `route`: of the scope, None if no route was found. `status`: 0 without an answer."""
        counts = self._counts.get((operation_of(route), method)) or self._missing(route, method)
        counts.statuses[status // 100] += 1
        counts.durations.observe(seconds)

    def samples(self) -> Iterator[MetricSample]:
        """The values of every operation that was requested since the start."""
        for (operation, method), counts in self._counts.items():
            for digit, status in _CLASSES.items():
                yield MetricSample(REQUESTS, (operation, method, status), counts.statuses[digit])
            yield MetricSample(DURATION, (operation, method), counts.durations.copy())

    def _missing(self, route: object, method: str) -> _OperationCounts:
        """The counts for a pair that has none of its own: the first request, or a method that the route lacks."""
        methods = getattr(route, "methods", None) or ()
        if method in methods or (method == "HEAD" and "GET" in methods):
            return self._counts.setdefault((operation_of(route), method), _OperationCounts())
        known = method if method in _METHODS else OTHER_METHOD
        return self._counts.setdefault((UNKNOWN, known), _OperationCounts())


def operation_of(route: object) -> str:
    """The operation id of a route, else its path template; `UNKNOWN` without a route."""
    return getattr(route, "operation_id", None) or str(getattr(route, "path", UNKNOWN))
