"""The cache of normalised records finds a record only if it is exactly the same."""

from typing import Any

import pytest
from pydantic import BaseModel

from adapters.contract import Normal
from conformance.outcomes import NormalisationCache


class Record(BaseModel):
    name: str
    value: Any = None


class Other(Record):
    pass


RECORDS = [Record(name=name) for name in "abc"]
MADE = [(Normal(record), record.name) for record in RECORDS]


@pytest.fixture
def known() -> NormalisationCache:
    kept = NormalisationCache()
    for record, made in zip(RECORDS, MADE, strict=True):
        kept.add(record, made)
    return kept


def found(known: NormalisationCache, *records: Record) -> str:
    known.restart()
    return "".join(made[1] if made else "-" for made in map(known.lookup, records))


def again(name: str) -> Record:
    return Record(name=name)


def test_the_same_records_are_found_each_time(known):
    for _ in range(2):
        assert found(known, *map(again, "abc")) == "abc"


@pytest.mark.parametrize(
    ("came", "said"), [("bc", "bc"), ("ac", "ac"), ("aabc", "aabc"), ("xbc", "-bc"), ("axc", "a-c"), ("cba", "-b-")]
)
def test_other_records_are_found_beside_lost_duplicate_or_changed_ones(known, came, said):
    assert found(known, *map(again, came)) == said


@pytest.mark.parametrize(("kept", "came"), [(1, True), (1, 1.0), ("", None), ([1], [True])])
def test_equal_values_of_other_types_are_another_record(kept, came):
    known = NormalisationCache()
    known.add(Record(name="a", value=kept), MADE[0])
    assert found(known, Record(name="a", value=came)) == "-"
    assert found(known, Record(name="a", value=kept)) == "a"


def test_another_class_is_another_record(known):
    assert found(known, Other(name="a")) == "-"


def test_a_record_that_cannot_be_pickled_is_not_cached():
    known = NormalisationCache()
    value = type("Local", (), {"__eq__": lambda _self, _other: True, "__hash__": None})()
    known.add(Record(name="a", value=value), MADE[0])
    assert found(known, Record(name="a", value=value)) == "-"
