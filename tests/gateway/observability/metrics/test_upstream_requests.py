"""Counts of requests to systems: by office and outcome, of which there are few whatever a system sends."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import Cause
from gateway.observability.metrics.upstream_requests import (
    DURATION,
    RECEIVED,
    REQUESTS,
    RETRIES,
    UpstreamRequestMetrics,
)
from gateway.upstream.layers.observation import Observation
from gateway.upstream.office_ref import OfficeRef

LAPOR, PEKAUMAN = OfficeRef("lapor"), OfficeRef("e-puskesmas", "pekauman")


def test_requests_are_counted_by_office_and_outcome():
    metrics = UpstreamRequestMetrics()
    for place, outcome, attempts, received in [
        (LAPOR, "200", 1, 100),
        (LAPOR, "204", 3, 0),
        (LAPOR, "timeout", 1, 0),
        (PEKAUMAN, "done", 0, 50),
        (PEKAUMAN, "cancelled", 0, 0),
    ]:
        metrics.observe(Observation(place, "GET", outcome, 0.2, attempts, received))
    found = {(one.family, *one.labels): one.value for one in metrics.samples()}
    assert found[REQUESTS, "lapor", "", "2xx"] == 2
    assert found[REQUESTS, "lapor", "", "timeout"] == 1
    assert found[REQUESTS, "e-puskesmas", "pekauman", "done"] == 1
    assert (found[RETRIES, "lapor", ""], found[RETRIES, "e-puskesmas", "pekauman"]) == (2, 0)
    assert (found[RECEIVED, "lapor", ""], found[RECEIVED, "e-puskesmas", "pekauman"]) == (100, 50)
    assert sum(found[DURATION, "lapor", ""].counts) == 3


@given(st.lists(st.integers(100, 999).map(str) | st.sampled_from([one.value for one in Cause])))
def test_a_system_makes_few_labels(outcomes):
    metrics = UpstreamRequestMetrics()
    for outcome in outcomes:
        metrics.observe(Observation(LAPOR, "GET", outcome, 0.2, 1, 0))
    labels = {one.labels[2] for one in metrics.samples() if one.family is REQUESTS}
    assert labels <= {*(f"{digit}xx" for digit in range(1, 10)), *(one.value for one in Cause)}
