"""The tax office's notices, with its formats and mistakes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from simulators.pbb.legacy.register import Row
from simulators.people import DEMONSTRATION, Person

UNPAID: Final = "0"
PAID: Final = "1"
CANCELLED: Final = "2"
ZERO_DATE: Final = "00-00-0000"
_YEARS: Final = 3
_LONG_HISTORY: Final = 13


@dataclass(frozen=True, slots=True)
class _Object:
    """A piece of land: its number (NOP), and the yearly tax in rupiah."""

    number: str
    due: int


def notices(people: Iterable[Person], today: date) -> Iterator[Row]:
    """Yield the notices of all house owners: the heads of families who have a NIK."""
    for serial, person in enumerate(people, start=1):
        if person.nik and person.relation == "head":
            yield from _of(person, serial, today)


def _of(person: Person, serial: int, today: date) -> Iterator[Row]:
    land = _Object(_number(person, serial), 48_000 + serial % 97 * 37_500)
    years = _LONG_HISTORY if person == DEMONSTRATION["resident-renamed"] else _YEARS
    for age in range(years):
        yield _notice(person, land, today, age)


def _number(person: Person, serial: int) -> str:
    """Return a NOP as printed: 18 digits in seven groups. Its codes are the tax directorate's, not Kemendagri's."""
    _, _, kecamatan, kelurahan = person.kelurahan_code.split(".")
    return f"63.71.{int(kecamatan) * 10:03d}.{kelurahan[-3:]}.{serial // 200:03d}-{serial % 10_000:04d}.0"


def _notice(person: Person, land: _Object, today: date, age: int) -> Row:
    """Return the notice of `age` years ago: this year's is unpaid, last year's often late, older ones are paid."""
    year = today.year - age
    paid = age > 1 or (age == 1 and land.due % 4 == 0 and person != DEMONSTRATION["resident"])
    damaged = age == 0 and person == DEMONSTRATION["resident-damaged"]
    row = {
        "NOP": land.number,
        "THN_PAJAK_SPPT": str(year),
        "NIK_WP": person.nik,
        "NM_WP_SPPT": (person.alias or person.name).upper(),
        "ALAMAT_OP": person.street.upper(),
        "KD_WILAYAH": person.kelurahan_code.replace(".", ""),
        "NM_KELURAHAN": person.kelurahan.upper(),
        # Q23: notices have points between thousands; fines come from a program that writes commas.
        # One amount was typed by hand, with the letter O for a zero.
        "PBB_YG_HARUS_DIBAYAR_SPPT": "1.25O.000" if damaged else f"{land.due:,}".replace(",", "."),
        "DENDA": f"{land.due * 24 // 100:,}" if age == 1 and not paid else "0",
        # This year's due date was extended to the end of the year.
        "TGL_JATUH_TEMPO_SPPT": f"31-12-{year}" if age == 0 else f"30-09-{year}",
        "TGL_PEMBAYARAN_SPPT": _day(date(year, 8, 17) - timedelta(days=land.due % 60)) if paid else ZERO_DATE,
        "STATUS_PEMBAYARAN_SPPT": PAID if paid else UNPAID,
    }
    if age == 2 and person == DEMONSTRATION["resident-damaged"]:
        # Paid at the counter before it had a computer: the day was never entered.
        row["TGL_PEMBAYARAN_SPPT"] = ZERO_DATE
    return row


def _day(day: date) -> str:
    return day.strftime("%d-%m-%Y")
