"""The metrics of one gateway process: collects the samples of all sources, and writes them in slices."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Final

from gateway.observability.metrics.exposition import OPENMETRICS, TEXT, head_of, lines_of
from gateway.observability.metrics.families import MetricFamily, MetricKind, MetricProbe, MetricSample, MetricSource
from gateway.observability.metrics.process import EventLoopLag
from gateway.observability.metrics.requests import REQUEST_FAMILIES, RequestMetrics
from gateway.observability.metrics.upstream_requests import UPSTREAM_REQUEST_FAMILIES, UpstreamRequestMetrics

_PROBE_SECONDS: Final = 5.0
_SLICE: Final = 50
"""Samples that are written before other tasks run; a histogram is one sample of about fifteen lines."""

SOURCE_ERRORS: Final = MetricFamily(
    "gerbang_metrics_source_errors_total",
    MetricKind.COUNTER,
    "Sources of metrics that failed while the metrics were read; their values are missing from that reading",
)

_log = logging.getLogger(__name__)


class Metrics:
    """All families of metrics, and the sources from which their values are read.

    `requests`, `upstream_requests` and `event_loop_lag` are counted as they happen, all else is read at the scrape.
    """

    def __init__(self) -> None:
        self.requests = RequestMetrics()
        self.upstream_requests = UpstreamRequestMetrics()
        self.event_loop_lag = EventLoopLag()
        self._families: dict[str, MetricFamily] = {}
        self._sources: list[MetricSource] = []
        self._probes: list[MetricProbe] = []
        self._errors = 0
        self.add_source(REQUEST_FAMILIES, self.requests.samples)
        self.add_source(UPSTREAM_REQUEST_FAMILIES, self.upstream_requests.samples)
        self._declare((SOURCE_ERRORS,))

    @property
    def families(self) -> tuple[MetricFamily, ...]:
        """Every family, in the order of registration."""
        return tuple(self._families.values())

    def add_source(self, families: Iterable[MetricFamily], source: MetricSource) -> None:
        """Read the values of `families` from `source` at each scrape. Raises `ValueError` for a name in use."""
        self._declare(families)
        self._sources.append(source)

    def add_probe(self, families: Iterable[MetricFamily], probe: MetricProbe) -> None:
        """As `add_source`, for values that must be awaited, at most five seconds."""
        self._declare(families)
        self._probes.append(probe)

    async def exposition(self, content_type: str = TEXT) -> bytes:
        """The present values in a text format. All sources are read at one moment, after the probes."""
        found: dict[str, list[MetricSample]] = {name: [] for name in self._families}
        for samples in await asyncio.gather(*map(self._probed, self._probes)):
            self._sort(samples, found)
        for source in self._sources:
            self._read(source, found)
        found[SOURCE_ERRORS.name].append(MetricSample(SOURCE_ERRORS, (), self._errors))
        written: list[str] = []
        for name, samples in found.items():
            written.append(head_of(self._families[name], content_type))
            for start in range(0, len(samples), _SLICE):
                written.extend(lines_of(samples[start : start + _SLICE]))
                await asyncio.sleep(0)
        if content_type == OPENMETRICS:
            written.append("# EOF\n")
        return "".join(written).encode()

    def _declare(self, families: Iterable[MetricFamily]) -> None:
        for family in families:
            if family.name in self._families:
                raise ValueError(f"there is a metric {family.name} already")
            self._families[family.name] = family

    async def _probed(self, probe: MetricProbe) -> Iterable[MetricSample]:
        try:
            async with asyncio.timeout(_PROBE_SECONDS):
                return await probe()
        except Exception as error:  # noqa: BLE001 - one source that fails must not hide the values of all others
            self._failed(error)
            return ()

    def _read(self, source: MetricSource, found: dict[str, list[MetricSample]]) -> None:
        try:
            self._sort(source(), found)
        except Exception as error:  # noqa: BLE001 - as above
            self._failed(error)

    @staticmethod
    def _sort(samples: Iterable[MetricSample], found: dict[str, list[MetricSample]]) -> None:
        for sample in samples:
            found[sample.family.name].append(sample)

    def _failed(self, error: Exception) -> None:
        self._errors += 1
        _log.error("metrics not read", extra={"error": type(error).__name__})
