"""Both text formats are read by the Prometheus client library as what was observed; a failing source hides no other."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import Histogram as ReferenceHistogram
from prometheus_client import openmetrics, parser
from prometheus_client.openmetrics import parser as openmetrics_parser
from prometheus_client.registry import CollectorRegistry

from gateway.observability.metrics.exposition import OPENMETRICS, TEXT, head_of, lines_of, negotiate_exposition
from gateway.observability.metrics.families import SECONDS, Histogram, MetricFamily, MetricKind, MetricSample
from gateway.observability.metrics.metrics import Metrics

COUNTER = MetricFamily("gerbang_test_total", MetricKind.COUNTER, "Counted", ("system", "office"))
GAUGE = MetricFamily("gerbang_test_bytes", MetricKind.GAUGE, "Measured")
HISTOGRAM = MetricFamily("gerbang_test_seconds", MetricKind.HISTOGRAM, "Timed", ("system",))
READERS = {TEXT: parser.text_string_to_metric_families, OPENMETRICS: openmetrics_parser.text_string_to_metric_families}


def read(text, content_type):
    return {family.name: family for family in READERS[content_type](text)}


def written(family, samples, content_type):
    end = "# EOF\n" if content_type == OPENMETRICS else ""
    return head_of(family, content_type) + "".join(lines_of(samples)) + end


@pytest.mark.parametrize("content_type", READERS)
@given(system=st.text(), office=st.text(), value=st.integers(0, 2**60) | st.floats(0, allow_infinity=False))
def test_any_label_and_value_is_read_as_it_was(content_type, system, office, value):
    text = written(COUNTER, [MetricSample(COUNTER, (system, office), value)], content_type)
    (sample,) = read(text, content_type)["gerbang_test"].samples
    assert (sample.name, sample.value) == ("gerbang_test_total", value)
    assert sample.labels == {"system": system, "office": office}


@pytest.mark.parametrize("content_type", READERS)
@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, 0, 1e-300, -2.5])
def test_a_value_without_labels_is_read_as_it_was(content_type, value):
    text = written(GAUGE, [MetricSample(GAUGE, (), value)], content_type)
    (sample,) = read(text, content_type)[GAUGE.name].samples
    assert sample.value == value or math.isnan(value) is math.isnan(sample.value) is True


@pytest.mark.parametrize("content_type", READERS)
@given(values=st.lists(st.sampled_from(SECONDS) | st.floats(0, 100), max_size=20))
def test_a_histogram_is_that_of_the_library(content_type, values):
    ours = Histogram()
    reference = ReferenceHistogram(HISTOGRAM.name, "-", ["system"], registry=CollectorRegistry(), buckets=SECONDS)
    theirs = reference.labels("lapor")
    for value in values:
        ours.observe(value)
        theirs.observe(value)
    text = written(HISTOGRAM, [MetricSample(HISTOGRAM, ("lapor",), ours)], content_type)
    found = {(one.name, one.labels.get("le")): one.value for one in read(text, content_type)[HISTOGRAM.name].samples}
    (family,) = reference.collect()
    expected = {
        (one.name, one.labels.get("le")): one.value for one in family.samples if not one.name.endswith("_created")
    }
    assert found == pytest.approx(expected)


def test_a_histogram_that_was_copied_does_not_change():
    histogram = Histogram()
    copied = histogram.copy()
    histogram.observe(0.2)
    assert (sum(copied.counts), copied.total) == (0, 0.0)


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("", TEXT),
        ("*/*", TEXT),
        ("text/plain;version=0.0.4", TEXT),
        ("application/openmetrics-text", OPENMETRICS),
        ("application/openmetrics-text; version=1.0.0; escaping=allow-utf-8;q=0.5,text/plain;q=0.3", OPENMETRICS),
        ("application/openmetrics-text;version=0.0.1,text/plain", TEXT),
        ("application/openmetrics-text;version=\x00\xff;q=9", TEXT),
        (";,;;=,", TEXT),
    ],
)
def test_the_format_follows_accept(accept, content_type):
    assert negotiate_exposition(accept) == content_type


def test_the_content_type_is_that_of_the_library():
    assert openmetrics.exposition.CONTENT_TYPE_LATEST == OPENMETRICS


@pytest.mark.anyio
async def test_a_source_that_fails_is_counted_and_hides_no_other(caplog):
    metrics = Metrics()
    undeclared = MetricFamily("gerbang_undeclared", MetricKind.GAUGE, "-")

    def broken():
        yield MetricSample(COUNTER, ("lapor", ""), 3)
        raise LookupError("a secret text")

    async def broken_probe():
        raise OSError("a secret text")

    metrics.add_source((COUNTER,), broken)
    metrics.add_source((), lambda: [MetricSample(undeclared, (), 1)])
    metrics.add_probe((), broken_probe)
    metrics.add_source((GAUGE,), lambda: [MetricSample(GAUGE, (), 7)])
    found = read((await metrics.exposition()).decode(), TEXT)
    assert [one.value for one in found[GAUGE.name].samples] == [7]
    assert [one.value for one in found["gerbang_metrics_source_errors"].samples] == [3]
    assert "secret" not in caplog.text


def test_a_name_is_given_once():
    metrics = Metrics()
    metrics.add_source((GAUGE,), list)
    with pytest.raises(ValueError, match=GAUGE.name):
        metrics.add_probe((GAUGE,), list)
