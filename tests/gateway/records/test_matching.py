"""Selection by a query gives the records that match one by one, and without a filter all of them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.records.matching import matching_records
from schemas.application import APPLICATION, ApplicationQuery
from schemas.case import CaseStatus
from schemas.records import Provenance, Record
from tests.gateway.fakes import application
from tests.loops import examples
from tests.schemas.bodies import bodies, every_resource

PROVENANCE = Provenance(system="s", fetched_at=datetime(2026, 11, 23, 1, tzinfo=UTC))


def record(number, body):
    return Record(f"id{number}", str(number), body, PROVENANCE)


@pytest.mark.parametrize("resource", every_resource(), ids=lambda resource: resource.name)
@settings(max_examples=examples(10))
@given(data=st.data())
def test_every_body_matches_a_query_without_filters(resource, data):
    body = data.draw(bodies(resource.body))
    query = resource.query()
    assert resource.matches(body, query)
    assert matching_records(resource, [record(1, body)], query) == (record(1, body),)


def test_a_filter_selects_the_records_that_match():
    statuses = [CaseStatus.SUBMITTED, CaseStatus.READY, CaseStatus.SUBMITTED]
    records = [
        record(number, application().model_copy(update={"status": status})) for number, status in enumerate(statuses)
    ]
    found = matching_records(APPLICATION, records, ApplicationQuery(status=CaseStatus.SUBMITTED))
    assert found == (records[0], records[2])


@pytest.mark.parametrize("resource", every_resource(), ids=lambda resource: resource.name)
def test_a_query_has_filters_once_one_is_set(resource):
    assert not resource.query().has_filters
    for name in resource.query.model_fields:
        assert resource.query.model_construct(**{name: 0}).has_filters
