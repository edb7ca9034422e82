"""Dates as registers know them: as many parts as are known, and nothing that is no date."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.dates import Precision, UncertainDate

LENGTHS = {Precision.YEAR: 4, Precision.MONTH: 7, Precision.DAY: 10}


@given(day=st.dates(), precision=st.sampled_from(Precision))
def test_a_date_is_written_with_the_parts_that_are_known(day, precision):
    value = day.isoformat()[: LENGTHS[precision]]
    made = UncertainDate(value=value, precision=precision)
    assert UncertainDate.model_validate_json(made.model_dump_json()) == made
    assert UncertainDate.of(day) == UncertainDate(value=day.isoformat(), precision=Precision.DAY)
    for other in set(Precision) - {precision}:
        with pytest.raises(ValidationError):
            UncertainDate(value=value, precision=other)


@pytest.mark.parametrize(
    ("value", "precision"),
    [
        ("1990-02-30", "day"),
        ("1990-13", "month"),
        ("0000", "year"),
        ("0000-00-00", "day"),
        ("90-2-5", "day"),
        ("05-02-1990", "day"),
        ("1990/02/05", "day"),
        ("+990-02-05", "day"),
        (" 990", "year"),
        ("١٩٩٠", "year"),
        ("1990-02-05T00:00:00", "day"),
        ("", "year"),
        (date(1990, 2, 5), "day"),
        ("1990", "century"),
    ],
)
def test_nothing_else_is_a_date(value, precision):
    with pytest.raises(ValidationError):
        UncertainDate(value=value, precision=precision)
