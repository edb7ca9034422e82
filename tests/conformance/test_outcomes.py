"""What was made of a record is known again when the same record comes, and only then."""

from typing import Any

import pytest
from pydantic import BaseModel

from adapters.contract import Normal
from conformance.outcomes import Known


class Record(BaseModel):
    name: str
    value: Any = None


class Other(Record):
    pass


RECORDS = [Record(name=name) for name in "abc"]
MADE = [(Normal(record), record.name) for record in RECORDS]


@pytest.fixture
def known() -> Known:
    kept = Known()
    for record, made in zip(RECORDS, MADE, strict=True):
        kept.add(record, made)
    return kept


def found(known: Known, *records: Record) -> str:
    known.begin()
    return "".join(made[1] if made else "-" for made in map(known.made_of, records))


def again(name: str) -> Record:
    return Record(name=name)


def test_the_same_records_are_known_each_time(known):
    for _ in range(2):
        assert found(known, *map(again, "abc")) == "abc"


@pytest.mark.parametrize(
    ("came", "said"), [("bc", "bc"), ("ac", "ac"), ("aabc", "aabc"), ("xbc", "-bc"), ("axc", "a-c"), ("cba", "-b-")]
)
def test_records_that_are_lost_doubled_or_changed_leave_the_others_known(known, came, said):
    assert found(known, *map(again, came)) == said


@pytest.mark.parametrize(("kept", "came"), [(1, True), (1, 1.0), ("", None), ([1], [True])])
def test_equal_values_of_other_types_are_another_record(kept, came):
    known = Known()
    known.add(Record(name="a", value=kept), MADE[0])
    assert found(known, Record(name="a", value=came)) == "-"
    assert found(known, Record(name="a", value=kept)) == "a"


def test_another_class_is_another_record(known):
    assert found(known, Other(name="a")) == "-"


def test_what_cannot_be_compared_exactly_is_not_known():
    known = Known()
    value = type("Local", (), {"__eq__": lambda _self, _other: True, "__hash__": None})()
    known.add(Record(name="a", value=value), MADE[0])
    assert found(known, Record(name="a", value=value)) == "-"
