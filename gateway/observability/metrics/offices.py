"""Health and load of each office of each system, and the records that were made of their answers."""

from collections.abc import Iterator
from typing import Final

from gateway.observability.metrics.families import MetricFamily, MetricKind, MetricSample
from gateway.observability.metrics.upstream_requests import OFFICE
from gateway.records.normaliser import Normaliser
from gateway.registry.registry import Registry
from gateway.upstream.layers.circuit import BreakerState
from gateway.upstream.upstreams import Upstreams


def _gauge(name: str, meaning: str) -> MetricFamily:
    return MetricFamily(name, MetricKind.GAUGE, meaning, OFFICE)


CIRCUIT_OPEN: Final = _gauge(
    "gerbang_upstream_circuit_open", "1 while the circuit of an office lets no requests or only probe requests pass"
)
LAST_SUCCESS: Final = _gauge(
    "gerbang_upstream_last_success_timestamp_seconds", "Time of the last good answer since the start, as Unix time"
)
LAST_FAILURE: Final = _gauge(
    "gerbang_upstream_last_failure_timestamp_seconds", "Time of the last failure since the start, as Unix time"
)
LAST_DURATION: Final = _gauge("gerbang_upstream_last_duration_seconds", "Duration of the last good answer")
SLOTS: Final = _gauge("gerbang_upstream_slots", "Most requests to an office at a time")
SLOTS_USED: Final = _gauge("gerbang_upstream_slots_used", "Requests to an office that are being sent or answered")
SLOTS_WAITING: Final = _gauge("gerbang_upstream_slots_waiting", "Requests that wait for a slot of an office")
QUOTA: Final = _gauge(
    "gerbang_upstream_quota_calls", "Most calls of an office a day; only for offices with such a quota"
)
QUOTA_LEFT: Final = _gauge("gerbang_upstream_quota_left_calls", "Calls that are left of the quota of today")
FAILURES: Final = MetricFamily(
    "gerbang_upstream_failures_total",
    MetricKind.COUNTER,
    "Questions and fetches that failed, by cause",
    (*OFFICE, "cause"),
)
OFFICE_FAMILIES: Final = (
    *(CIRCUIT_OPEN, LAST_SUCCESS, LAST_FAILURE, LAST_DURATION),
    *(SLOTS, SLOTS_USED, SLOTS_WAITING, QUOTA, QUOTA_LEFT),
    FAILURES,
)

RECORDS: Final = MetricFamily(
    "gerbang_records_total",
    MetricKind.COUNTER,
    "Records made of the answers of systems, by resource; records that are served from memory are not made again",
    ("system", "resource"),
)
SET_ASIDE: Final = MetricFamily(
    "gerbang_records_set_aside_total",
    MetricKind.COUNTER,
    "Items in the answers of systems that could not be made records, by resource",
    ("system", "resource"),
)
RECORD_FAMILIES: Final = (RECORDS, SET_ASIDE)


class OfficeMetrics:
    """Reads the state of every office of the registry."""

    def __init__(self, registry: Registry, upstreams: Upstreams) -> None:
        self._registry = registry
        self._upstreams = upstreams

    async def samples(self) -> list[MetricSample]:
        """The values of every office; those of its load only once it was called."""
        samples = [
            MetricSample(FAILURES, (place.system, place.office or "", cause.value), count)
            for (place, cause), count in self._upstreams.failures.items()
        ]
        for live in self._registry:
            for office in live.offices:
                labels = (live.spec.id, office.id or "")
                samples.extend(self._health(live.spec.id, office.id, labels))
                samples.extend(await self._load(live.spec.id, office.id, labels))
        return samples

    def _health(self, system: str, office: str | None, labels: tuple[str, str]) -> Iterator[MetricSample]:
        health = self._upstreams.status(system, office)
        yield MetricSample(CIRCUIT_OPEN, labels, int(health.circuit is not BreakerState.CLOSED))
        if health.succeeded_at is not None:
            yield MetricSample(LAST_SUCCESS, labels, health.succeeded_at.timestamp())
        if health.failed_at is not None:
            yield MetricSample(LAST_FAILURE, labels, health.failed_at.timestamp())
        if health.seconds is not None:
            yield MetricSample(LAST_DURATION, labels, health.seconds)

    async def _load(self, system: str, office: str | None, labels: tuple[str, str]) -> list[MetricSample]:
        load = await self._upstreams.load(system, office)
        if load is None:
            return []
        samples = [
            MetricSample(SLOTS, labels, load.slots),
            MetricSample(SLOTS_USED, labels, load.slots_used),
            MetricSample(SLOTS_WAITING, labels, load.waiting),
        ]
        if load.calls_a_day is not None and load.calls_today is not None:
            samples.append(MetricSample(QUOTA, labels, load.calls_a_day))
            samples.append(MetricSample(QUOTA_LEFT, labels, max(0, load.calls_a_day - load.calls_today)))
        return samples


class RecordMetrics:
    """Reads how many records were made, and how many items were set aside."""

    def __init__(self, normaliser: Normaliser) -> None:
        self._normaliser = normaliser

    def samples(self) -> Iterator[MetricSample]:
        """The values of every system and resource with an answer since the start."""
        for labels, (records, set_aside) in tuple(self._normaliser.counts.items()):
            yield MetricSample(RECORDS, labels, records)
            yield MetricSample(SET_ASIDE, labels, set_aside)
