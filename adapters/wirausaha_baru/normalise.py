"""Wire rows to canonical records: programmes, enterprises and enrolments. Pure."""

from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Final

from adapters.contract import Normal
from adapters.errors import UnusableRecordError
from adapters.legacy.dates import Date, day_first_date, excel_day, whole_day
from adapters.legacy.nik import nik_from_cell, nik_mismatches
from adapters.legacy.numbers import count, indonesian_number, plain_number, rupiah, zero_is_none
from adapters.legacy.phones import phone
from adapters.legacy.reading import Doubts, Reading, absent
from adapters.legacy.regions import by_name
from adapters.legacy.spelled_dates import indonesian_date
from adapters.legacy.texts import PLACEHOLDERS, plain_text
from adapters.wirausaha_baru.codes import AGENCIES, KBLI, SEXES, STATES
from adapters.wirausaha_baru.wire import NO_NAME, Cell, PesertaRow, ProgramRow, UsahaRow
from schemas.enterprise import Enterprise, EnterpriseStatus
from schemas.identifiers import Identifier
from schemas.money import Money
from schemas.numbers import nib
from schemas.programme import Enrolment, EnrolmentStatus, Participant, Programme
from schemas.quality import QualityCode
from schemas.texts import Coded, Text

_NO_LICENCE: Final = PLACEHOLDERS | {"ada", "1"}
_KBLI_DIGITS: Final = 5
_MOST_AID: Final = Decimal(10) ** 12


def _written(cell: Cell) -> str | None:
    """Return a cell as text, without the apostrophe that marks a text in a spreadsheet."""
    return None if cell is None else str(cell).strip().removeprefix("'")


def _text(cell: Cell, *, nothing: AbstractSet[str] = PLACEHOLDERS) -> Reading[str]:
    """Return free text. A character that is invalid in the declared charset adds a doubt."""
    reading = plain_text(_written(cell), placeholders=nothing, spreadsheet=True)
    lost = reading.value is not None and "\ufffd" in reading.value
    return reading.with_doubts(QualityCode.TEXT_ENCODING) if lost else reading


def _money(cell: Cell) -> Reading[Money]:
    """Read `Rp. 7.500.000,-`, or a number cell."""
    reading = zero_is_none(indonesian_number(_written(cell)) if isinstance(cell, str) else plain_number(cell))
    amount = reading.value
    if amount is None:
        return absent(*reading.doubts)
    if amount > _MOST_AID:
        return absent(QualityCode.NUMBER_OVERFLOW)
    if amount * 100 != int(amount * 100):
        return absent(QualityCode.NUMBER_AMBIGUOUS)
    return rupiah(reading)


def _enrolled(cell: Cell) -> Date:
    """Read a spreadsheet's day number, or `dd/mm/yyyy` in a text cell."""
    if isinstance(cell, str):
        return day_first_date(_written(cell), separator="/")
    return excel_day(cell)


def _long_date(cell: Cell) -> Date:
    """Read the Indonesian long form only."""
    if isinstance(cell, int | float):
        return absent(QualityCode.DATE_IMPOSSIBLE)
    return indonesian_date(_written(cell))


def _state(cell: Cell) -> Reading[str]:
    reading = _text(cell)
    if reading.value is None:
        return reading
    state = STATES.get(reading.value.casefold())
    return Reading(state) if state else absent(QualityCode.STATUS_UNKNOWN)


def _nik(w: PesertaRow) -> Reading[Identifier]:
    """Return the NIK; exact only as valid text that agrees with the sex in the same row."""
    reading = nik_from_cell(w.nik)
    if reading.value is None:
        return reading
    doubts = nik_mismatches(reading.value, None, SEXES.get((_written(w.jenis_kelamin) or "").strip().casefold()))
    if not doubts:
        return reading
    return Reading(reading.value.model_copy(update={"exact": False}), (*reading.doubts, *doubts))


def _kbli(cell: Cell) -> Reading[Coded]:
    """Return the KBLI code: five digits of text, or a number that may have lost its leading 0."""
    reading = _text(cell)
    if reading.value is None:
        return absent(*reading.doubts)
    digits = reading.value
    lost = isinstance(cell, int) and len(digits) == _KBLI_DIGITS - 1
    code = digits.zfill(_KBLI_DIGITS) if lost else digits
    if not (code.isascii() and code.isdigit() and len(code) == _KBLI_DIGITS):
        return absent(QualityCode.NUMBER_AMBIGUOUS)
    return Reading(Coded(system=KBLI, code=code), (QualityCode.KBLI_LEADING_ZERO_LOST,) if lost else ())


