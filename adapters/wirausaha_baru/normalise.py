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
from adapters.legacy.regions import by_name, collect_region
from adapters.legacy.spelled_dates import indonesian_date
from adapters.legacy.texts import PLACEHOLDERS, plain_text
from adapters.wirausaha_baru.codes import AGENCIES, KBLI, SEXES, STATES
from adapters.wirausaha_baru.wire import NO_NAME, Cell, PesertaRow, ProgramRow, UsahaRow, programme_key
from schemas.codes import Coded
from schemas.dates import Period
from schemas.doubts import DoubtCode
from schemas.enterprise import Enterprise, EnterpriseStatus
from schemas.entitlement import EntitlementStatus
from schemas.identifiers import Identifier, IdentifierScheme, Person
from schemas.money import Money
from schemas.numbers import nib
from schemas.places import Location, RegionReference
from schemas.programme import Enrolment, ParticipantEnterprise, Programme
from schemas.references import AgencyReference, Reference
from schemas.texts import Text

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
    return reading.with_doubts(DoubtCode.TEXT_ENCODING) if lost else reading


def _money(cell: Cell) -> Reading[Money]:
    """Read `Rp. 7.500.000,-`, or a number cell."""
    reading = zero_is_none(indonesian_number(_written(cell)) if isinstance(cell, str) else plain_number(cell))
    amount = reading.value
    if amount is None:
        return absent(*reading.doubts)
    if amount > _MOST_AID:
        return absent(DoubtCode.NUMBER_OVERFLOW)
    if amount * 100 != int(amount * 100):
        return absent(DoubtCode.NUMBER_AMBIGUOUS)
    return rupiah(reading)


def _enrolled(cell: Cell) -> Date:
    """Read a spreadsheet's day number, or `dd/mm/yyyy` in a text cell."""
    if isinstance(cell, str):
        return day_first_date(_written(cell), separator="/")
    return excel_day(cell)


def _long_date(cell: Cell) -> Date:
    """Read the Indonesian long form, or a spreadsheet's day number."""
    return excel_day(cell) if isinstance(cell, int | float) else indonesian_date(_written(cell))


def _phone(cell: Cell) -> Reading[str]:
    """Read a telephone number. A number cell may have lost its leading 0: it gets one, with a doubt."""
    read = phone(_written(cell))
    if read.value is not None or not isinstance(cell, int):
        return read
    padded = phone(f"0{cell}")
    return read if padded.value is None else padded.with_doubts(DoubtCode.PHONE_FORM)


def _state(cell: Cell) -> Reading[EnterpriseStatus]:
    """Return the state of an enterprise: unknown for a word that is not in the table, none if no word is stated."""
    reading = _text(cell)
    if reading.value is None:
        return absent(*reading.doubts)
    state = STATES.get(reading.value.casefold())
    return Reading(state) if state else Reading(EnterpriseStatus.UNKNOWN, (DoubtCode.STATUS_UNKNOWN,))


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
    """Return the KBLI code: five digits of text, or a number that may have lost its leading 0.

    Anything else is not a KBLI code.
    """
    reading = _text(cell)
    if reading.value is None:
        return absent(*reading.doubts)
    digits = reading.value
    lost = isinstance(cell, int) and len(digits) == _KBLI_DIGITS - 1
    code = digits.zfill(_KBLI_DIGITS) if lost else digits
    if not (code.isascii() and code.isdigit() and len(code) == _KBLI_DIGITS):
        return absent(DoubtCode.NUMBER_FORM)
    return Reading(Coded(scheme=KBLI, code=code), (DoubtCode.KBLI_LEADING_ZERO_LOST,) if lost else ())


def _nib(cell: Cell) -> Reading[Identifier]:
    """Return the NIB: thirteen digits of text, or a number that may have lost its leading 0, which is not exact.

    Older licences are not NIBs.
    """
    reading = _text(cell, nothing=_NO_LICENCE)
    if reading.value is None:
        return absent(*reading.doubts)
    lost = isinstance(cell, int) and len(reading.value) == nib.LENGTH - 1
    number = reading.value.zfill(nib.LENGTH) if lost else reading.value
    if not nib.is_valid(number):
        return absent(DoubtCode.NUMBER_FORM)
    identifier = Identifier(scheme=IdentifierScheme.NIB, value=nib.validate(number), exact=not lost)
    return Reading(identifier, (DoubtCode.NUMBER_AMBIGUOUS,) if lost else ())


def _agency(skpd: str, named: str | None = None) -> AgencyReference:
    """Return the agency of a file: by id if it is in our table, else by the name in the row or of the file."""
    return AgencyReference(id=skpd) if skpd in AGENCIES else AgencyReference(name=Text(id=named or skpd))


def _identifiers(doubts: Doubts, field: str, reading: Reading[Identifier]) -> tuple[Identifier, ...]:
    """Return the one identifier as a list; the doubts about an absent one belong to the list."""
    if reading.value is None:
        doubts.note(field, *reading.doubts)
        return ()
    doubts.note(f"{field}/0", *reading.doubts)
    return (reading.value,)


