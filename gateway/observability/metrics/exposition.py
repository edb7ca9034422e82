"""The text formats of Prometheus (0.0.4) and OpenMetrics (1.0.0).

Written here, since a scrape runs on the event loop between requests: a line costs a tenth of what the client library
needs, and the lines are written in slices between which requests continue. Tests read both formats with the library.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Final

from gateway.observability.metrics.families import Histogram, MetricFamily, MetricKind, MetricSample

TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS: Final = "application/openmetrics-text; version=1.0.0; charset=utf-8"

_ESCAPED: Final = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})


def negotiate_exposition(accept: str) -> str:
    """Return the content type for an `Accept` header: OpenMetrics 1.0.0 if it is accepted, else the text format."""
    for accepted in accept.lower().split(","):
        media_type, *parameters = [part.strip() for part in accepted.split(";")]
        if media_type == "application/openmetrics-text" and (
            "version=1.0.0" in parameters or not any(part.startswith("version=") for part in parameters)
        ):
            return OPENMETRICS
    return TEXT


def head_of(family: MetricFamily, content_type: str) -> str:
    """The lines that describe a family."""
    name = family.name
    if content_type == OPENMETRICS and family.kind is MetricKind.COUNTER:
        name = name.removesuffix("_total")
    return f"# HELP {name} {family.help}\n# TYPE {name} {family.kind}\n"


def lines_of(samples: Iterable[MetricSample]) -> Iterator[str]:
    """The lines of samples; both formats have the same."""
    for family, values, value in samples:
        labels = ",".join(
            f'{name}="{text.translate(_ESCAPED)}"' for name, text in zip(family.labels, values, strict=True)
        )
        if isinstance(value, Histogram):
            yield from _histogram(family.name, labels, value)
        else:
            yield f"{family.name}{{{labels}}} {_number(value)}\n" if labels else f"{family.name} {_number(value)}\n"


def _histogram(name: str, labels: str, histogram: Histogram) -> Iterator[str]:
    before, own = (f"{labels},", f"{{{labels}}}") if labels else ("", "")
    cumulated = 0
    for bound, count in zip((*histogram.bounds, math.inf), histogram.counts, strict=True):
        cumulated += count
        yield f'{name}_bucket{{{before}le="{_number(bound)}"}} {cumulated}\n'
    yield f"{name}_count{own} {cumulated}\n{name}_sum{own} {_number(histogram.total)}\n"


def _number(value: float) -> str:
    if math.isfinite(value):
        return repr(value)
    return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
