"""What the gateway writes for itself it reads back as it was, both languages and every decimal of it."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.ground.clock import WITA
from gateway.records.serialization import pack, unpack
from gateway.records.shared_parts import share_parts
from schemas.complaint import COMPLAINT
from schemas.doubts import Doubt, DoubtCode
from schemas.money import Money
from schemas.records import Provenance, Record
from schemas.texts import KEEP, Language, Text
from tests.gateway.fakes import complaint
from tests.loops import examples
from tests.schemas.bodies import bodies, every_resource

resources = pytest.mark.parametrize("resource", every_resource(), ids=lambda resource: resource.name)
doubts = st.lists(st.builds(Doubt, code=st.sampled_from(DoubtCode), field=st.none() | st.just("/x")), max_size=2)
moments = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.sampled_from([UTC, WITA]))  # noqa: DTZ001 - bounds are naive

AT = datetime(2026, 1, 1, tzinfo=WITA)


@resources
@given(data=st.data())
@settings(max_examples=examples(15))
def test_records_are_read_back_as_they_were_packed(resource, data):
    records = tuple(
        Record(
            id=f"{resource.prefix}_{number}",
            key=data.draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=20)),
            body=data.draw(bodies(resource.body)),
            provenance=Provenance(
                system="s",
                office=data.draw(st.none() | st.just("o")),
                fetched_at=data.draw(moments),
                as_of=data.draw(st.none() | moments),
            ),
            doubts=tuple(data.draw(doubts)),
        )
        for number in range(data.draw(st.integers(0, 3)))
    )
    packed = pack(records)
    assert tuple(unpack(resource, packed)) == records
    assert pack(unpack(resource, packed)) == packed
    assert pack(share_parts(unpack(resource, packed))) == packed


def test_what_another_schema_wrote_is_not_taken_for_ours():
    for content in (
        b"",
        b"[[1]]",
        b'[["id","key",{"colour":1},{"system":"s","fetched_at":"2026-01-01T00:00:00Z"}]]',
        b'[["id","key",{"colour":1},{"system":"s","fetched_at":"2026-01-01T00:00:00Z"},[]]]',
    ):
        with pytest.raises(ValidationError):
            list(unpack(every_resource()[0], content))


def test_records_on_one_line_are_read_too_and_a_list_that_was_cut_off_is_refused():
    body = complaint("one\ntwo,\nthree")
    records = tuple(Record(f"cmp_{n}", str(n), body, Provenance(system="s", fetched_at=AT)) for n in range(3))
    packed = pack(records)
    assert packed.count(b"\n") == 2
    assert tuple(unpack(COMPLAINT, packed)) == tuple(unpack(COMPLAINT, packed.replace(b"\n", b""))) == records
    assert pack(()) == b"[]"
    for length in range(len(packed)):
        with pytest.raises(ValidationError):
            list(unpack(COMPLAINT, packed[:length]))


@given(indonesian=st.text(), english=st.none() | st.text())
def test_a_text_is_written_in_one_language_or_kept_in_both(indonesian, english):
    text = Text(id=indonesian, en=english)
    assert json.loads(text.model_dump_json()) == indonesian
    assert json.loads(text.model_dump_json(context={"language": Language.ENGLISH})) == (english or indonesian)
    assert Text.model_validate_json(text.model_dump_json(context=KEEP)) == text


amounts = st.decimals(-(10**20), 10**20, allow_nan=False, allow_infinity=False, places=None)


@given(amount=amounts.map(lambda amount: amount.quantize(Decimal("1.000000"))) | st.decimals(-999, 999, places=2))
def test_of_an_amount_nothing_is_lost(amount):
    written = json.loads(Money(amount=amount).model_dump_json())
    assert Decimal(written["amount"]) == amount
    assert len(written["amount"].partition(".")[2]) >= 2
    assert "e" not in written["amount"].lower()
    assert Money.model_validate(written).amount == amount
    assert written["currency"] == "IDR"


@pytest.mark.parametrize(
    "amount", ["NaN", "Infinity", "1e24", "-1e999999999", "1e-999999999", "0.0000001", "1.000,00", ""]
)
def test_what_is_no_amount_is_refused_and_does_not_fill_the_memory(amount):
    with pytest.raises(ValidationError):
        Money.model_validate({"amount": amount})