def _row_doubts(ganda: str | None, skpd: str) -> Doubts:
    """Return the doubts about the row as a whole."""
    doubts = Doubts()
    if ganda:
        doubts.note(None, DoubtCode.ID_DUPLICATE)
    if skpd not in AGENCIES:
        doubts.note_unknown("/agency", DoubtCode.CODE_UNKNOWN, skpd)
    return doubts


def _programme(w: PesertaRow) -> Reference | None:
    """Return the programme in the title of the list: agency, year and name are its key in the list of programmes."""
    if w.program is None:
        return None
    return Reference(id=programme_key(w.skpd, w.tahun, w.program), name=w.program)


def enrolment(w: PesertaRow) -> Normal[Enrolment]:
    """Return the canonical enrolment. Raises `UnusableRecordError` when the row identifies no person.

    A row in the agency's list is an accepted participant. The list states nothing else about the enrolment: its columns
    STATUS and PER TANGGAL are about the enterprise.
    """
    doubts = _row_doubts(w.ganda, w.skpd)
    numbers = _identifiers(doubts, "/holder/identifiers", _nik(w))
    name = doubts.collect("/holder/name", _text(w.nama))
    if not numbers and name is None:
        raise UnusableRecordError("a row has neither a NIK nor a name")
    enrolled_on = doubts.collect("/validity/start", _enrolled(w.tanggal_daftar))
    body = Enrolment(
        title=w.program,
        programme=_programme(w),
        year=w.tahun,
        agency=_agency(w.skpd),
        status=EntitlementStatus.ACTIVE,
        validity=Period(start=enrolled_on) if enrolled_on else None,
        group=doubts.collect("/group", _text(w.kelompok)),
        holder=Person(
            name=name,
            identifiers=numbers,
            phone=doubts.collect("/holder/phone", _phone(w.no_hp)),
        ),
        enterprise=_participant_enterprise(doubts, w),
        grant=doubts.collect("/grant", _money(w.bantuan)),
        location=Location.of(region=doubts.collect("/location/region", by_name(_written(w.kelurahan)))),
    )
    return Normal(body, doubts.found)


def _participant_enterprise(doubts: Doubts, w: PesertaRow) -> ParticipantEnterprise | None:
    """Return the participant's enterprise; None if the row states nothing about it.

    These fields are personal data, so the doubt about an unknown state does not contain the word.
    """
    found = ParticipantEnterprise(
        name=doubts.collect("/enterprise/name", _text(w.nama_usaha, nothing=NO_NAME)),
        activity=doubts.collect("/enterprise/activity", _text(w.jenis_usaha)),
        status=doubts.collect("/enterprise/status", _state(w.status)),
        seen_on=doubts.collect("/enterprise/seen_on", _long_date(w.per_tanggal)),
    )
    return None if found == ParticipantEnterprise() else found


def enterprise(w: UsahaRow) -> Normal[Enterprise]:
    """Return the public part of a business, without its owner."""
    doubts = _row_doubts(w.ganda, w.skpd)
    numbers = _identifiers(doubts, "/identifiers", _nib(w.nib))
    state = _state(w.status)
    if state.value is EnterpriseStatus.UNKNOWN:
        doubts.note_unknown("/status", DoubtCode.STATUS_UNKNOWN, _text(w.status).value)
    else:
        doubts.note("/status", *state.doubts)
    body = Enterprise(
        name=doubts.collect("/name", _text(w.nama_usaha, nothing=NO_NAME)),
        activity=doubts.collect("/activity", _text(w.jenis_usaha)),
        kbli=doubts.collect("/kbli", _kbli(w.kbli)),
        identifiers=numbers,
        year=w.tahun,
        agency=_agency(w.skpd),
        status=state.value,
        location=Location.of(region=_public_region(doubts, w.kelurahan)),
    )
    return Normal(body, doubts.found)


def _public_region(doubts: Doubts, kelurahan: Cell) -> RegionReference | None:
    """Return the kelurahan of a business; the doubt about an unknown one has its name."""
    written = _written(kelurahan)
    return collect_region(doubts, "/location/region", by_name(written), written)


def programme(w: ProgramRow) -> Normal[Programme]:
    """Return the canonical programme. Raises `UnusableRecordError` when it has no name or no year."""
    doubts = _row_doubts(w.ganda, w.skpd)
    name = doubts.collect("/name", _text(w.nama_program))
    year = count(_written(w.tahun)).value
    if name is None or year is None or not 2000 <= year < 2100:
        raise UnusableRecordError("a programme has no name, or no year")
    named = _text(w.nama_skpd).value
    if w.skpd in AGENCIES and (named or "").casefold() != AGENCIES[w.skpd].casefold():
        doubts.note_unknown("/agency", DoubtCode.CODE_UNKNOWN, named)
    description = doubts.collect("/description", _text(w.uraian))
    body = Programme(
        name=Text(id=name),
        year=year,
        agency=_agency(w.skpd, named),
        quota=doubts.collect("/quota", count(_written(w.kuota))),
        enrolled=w.jumlah_peserta,
        grant=doubts.collect("/grant", _money(w.bantuan)),
        closes_on=doubts.collect("/closes_on", whole_day(_long_date(w.batas))),
        description=Text(id=description) if description else None,
    )
    return Normal(body, doubts.found)
