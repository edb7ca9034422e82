"""Merge order: the result does not depend on the order in which records arrive."""

import itertools
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.ground.clock import WITA
from gateway.records.merge_order import compare, merge_records, position, sort_key
from gateway.records.serialization import pack
from schemas.application import APPLICATION
from schemas.health import APPOINTMENT
from schemas.programme import PROGRAMME
from schemas.records import Provenance, Record
from tests.gateway.fakes import application, appointment, programme
from tests.loops import examples
from tests.schemas.bodies import bodies, every_resource

AT = datetime(2026, 11, 23, 9, tzinfo=WITA)
ZONES = (UTC, WITA, timezone(timedelta(hours=-5)))
moments = st.none() | st.builds(
    lambda minutes, zone: (AT + timedelta(minutes=minutes)).astimezone(zone), st.integers(-3, 3), st.sampled_from(ZONES)
)


def record(number, body, system="s"):
    return Record(f"id{number:03}", str(number), body, Provenance(system=system, fetched_at=AT))


parts = st.lists(st.tuples(st.integers(0, 40), moments), unique_by=lambda pair: pair[0], max_size=12).map(
    lambda pairs: [record(number, application(at=at)) for number, at in pairs]
)


@given(parts=parts, data=st.data())
def test_any_order_of_arrival_gives_the_same_bytes(parts, data):
    shuffled = data.draw(st.permutations(parts))
    assert pack(merge_records(APPLICATION, shuffled)) == pack(merge_records(APPLICATION, parts))


@given(parts=parts)
def test_newest_first_unknown_last_then_by_id(parts):
    found = merge_records(APPLICATION, parts)
    known = [r.body.submitted_at for r in found if r.body.submitted_at]
    assert known == sorted(known, reverse=True)
    assert [r.body.submitted_at for r in found[len(known) :]] == [None] * (len(found) - len(known))
    for one, other in itertools.pairwise(found):
        if one.body.submitted_at == other.body.submitted_at:
            assert one.id < other.id


@given(parts=parts, data=st.data())
def test_the_order_is_total(parts, data):
    if parts:
        places = [position(APPLICATION, one) for one in parts]
        left, right, third = (data.draw(st.sampled_from(places)) for _ in range(3))
        order = APPLICATION.order
        assert compare(order, left, right) == -compare(order, right, left)
        assert (compare(order, left, right) == 0) is (left == right)
        if compare(order, left, right) <= 0 and compare(order, right, third) <= 0:
            assert compare(order, left, third) <= 0


@pytest.mark.parametrize("resource", every_resource(), ids=lambda resource: resource.name)
@settings(max_examples=examples(15))
@given(data=st.data())
def test_sorting_field_by_field_is_sorting_by_comparisons(resource, data):
    drawn = data.draw(st.lists(bodies(resource.body), max_size=6))
    doubled = [record(number % 9, body, f"s{number}") for number, body in enumerate([*drawn, *reversed(drawn)])]
    key = sort_key(resource)
    expected = sorted(doubled, key=lambda one: key(position(resource, one)))
    assert list(map(id, merge_records(resource, doubled))) == list(map(id, expected))


def test_records_are_ordered_by_texts_and_dates():
    names = [record(1, programme("b", 2025)), record(2, programme("a", 2025)), record(3, programme("z", 2026))]
    assert [one.body.name.id for one in merge_records(PROGRAMME, names)] == ["z", "a", "b"]
    days = [record(1, appointment(day=None)), record(2, appointment(day=date(2026, 1, 2)))]
    assert [one.id for one in merge_records(APPOINTMENT, days)] == ["id002", "id001"]
