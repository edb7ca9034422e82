"""Content negotiation chooses the offered format that the caller prefers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.api.formats.calendar import CALENDAR
from gateway.api.formats.geojson import GEOJSON
from gateway.api.formats.negotiation import choose_format
from gateway.api.formats.page import JSON
from gateway.api.problems.errors import ProblemError

OFFERED = (JSON, GEOJSON, CALENDAR)


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", JSON),
        ("application/geo+json", GEOJSON),
        ("APPLICATION/GEO+JSON ; q=0.3", GEOJSON),
        ("application/json;q=0.5, application/geo+json", GEOJSON),
        ("application/json, application/geo+json", JSON),
        ("application/geo+json;q=0, */*", JSON),
        ("application/json;q=0, application/*", GEOJSON),
        ("application/json;q=0, application/*;q=0, */*;q=0.1", CALENDAR),
        ("text/calendar; charset=utf-8", CALENDAR),
        ("text/*;q=0.9, application/json;q=0.8", CALENDAR),
        ("nonsense", JSON),
        ("text/html, text/calendar;q=0.001", CALENDAR),
    ],
)
def test_the_preferred_format_is_chosen(accept, form):
    choice = choose_format(accept, OFFERED)
    assert choice.representation is form
    assert choice.varies == ("Accept",)


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0", "*/*;q=0", "image/*, text/csv"])
def test_a_406_lists_the_available_formats(accept):
    with pytest.raises(ProblemError) as refused:
        choose_format(accept, OFFERED)
    assert refused.value.slug == "not-acceptable"
    assert [problem.detail for problem in refused.value.errors] == [
        "application/json, application/geo+json, text/calendar"
    ]
    assert "Accept" in refused.value.headers["Vary"]


def test_a_single_format_does_not_vary_by_accept():
    assert choose_format("*/*", (JSON,)).varies == ()


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=200))
def test_any_accept_header_gives_a_format_or_the_problem(accept):
    try:
        found = choose_format(accept, OFFERED).representation
    except ProblemError:
        found = None
    assert found in {None, *OFFERED}