def _nib(cell: Cell) -> Reading[str]:
    """Return the NIB: thirteen digits of text, or a number that may have lost its leading 0.

    Older licences are not NIBs.
    """
    reading = _text(cell, nothing=_NO_LICENCE)
    if reading.value is None:
        return reading
    lost = isinstance(cell, int) and len(reading.value) == nib.LENGTH - 1
    number = reading.value.zfill(nib.LENGTH) if lost else reading.value
    if not nib.is_valid(number):
        return absent(QualityCode.NUMBER_AMBIGUOUS)
    return Reading(nib.validate(number), (QualityCode.NUMBER_AMBIGUOUS,) if lost else ())


def _row_doubts(ganda: str | None, skpd: str) -> Doubts:
    """Return the doubts about the row as a whole."""
    doubts = Doubts()
    if ganda:
        doubts.note(None, QualityCode.ID_DUPLICATE)
    if skpd not in AGENCIES:
        doubts.note("/agency", QualityCode.CODE_UNKNOWN)
    return doubts


def enrolment(w: PesertaRow) -> Normal[Enrolment]:
    """Return the canonical enrolment. Raises `UnusableRecordError` when the row identifies no person."""
    doubts = _row_doubts(w.ganda, w.skpd)
    number = doubts.collect("/participant/identifiers/0", _nik(w))
    name = doubts.collect("/participant/name", _text(w.nama))
    if number is None and name is None:
        raise UnusableRecordError("a row has neither a NIK nor a name")
    state = doubts.collect("/status", _state(w.status))
    body = Enrolment(
        programme_name=w.program,
        year=w.tahun,
        agency=w.skpd,
        group=doubts.collect("/group", _text(w.kelompok)),
        participant=Participant(
            name=name,
            identifiers=(number,) if number else (),
            phone=doubts.collect("/participant/phone", phone(_written(w.no_hp))),
        ),
        business_name=doubts.collect("/business_name", _text(w.nama_usaha, nothing=NO_NAME)),
        activity=doubts.collect("/activity", _text(w.jenis_usaha)),
        grant=doubts.collect("/grant", _money(w.bantuan)),
        enrolled_on=doubts.collect("/enrolled_on", _enrolled(w.tanggal_daftar)),
        status=EnrolmentStatus(state) if state else None,
        status_on=doubts.collect("/status_on", _long_date(w.per_tanggal)),
        region=doubts.collect("/region", by_name(_written(w.kelurahan))),
    )
    return Normal(body, doubts.found)


def enterprise(w: UsahaRow) -> Normal[Enterprise]:
    """Return the public part of a business, without its owner."""
    doubts = _row_doubts(w.ganda, w.skpd)
    state = doubts.collect("/status", _state(w.status))
    body = Enterprise(
        name=doubts.collect("/name", _text(w.nama_usaha, nothing=NO_NAME)),
        activity=doubts.collect("/activity", _text(w.jenis_usaha)),
        kbli=doubts.collect("/kbli", _kbli(w.kbli)),
        nib=doubts.collect("/nib", _nib(w.nib)),
        year=w.tahun,
        agency=w.skpd,
        status=EnterpriseStatus(state) if state else None,
        region=doubts.collect("/region", by_name(_written(w.kelurahan))),
    )
    return Normal(body, doubts.found)


def programme(w: ProgramRow) -> Normal[Programme]:
    """Return the canonical programme. Raises `UnusableRecordError` when it has no name or no year."""
    doubts = _row_doubts(w.ganda, w.skpd)
    name = doubts.collect("/name", _text(w.nama_program))
    year = count(_written(w.tahun)).value
    if name is None or year is None or not 2000 <= year < 2100:
        raise UnusableRecordError("a programme has no name, or no year")
    if w.skpd in AGENCIES and (_text(w.nama_skpd).value or "").casefold() != AGENCIES[w.skpd].casefold():
        doubts.note("/agency", QualityCode.CODE_UNKNOWN)
    description = doubts.collect("/description", _text(w.uraian))
    body = Programme(
        name=Text(id=name),
        year=year,
        agency=w.skpd,
        quota=doubts.collect("/quota", count(_written(w.kuota))),
        enrolled=w.jumlah_peserta,
        grant=doubts.collect("/grant", _money(w.bantuan)),
        registration_until=doubts.collect("/registration_until", whole_day(_long_date(w.batas))),
        description=Text(id=description) if description else None,
    )
    return Normal(body, doubts.found)
