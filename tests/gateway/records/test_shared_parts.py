"""Held records share equal parts, and are equal to what they were."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from gateway.ground.clock import WITA
from gateway.records.serialization import pack, unpack
from gateway.records.shared_parts import share_parts
from schemas.codes import Coded
from schemas.complaint import COMPLAINT
from schemas.money import Money
from schemas.records import Body, Provenance, Record
from schemas.texts import KEEP
from schemas.traffic import INCIDENT, INCIDENT_KINDS, IncidentKind
from tests.gateway.fakes import complaint, incident

AT = datetime(2026, 1, 1, tzinfo=UTC)


def record(place: int, *, body: Body | None = None, at: datetime = AT) -> Record[Body]:
    """A record with a body of its own."""
    provenance = Provenance(system="lapor", fetched_at=at)
    return Record(f"cmp_{place}", str(place), body or complaint(f"Jalan {place}"), provenance)


def sets_of(records):
    """The identities of the sets of fields of bodies, and of the models in them."""
    return {id(one.body.model_fields_set) for one in records}


def test_records_stay_equal_and_keep_the_names_of_their_fields():
    before = [record(place) for place in range(3)]
    fields = [set(one.body.model_fields_set) for one in before]
    shared = list(share_parts(before))
    assert shared == [record(place) for place in range(3)]
    assert [one.body.model_fields_set for one in shared] == fields
    assert [one.body.model_dump(context=KEEP) for one in shared] == [
        record(place).body.model_dump(context=KEEP) for place in range(3)
    ]


def test_equal_field_sets_and_provenances_are_kept_once():
    shared = list(share_parts([record(1), record(2), record(3, at=datetime(2026, 1, 2, tzinfo=UTC))]))
    assert len(sets_of(shared)) == 1
    assert shared[0].provenance is shared[1].provenance
    assert shared[2].provenance.fetched_at.day == 2


def test_bodies_with_other_fields_keep_sets_of_their_own():
    shared = list(share_parts([record(1, body=complaint("A")), record(2, body=complaint("B", title=None))]))
    assert shared[1].body.model_fields_set == shared[0].body.model_fields_set | {"title"}
    assert shared[0].body.model_fields_set == complaint("A").model_fields_set


def test_a_changed_copy_leaves_the_others_as_they_are():
    shared = list(share_parts([record(1, body=complaint("A")), record(2, body=complaint("B"))]))
    before = set(shared[0].body.model_fields_set)
    copy = shared[1].body.model_copy(update={"region": None, "anything": 1})
    assert "anything" in copy.model_fields_set
    assert shared[0].body.model_fields_set == before


def test_equal_texts_are_kept_once():
    first, second = share_parts(unpack(COMPLAINT, pack([record(1), record(2, body=complaint("Jalan 1"))])))
    assert first.body is not second.body
    assert first.body.text is second.body.text
    assert first.body.applicant.name is second.body.applicant.name


def test_equal_models_are_kept_once_and_others_stay():
    accident = Coded.of(INCIDENT_KINDS, IncidentKind.ACCIDENT)
    bodies = incident("A"), incident("B"), incident("C").model_copy(update={"kind": accident})
    packed = pack(record(place, body=body) for place, body in enumerate(bodies))
    shared = [one.body for one in share_parts(unpack(INCIDENT, packed))]
    assert shared == list(bodies)
    assert shared[0].kind is shared[1].kind
    assert shared[2].kind == accident


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (datetime(2026, 1, 1, 12, tzinfo=WITA), datetime(2026, 1, 1, 4, tzinfo=UTC)),
        (Money(amount=Decimal("1.0")), Money(amount=Decimal("1.00"))),
        (0.0, -0.0),
        (1, True),
    ],
    ids=["moments", "amounts", "numbers with a fraction", "numbers and truths"],
)
def test_equal_values_that_are_written_differently_stay_apart(one, other):
    assert one == other
    bodies = [complaint("A").model_copy(update={"title": value}) for value in (one, other)]
    shared = list(share_parts(record(place, body=body) for place, body in enumerate(bodies)))
    assert [repr(each.body.title) for each in shared] == [repr(one), repr(other)]


def test_an_equal_body_that_is_held_is_used_again():
    held = [record(1), record(2)]
    changed = record(2, body=complaint("other"))
    shared = list(share_parts([record(1, at=datetime(2026, 1, 2, tzinfo=UTC)), changed, record(3)], held))
    assert [one.body is before.body for one, before in zip(shared, held, strict=False)] == [True, False]
    assert shared[0].provenance.fetched_at.day == 2
    assert [one.body for one in shared[1:]] == [changed.body, record(3).body]


def test_records_from_the_database_share_their_parts():
    assert len(sets_of(share_parts(unpack(COMPLAINT, pack([record(1), record(2)]))))) == 1
