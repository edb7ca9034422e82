"""Registration of the metrics of all components, and the metrics of ready answers and of the limits of callers."""

from collections.abc import Iterator
from typing import Final

from gateway.api.caller_limits import CallerLimits
from gateway.api.dependencies import ApiDependencies
from gateway.api.ready_answers import ReadyAnswers
from gateway.api.version import API_VERSION
from gateway.federation.federation import Federation
from gateway.observability.metrics.background import BACKGROUND_FAMILIES, BackgroundMetrics
from gateway.observability.metrics.database import DATABASE_FAMILIES, DatabaseMetrics
from gateway.observability.metrics.families import MetricFamily, MetricKind, MetricSample
from gateway.observability.metrics.offices import OFFICE_FAMILIES, RECORD_FAMILIES, OfficeMetrics, RecordMetrics
from gateway.observability.metrics.process import PROCESS_FAMILIES, ProcessMetrics
from gateway.records.normaliser import Normaliser
from gateway.snapshots.feed_metrics import FEED_FAMILIES, FeedMetrics

READY_REQUESTS: Final = MetricFamily(
    "gerbang_ready_answers_requests_total",
    MetricKind.COUNTER,
    "Requests for public answers: hit if an answer was ready in memory, miss if the application made it",
    ("result",),
)
READY_ANSWERS: Final = MetricFamily("gerbang_ready_answers", MetricKind.GAUGE, "Public answers that are kept in memory")
READY_ANSWER_FAMILIES: Final = (READY_REQUESTS, READY_ANSWERS)
RATE_LIMITED: Final = MetricFamily(
    "gerbang_http_requests_rate_limited_total",
    MetricKind.COUNTER,
    "Requests that were answered with 429 by class of route and by whose limit was reached: address, account or client",
    ("class", "by"),
)
QUESTIONS: Final = MetricFamily(
    "gerbang_questions_total",
    MetricKind.COUNTER,
    "Live questions to offices: asked if a call was made, joined if an identical question shared its call",
    ("result",),
)


class ReadyAnswerMetrics:
    """Reads the counts of ready answers."""

    def __init__(self, ready_answers: ReadyAnswers) -> None:
        self._ready_answers = ready_answers

    def samples(self) -> Iterator[MetricSample]:
        """The present values."""
        yield MetricSample(READY_REQUESTS, ("hit",), self._ready_answers.hits)
        yield MetricSample(READY_REQUESTS, ("miss",), self._ready_answers.misses)
        yield MetricSample(READY_ANSWERS, (), self._ready_answers.count)


class RateLimitMetrics:
    """Reads the counts of the limits of callers."""

    def __init__(self, limits: CallerLimits) -> None:
        self._limits = limits

    def samples(self) -> Iterator[MetricSample]:
        """The present values."""
        for (route, by), count in self._limits.refused.items():
            yield MetricSample(RATE_LIMITED, (route.value, by), count)


class QuestionMetrics:
    """Reads how many questions shared a call."""

    def __init__(self, federation: Federation) -> None:
        self._federation = federation

    def samples(self) -> Iterator[MetricSample]:
        """The present values."""
        for result, count in zip(("asked", "joined"), self._federation.question_counts, strict=True):
            yield MetricSample(QUESTIONS, (result,), count)


def add_metric_sources(deps: ApiDependencies, normaliser: Normaliser) -> None:
    """Register the sources of `deps.metrics`. The families are shown in this order."""
    metrics, clock = deps.metrics, deps.clock
    offices = OfficeMetrics(deps.registry, deps.upstreams)
    feeds = FeedMetrics(deps.snapshots, deps.feeds, clock)
    metrics.add_probe(OFFICE_FAMILIES, offices.samples)
    metrics.add_source((QUESTIONS,), QuestionMetrics(deps.federation).samples)
    metrics.add_source(RECORD_FAMILIES, RecordMetrics(normaliser).samples)
    metrics.add_source(FEED_FAMILIES, feeds.samples)
    metrics.add_source(BACKGROUND_FAMILIES, BackgroundMetrics(deps.log, deps.drift_queue).samples)
    metrics.add_probe(DATABASE_FAMILIES, DatabaseMetrics(deps.database, deps.log, clock).samples)
    metrics.add_source(PROCESS_FAMILIES, ProcessMetrics(metrics.event_loop_lag, API_VERSION).samples)
