"""Vectors D1 to D11 of the domain document."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.legacy.dates import (
    WIB,
    WITA,
    clock_time,
    compact_date,
    day_first_date,
    day_first_time,
    epoch_milliseconds,
    epoch_seconds,
    excel_day,
    iso_date,
    local_time,
    not_default_1970,
    of_parts,
    plausible_birth,
    service_time,
    whole_day,
)
from adapters.legacy.spelled_dates import indonesian_date
from schemas.doubts import DoubtCode

ZERO, IMPOSSIBLE = (DoubtCode.DATE_ZERO,), (DoubtCode.DATE_IMPOSSIBLE,)


def seen(reading):
    return (reading.value, reading.doubts)


@pytest.mark.parametrize(
    ("text", "value", "doubts"),
    [
        ("1990-02-05", "1990-02-05", ()),
        ("0000-00-00", None, ZERO),
        ("00-00-0000", None, ZERO),
        ("", None, ZERO),
        ("-", None, ZERO),
        ("1990-00-00", "1990", ZERO),
        ("1990-02-00", "1990-02", ZERO),
        ("2019-02-30", None, IMPOSSIBLE),
        ("1990-00-05", None, IMPOSSIBLE),
        ("05/02/1990", None, IMPOSSIBLE),
        ("٢٠١٩-02-03", None, IMPOSSIBLE),
        (None, None, ()),
    ],
)
def test_d1_iso(text, value, doubts):
    assert seen(iso_date(text)) == (value, doubts)


@pytest.mark.parametrize(
    ("text", "value", "doubts"),
    [
        ("20190203", "2019-02-03", ()),
        (" 20190203 ", "2019-02-03", ()),
        ("00000000", None, ZERO),
        ("", None, ZERO),
        ("19900200", "1990-02", ZERO),
        ("20190230", None, IMPOSSIBLE),
        ("2019023", None, IMPOSSIBLE),
        ("2019-02-03", None, IMPOSSIBLE),
        ("٢٠١٩٠٢٠٣", None, IMPOSSIBLE),
        (None, None, ()),
    ],
)
def test_a_date_without_separators(text, value, doubts):
    assert seen(compact_date(text)) == (value, doubts)


def test_d1_a_date_has_the_parts_that_are_known():
    assert iso_date("1990-00-00").value == "1990"
    assert iso_date("1990-02-00").value == "1990-02"


def test_d1_the_default_of_1970_is_a_doubt_only_where_declared():
    assert seen(not_default_1970(iso_date("1970-01-01"))) == (None, (DoubtCode.DATE_DEFAULT_1970,))
    assert seen(not_default_1970(iso_date("1970-01-02"))) == ("1970-01-02", ())
    assert seen(iso_date("1970-01-01")) == ("1970-01-01", ())


@pytest.mark.parametrize(
    ("text", "separator", "value", "doubts"),
    [
        ("05-02-1990", "-", "1990-02-05", ()),
        ("5/2/1990", "/", "1990-02-05", ()),
        ("13/13/1990", "/", None, IMPOSSIBLE),
        ("00-00-0000", "-", None, ZERO),
        ("00/00/0000", "/", None, ZERO),
        ("00-02-1990", "-", "1990-02", ZERO),
        ("05/02/1990", "-", None, IMPOSSIBLE),
        ("1990-02-05", "-", None, IMPOSSIBLE),
    ],
)
def test_d2_d3_day_first(text, separator, value, doubts):
    assert seen(day_first_date(text, separator=separator)) == (value, doubts)


@pytest.mark.parametrize("text", ["Kamis, 09-06-2022", "9 Juni 2022", "9 juni 2022", "Kamis, 9  Juni 2022"])
def test_d4_indonesian(text):
    assert seen(indonesian_date(text)) == ("2022-06-09", ())


def test_d4_a_year_of_two_digits_needs_a_pivot():
    assert seen(indonesian_date("09 JUN 22", pivot=40)) == ("2022-06-09", ())
    assert seen(indonesian_date("09 JUN 22")) == (None, IMPOSSIBLE)


def test_d4_a_weekday_that_does_not_fit_is_a_doubt():
    assert seen(indonesian_date("Senin, 09-06-2022")) == ("2022-06-09", IMPOSSIBLE)


@pytest.mark.parametrize(
    ("names", "month"),
    [
        ("Januari Jan", 1),
        ("Februari Feb", 2),
        ("Maret Mar", 3),
        ("April Apr", 4),
        ("Mei", 5),
        ("Juni Jun", 6),
        ("Juli Jul", 7),
        ("Agustus Agu Agt Ags", 8),
        ("September Sep Sept", 9),
        ("Oktober Okt", 10),
        ("November Nopember Nov Nop", 11),
        ("Desember Des", 12),
    ],
)
def test_d4_every_name_of_a_month(names, month):
    for name in names.split():
        assert seen(indonesian_date(f"7 {name} 2021")) == (f"2021-{month:02d}-07", ())
    assert seen(indonesian_date("7 May 2021")) == (None, IMPOSSIBLE)


def test_d5_a_naive_time_in_its_declared_zone():
    assert local_time("2022-06-09 07:31:00").value.isoformat() == "2022-06-09T07:31:00+08:00"
    assert local_time("2022-06-09 07:31:00", WIB).value.isoformat() == "2022-06-09T08:31:00+08:00"
    assert local_time("2022-06-09T07:31").value == datetime(2022, 6, 9, 7, 31, tzinfo=WITA)
    assert local_time("0000-00-00 00:00:00").doubts == ZERO
    assert local_time("2022-02-30 07:31:00").doubts == IMPOSSIBLE
    assert local_time("2022-06-09 25:31:00").doubts == IMPOSSIBLE
    assert local_time("9999-12-31 23:59:59", WIB).doubts == IMPOSSIBLE
    assert local_time(None).doubts == ()


def test_d5_a_naive_time_with_the_day_first():
    assert day_first_time("09/06/2022 07:31", separator="/").value.isoformat() == "2022-06-09T07:31:00+08:00"
    assert day_first_time(" 9-6-2022  07:31:05 ", zone=WIB).value.isoformat() == "2022-06-09T08:31:05+08:00"
    assert day_first_time("00/00/0000 00:00", separator="/").doubts == ZERO
    assert day_first_time("00/06/2022 07:31", separator="/").doubts == ZERO
    assert day_first_time("-").doubts == ZERO
    for impossible in ("31/02/2022 07:31", "09/06/2022 25:31", "09/06/2022", "09/06/22 07:31", "09-06-2022 07:31"):
        assert day_first_time(impossible, separator="/").doubts == IMPOSSIBLE
    assert day_first_time("31-12-9999 23:59", zone=WIB).doubts == IMPOSSIBLE
    assert day_first_time(None).doubts == ()


def test_d6_epochs():
    expected = datetime(2018, 2, 15, tzinfo=UTC)
    assert epoch_seconds(1518652800).value == expected
    assert epoch_milliseconds(1518652800000).value.isoformat() == "2018-02-15T08:00:00+08:00"
    assert epoch_seconds(10**20).doubts == IMPOSSIBLE
    assert epoch_seconds(0).doubts == (DoubtCode.DATE_DEFAULT_1970,)


def test_d7_midnight_means_none_where_declared():
    assert clock_time("00:00", midnight_is_none=True).value is None
    assert clock_time("00:00").value == time(0, 0)
    assert clock_time("07:31", midnight_is_none=True).value == time(7, 31)
    assert clock_time("25:00").doubts == IMPOSSIBLE


@pytest.mark.parametrize(
    ("serial", "value"),
    [(43146, "2018-02-15"), (43146.75, "2018-02-15"), (59, "1900-02-28"), (61, "1900-03-01"), (1, "1900-01-01")],
)
def test_d8_excel_days(serial, value):
    assert seen(excel_day(serial)) == (value, ())


@pytest.mark.parametrize("serial", [60, 60.5, 0, -1, 10**9, float("nan"), float("inf")])
def test_d8_days_that_never_were(serial):
    assert seen(excel_day(serial)) == (None, IMPOSSIBLE)


def test_d9_service_times_pass_midnight():
    assert service_time("24:30:00").value == timedelta(hours=24, minutes=30)
    assert service_time("7 menit").value is None


def test_d10_a_year_of_two_digits_is_not_guessed():
    assert seen(day_first_date("05-02-90")) == (None, IMPOSSIBLE)
    assert seen(day_first_date("05-02-90", pivot=30)) == ("1990-02-05", ())
    assert seen(day_first_date("05-02-21", pivot=30)) == ("2021-02-05", ())


@pytest.mark.parametrize("text", ["2026-11-24", "1905-12-31", "2031-00-00"])
def test_d11_an_implausible_birth_date_stays_with_a_doubt(text):
    reading = plausible_birth(iso_date(text), date(2026, 11, 23))
    assert reading.value is not None
    assert DoubtCode.DATE_IMPOSSIBLE in reading.doubts


def test_d11_a_plausible_birth_date_has_none():
    assert plausible_birth(iso_date("1990-02-05"), date(2026, 11, 23)).doubts == ()


def test_only_a_whole_day_is_a_day():
    assert whole_day(iso_date("1990-02-05")).value == date(1990, 2, 5)
    assert whole_day(iso_date("1990-02-00")) == whole_day(of_parts(1990, 2, 0))
    assert whole_day(iso_date("1990-02-00")).value is None


@given(st.dates())
def test_a_date_survives_every_way_of_writing_it(day):
    assert whole_day(iso_date(day.isoformat())).value == day
    assert whole_day(day_first_date(f"{day.day:02d}-{day.month:02d}-{day.year:04d}")).value == day


@given(st.text(max_size=20) | st.from_regex(r"\d{1,4}[-/ ]\w{1,9}[-/ ]\d{1,4}"))
def test_no_text_is_too_strange(text):
    for read in (iso_date, day_first_date, day_first_time, indonesian_date, local_time, clock_time, service_time):
        reading = read(text)
        assert reading.value is not None or reading.doubts
