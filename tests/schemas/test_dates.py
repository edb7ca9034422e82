"""Dates of registers, and days and moments that callers name."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas.dates import WITA, Day, Moment, PartialDate, Period, day_of, first_instant, last_instant
from schemas.filters import between, in_region
from schemas.health import BookAppointment

DAY = TypeAdapter(Day)
MOMENT = TypeAdapter(Moment)
PARTIAL = TypeAdapter(PartialDate)


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
    assert BookAppointment.model_validate({**booked, "day": "2026-11-28"}).day == date(2026, 11, 28)
    for written in (1795824000, "1795824000", "28-11-2026"):
        with pytest.raises(ValidationError):
            BookAppointment.model_validate({**booked, "day": written})


@given(day=st.dates(), length=st.sampled_from([4, 7, 10]))
def test_a_partial_date_is_written_with_the_parts_that_are_known(day, length):
    written = day.isoformat()[:length]
    assert PARTIAL.validate_python(written) == written
    assert Period.model_validate_json(Period(start=written, end=written).model_dump_json()).start == written


@pytest.mark.parametrize(
    "written",
    ["1990-02-30", "1990-13", "0000", "0000-00-00", "90-2-5", "05-02-1990", "1990/02/05", "+990-02-05", " 990", "١٩٩٠",
     "1990-02-05T00:00:00", "", date(1990, 2, 5), 1990],
)  # fmt: skip
def test_nothing_else_is_a_partial_date(written):
    with pytest.raises(ValidationError):
        PARTIAL.validate_python(written)


def test_a_moment_is_a_day_or_an_instant():
    assert MOMENT.validate_python("2026-11-23") == date(2026, 11, 23)
    assert type(MOMENT.validate_python("2026-11-23")) is date
    assert MOMENT.validate_python("2026-11-23T09:00:00+08:00") == datetime(2026, 11, 23, 1, tzinfo=UTC)
    schema = MOMENT.json_schema()
    assert (schema["type"], schema["format"]) == ("string", "date-or-date-time")
    for example in schema["examples"]:
        MOMENT.validate_python(example)


@pytest.mark.parametrize("written", ["0", "1763856000", 0, "2026-11-23T00:00:00", "2026-02-30", "23/11/2026", "", None])
def test_nothing_else_is_a_moment(written):
    with pytest.raises(ValidationError, match="write a day as YYYY-MM-DD, or a moment"):
        MOMENT.validate_python(written)


@given(moment=st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds are naive
def test_a_bound_that_is_a_day_includes_the_whole_day_of_the_city(moment):
    day = day_of(moment)
    assert day == moment.astimezone(WITA).date()
    assert between(moment, day, day)
    assert first_instant(day) <= moment <= last_instant(day)
    assert not between(moment, day + timedelta(days=1), None)
    assert not between(moment, None, day - timedelta(days=1))


def test_a_day_is_compared_with_an_instant_by_its_day():
    evening = datetime(2026, 11, 22, 17, tzinfo=UTC)
    assert day_of(evening) == date(2026, 11, 23), "it is past midnight in the city"
    assert between(date(2026, 11, 23), evening, None)
    assert not between(date(2026, 11, 22), evening, None)
    assert not between(None, evening, None)
    assert between(None, None, None)


def test_a_region_lies_in_itself_and_in_those_above_it():
    assert in_region("63.71.01.1001", "63.71.01")
    assert in_region("63.71.01", "63.71.01")
    assert in_region("63.71.01.1001", None)
    assert in_region(None, None)
    assert not in_region("63.71.01", "63.71.01.1001"), "a kecamatan does not lie in one of its kelurahan"
    assert not in_region("63.71.010", "63.71.01")
    assert not in_region(None, "63.71.01")
