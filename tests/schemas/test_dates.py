"""Days that callers name."""

from datetime import date

import pytest
from pydantic import TypeAdapter, ValidationError

from schemas.dates import Day

DAY = TypeAdapter(Day)


def test_a_day_is_year_month_day():
    assert DAY.validate_python("2026-11-23") == date(2026, 11, 23)
    assert DAY.validate_python(date(2026, 11, 23)) == date(2026, 11, 23)


@pytest.mark.parametrize(
    "written",
    ["0", "1763856000", 0, 1.5, "2026-11-23T00:00:00", "23/11/2026", "2026-1-3", "２０２６-11-23", "2026-02-30", None],
)
def test_nothing_else_is_a_day(written):
    with pytest.raises(ValidationError):
        DAY.validate_python(written)


def test_the_document_says_what_is_taken():
    assert DAY.json_schema() == {"type": "string", "format": "date"}
