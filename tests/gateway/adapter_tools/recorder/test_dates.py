"""Days are found in whichever way they are written, and another one is written the same way."""

from datetime import date
from typing import Any, Final

import pytest

from gateway.adapter_tools.recorder.dates import Births, parts_of, written_like
from tests.gateway.adapter_tools.recorder.conftest import TODAY, replacer

BORN: Final = date(1988, 9, 5)
WAYS: Final = {
    "05-09-1988": "03-05-1988",
    "5/9/1988": "3/5/1988",
    "1988.09.05": "1988.05.03",
    "19880905": "19880503",
    "05091988": "03051988",
    "05 \u2013 09 \u2013 1988": "03 \u2013 05 \u2013 1988",
    "5 September 1988": "3 Mei 1988",
    "05  SEPTEMBER, 1988": "03  MEI, 1988",
    "5th of September 1988": "3rd of Mei 1988",
    "September 5, 1988": "Mei 3, 1988",
    "Sep. 5th, '88": "Mei. 3rd, '88",
    "5-Sept-88": "3-Mei-88",
    "05sep1988": "03mei1988",
    "1988-Sep-05": "1988-Mei-03",
    "5 bulan September tahun 1988": "3 bulan Mei tahun 1988",
}


@pytest.mark.parametrize(("written", "other"), WAYS.items())
def test_a_day_is_read_and_another_is_written_like_it(written: str, other: str) -> None:
    assert parts_of(written) == BORN
    assert written_like(written, 3, 5) == other
    births = Births(TODAY)
    births.learn(f"Lahir di Banjarmasin, {written}", of_a_person=True)
    assert BORN in births


@pytest.mark.parametrize(
    ("written", "day", "other"),
    [
        ("12 May 1988", date(1988, 5, 12), "03 May 1988"),
        ("1 august 1988", date(1988, 8, 1), "3 may 1988"),
        ("12 Agt 1988", date(1988, 8, 12), "03 Mei 1988"),
        ("12 Aug 1988", date(1988, 8, 12), "03 May 1988"),
        ("12 Pebruari 1988", date(1988, 2, 12), "03 Mei 1988"),
        ("12 Nopember 1988", date(1988, 11, 12), "03 Mei 1988"),
        ("09/25/1988", date(1988, 9, 25), "05/03/1988"),
    ],
)
def test_months_have_names_in_two_languages(written: str, day: date, other: str) -> None:
    assert parts_of(written) == day
    assert written_like(written, 3, 5) == other


@pytest.mark.parametrize("text", ["Mei 2026", "pukul 5 September 10:30", "RT 5 RW 9", "Pasal 5, 9 orang", "maret"])
def test_what_is_no_day_is_left(text: str) -> None:
    assert replacer("pukul", "pasal", "orang").text(text, "keterangan") == text


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("2026-08-01", True),
        ("1 Mei 2024", True),
        ("31-12-2028", True),
        ("30-02-2025", True),
        (1_764_000_000, True),
        ("2019-08-01", False),
        ("2019-08-01T00:00:00+08:00", False),
        ("31-09-1988", False),
        ("1 Mei 2055", False),
        (1_564_617_600, False),
    ],
)
def test_only_a_day_near_today_is_known_to_be_no_birth(written: Any, left: bool) -> None:
    made = replacer("tgl", "proses").tree({"tgl_proses": written})
    assert (made == {"tgl_proses": written}) is left
