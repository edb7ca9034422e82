"""Wire rows to canonical records: programmes, enterprises and enrolments. Pure."""

from adapters.contract import Normal
from adapters.errors import UnusableRecordError
from adapters.legacy.dates import whole_day
from adapters.legacy.numbers import count
from adapters.legacy.reading import Doubts, Reading
from adapters.legacy.regions import by_name, collect_region
from adapters.wirausaha_baru import columns
from adapters.wirausaha_baru.codes import AGENCIES
from adapters.wirausaha_baru.wire import NO_NAME, Cell, PesertaRow, ProgramRow, UsahaRow, programme_key
from schemas.dates import Period
from schemas.doubts import DoubtCode
from schemas.enterprise import Enterprise, EnterpriseStatus
from schemas.entitlement import EntitlementStatus
from schemas.identifiers import Identifier, Person
from schemas.places import Location, RegionReference
from schemas.programme import Enrolment, ParticipantEnterprise, Programme
from schemas.references import AgencyReference, Reference
from schemas.texts import Text


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
    numbers = _identifiers(doubts, "/holder/identifiers", columns.nik(w))
    name = doubts.collect("/holder/name", columns.text(w.nama))
    if not numbers and name is None:
        raise UnusableRecordError("a row has neither a NIK nor a name")
    enrolled_on = doubts.collect("/validity/start", columns.day(w.tanggal_daftar))
    body = Enrolment(
        title=w.program,
        programme=_programme(w),
        year=w.tahun,
        agency=_agency(w.skpd),
        status=EntitlementStatus.ACTIVE,
        validity=Period(start=enrolled_on) if enrolled_on else None,
        group=doubts.collect("/group", columns.text(w.kelompok)),
        holder=Person(
            name=name,
            identifiers=numbers,
            phone=doubts.collect("/holder/phone", columns.telephone(w.no_hp)),
        ),
        enterprise=_participant_enterprise(doubts, w),
        grant=doubts.collect("/grant", columns.money(w.bantuan)),
        location=Location.of(region=doubts.collect("/location/region", by_name(columns.written(w.kelurahan)))),
    )
    return Normal(body, doubts.found)


def _participant_enterprise(doubts: Doubts, w: PesertaRow) -> ParticipantEnterprise | None:
    """Return the participant's enterprise; None if the row states nothing about it.

    These fields are personal data, so the doubt about an unknown state does not contain the word.
    """
    found = ParticipantEnterprise(
        name=doubts.collect("/enterprise/name", columns.text(w.nama_usaha, nothing=NO_NAME)),
        activity=doubts.collect("/enterprise/activity", columns.text(w.jenis_usaha)),
        status=doubts.collect("/enterprise/status", columns.enterprise_state(w.status)),
        seen_on=doubts.collect("/enterprise/seen_on", columns.long_date(w.per_tanggal)),
    )
    return None if found == ParticipantEnterprise() else found


def enterprise(w: UsahaRow) -> Normal[Enterprise]:
    """Return the public part of a business, without its owner."""
    doubts = _row_doubts(w.ganda, w.skpd)
    numbers = _identifiers(doubts, "/identifiers", columns.licence_number(w.nib))
    state = columns.enterprise_state(w.status)
    if state.value is EnterpriseStatus.UNKNOWN:
        doubts.note_unknown("/status", DoubtCode.STATUS_UNKNOWN, columns.text(w.status).value)
    else:
        doubts.note("/status", *state.doubts)
    body = Enterprise(
        name=doubts.collect("/name", columns.text(w.nama_usaha, nothing=NO_NAME)),
        activity=doubts.collect("/activity", columns.text(w.jenis_usaha)),
        kbli=doubts.collect("/kbli", columns.kbli(w.kbli)),
        identifiers=numbers,
        year=w.tahun,
        agency=_agency(w.skpd),
        status=state.value,
        location=Location.of(region=_public_region(doubts, w.kelurahan)),
    )
    return Normal(body, doubts.found)


def _public_region(doubts: Doubts, kelurahan: Cell) -> RegionReference | None:
    """Return the kelurahan of a business; the doubt about an unknown one has its name."""
    written = columns.written(kelurahan)
    return collect_region(doubts, "/location/region", by_name(written), written)


def programme(w: ProgramRow) -> Normal[Programme]:
    """Return the canonical programme. Raises `UnusableRecordError` when it has no name or no year."""
    doubts = _row_doubts(w.ganda, w.skpd)
    name = doubts.collect("/name", columns.text(w.nama_program))
    year = count(columns.written(w.tahun)).value
    if name is None or year is None or not 2000 <= year < 2100:
        raise UnusableRecordError("a programme has no name, or no year")
    named = columns.text(w.nama_skpd).value
    if w.skpd in AGENCIES and (named or "").casefold() != AGENCIES[w.skpd].casefold():
        doubts.note_unknown("/agency", DoubtCode.CODE_UNKNOWN, named)
    description = doubts.collect("/description", columns.text(w.uraian))
    body = Programme(
        name=Text(id=name),
        year=year,
        agency=_agency(w.skpd, named),
        quota=doubts.collect("/quota", count(columns.written(w.kuota))),
        enrolled=w.jumlah_peserta,
        grant=doubts.collect("/grant", columns.money(w.bantuan)),
        closes_on=doubts.collect("/closes_on", whole_day(columns.long_date(w.batas))),
        description=Text(id=description) if description else None,
    )
    return Normal(body, doubts.found)
