"""Masking: nothing that a view may not see survives it, of any resource, at any depth."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.policy.masks import MASKED, mask, shortened, visible_doubts
from schemas.classes import DataClass
from schemas.dates import WITA
from schemas.doubts import Doubt, DoubtCode
from schemas.enterprise import Enterprise
from schemas.event import Event
from schemas.identifiers import Identifier, IdentifierScheme
from schemas.records import Provenance, Record
from schemas.texts import KEEP
from tests.gateway.fakes import application
from tests.loops import examples
from tests.schemas.bodies import bodies, every_resource, is_canary, leaves

AT = datetime(2026, 11, 23, 9, tzinfo=WITA)
ALL = frozenset(DataClass)
VIEWS = [frozenset({DataClass.GENERAL}), frozenset({DataClass.GENERAL, DataClass.PERSONAL}), ALL]
SHORTENED = {IdentifierScheme.NIK, IdentifierScheme.KK, IdentifierScheme.INSURANCE_CARD}
resources = pytest.mark.parametrize("resource", every_resource(), ids=lambda resource: resource.name)


def identifiers(value):
    """Every identifier in a body."""
    if isinstance(value, Identifier):
        yield value
    parts = value if isinstance(value, tuple) else vars(value).values() if hasattr(value, "model_fields_set") else ()
    for part in parts:
        yield from identifiers(part)


@resources
@given(data=st.data())
@settings(max_examples=examples(25), deadline=None)
def test_nothing_that_may_not_be_seen_survives(resource, data):
    body = data.draw(bodies(resource.body))
    view = data.draw(st.sampled_from(VIEWS))
    masked = mask(body, view, release_numbers=False)
    written = masked.model_dump_json(context=KEEP)
    for value, sensitivity in leaves(body):
        if is_canary(value):
            assert (str(getattr(value, "id", value)) in written) is (sensitivity in view)
    # A number that is shown may happen to have the same digits; beyond those, no hidden one is written.
    shown = [number.value for number in identifiers(masked) if number.scheme not in SHORTENED]
    for number in identifiers(body):
        if number.scheme in SHORTENED:
            assert written.count(number.value) == sum(other.count(number.value) for other in shown)
    assert set(type(masked).model_fields) == set(type(body).model_fields)
    assert mask(masked, view, release_numbers=False) == masked


@resources
@given(data=st.data())
@settings(max_examples=examples(10), deadline=None)
def test_who_may_see_all_sees_the_same_body_and_released_numbers_in_full(resource, data):
    body = data.draw(bodies(resource.body))
    assert mask(body, ALL, release_numbers=True) is body


@given(number=st.text("0123456789", min_size=0, max_size=20))
def test_of_a_number_only_the_end_is_shown_and_of_a_short_one_nothing(number):
    shown = shortened(number)
    assert len(shown) == len(number)
    assert shortened(shown) == shown
    assert len(shown.strip("*")) <= min(4, len(number) // 2)
    if len(number) > 8:
        assert shown.endswith(number[-4:])


@pytest.mark.parametrize("scheme", sorted(SHORTENED))
def test_a_number_of_a_person_is_hidden_even_in_a_field_that_anyone_may_see(scheme):
    business = Enterprise(identifiers=(Identifier(scheme=scheme, value="6371994502900011"),))
    (shown,) = mask(business, VIEWS[0], release_numbers=False).identifiers
    assert shown.value == MASKED
    nib = Enterprise(identifiers=(Identifier(scheme=IdentifierScheme.NIB, value="9099001713798"),))
    assert mask(nib, VIEWS[0], release_numbers=False) == nib


@pytest.mark.parametrize(
    ("pointer", "views"),
    [
        ("/status", {"general", "personal", "specific"}),
        ("/kind", {"general", "personal", "specific"}),
        ("/reason", {"personal", "specific"}),
        ("/applicant/name", {"personal", "specific"}),
        ("/history/0/by", {"personal", "specific"}),
        ("/no_such_field", set()),
        ("/status/0/deeper", set()),
        (None, set()),
    ],
)
def test_the_original_word_of_a_doubt_is_shown_to_those_who_may_see_its_field(pointer, views):
    body = application(history=(Event(text="x"),))
    doubt = Doubt(code=DoubtCode.CODE_UNKNOWN, field=pointer, original="SECRET")
    record = Record("apl_1", "1", body, Provenance(system="s", fetched_at=AT), (doubt,))
    for name, view in zip(("general", "personal", "specific"), VIEWS, strict=True):
        (shown,) = visible_doubts(record, view)
        assert (shown.code, shown.field) == (doubt.code, pointer)
        assert (shown.original == "SECRET") is (name in views), name
