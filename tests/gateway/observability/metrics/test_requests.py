"""Counts of requests: by the routes of the application, whatever is sent."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from gateway.observability.metrics.requests import DURATION, REQUESTS, RequestMetrics


@dataclass
class FakeRoute:
    """What the metrics read of a route."""

    path: str = "/v1/me/applications/{application_id}"
    operation_id: str | None = None
    methods: set = field(default_factory=lambda: {"GET"})


DETAIL = FakeRoute(operation_id="getMyApplication")
PAGE = FakeRoute(path="/oauth2/login", methods={"GET", "HEAD", "POST"})


def counted(metrics):
    """The requests that were counted, by labels."""
    return {one.labels: one.value for one in metrics.samples() if one.family is REQUESTS and one.value}


def test_a_request_is_counted_by_operation_method_and_class():
    metrics = RequestMetrics()
    for route, method, status in [
        (DETAIL, "GET", 200),
        (DETAIL, "GET", 206),
        (DETAIL, "GET", 304),
        (DETAIL, "GET", 0),
        (PAGE, "POST", 503),
        (None, "GET", 404),
    ]:
        metrics.observe(route, method, status, 0.02)
    assert counted(metrics) == {
        ("getMyApplication", "GET", "2xx"): 2,
        ("getMyApplication", "GET", "3xx"): 1,
        ("getMyApplication", "GET", "none"): 1,
        ("/oauth2/login", "POST", "5xx"): 1,
        ("unknown", "GET", "4xx"): 1,
    }
    durations = {one.labels: one.value for one in metrics.samples() if one.family is DURATION}
    assert sum(durations["getMyApplication", "GET"].counts) == 4
    assert durations["/oauth2/login", "POST"].total == 0.02


@given(st.lists(st.tuples(st.sampled_from([DETAIL, PAGE, None]), st.text(), st.integers(100, 599))))
def test_no_method_makes_a_label(requests):
    metrics = RequestMetrics()
    for route, method, status in requests:
        metrics.observe(route, method, status, 0.1)
    assert sum(counted(metrics).values()) == sum(status >= 200 for _, _, status in requests)
    allowed = {("getMyApplication", "GET"), ("getMyApplication", "HEAD")} | {
        ("/oauth2/login", one) for one in PAGE.methods
    }
    allowed |= {("unknown", one) for one in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "OTHER")}
    assert {labels[:2] for labels in counted(metrics)} <= allowed
