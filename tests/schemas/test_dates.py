"""Days that callers name."""

from datetime import date

import pytest
from pydantic import TypeAdapter, ValidationError

from schemas.dates import Day
from schemas.health import BookAppointment

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


def test_the_day_of_a_booking_is_one_too():
    booked = {"facility_key": "17990101", "clinic": "dental"}
    assert BookAppointment.model_validate({**booked, "on": "2026-11-28"}).on == date(2026, 11, 28)
    for written in (1795824000, "1795824000", "28-11-2026"):
        with pytest.raises(ValidationError):
            BookAppointment.model_validate({**booked, "on": written})
