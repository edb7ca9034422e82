"""Wire records of the system of school admission to canonical cases. Pure."""

from typing import Final

from adapters.contract import Normal
from adapters.legacy.dates import epoch_seconds, iso_date
from adapters.legacy.reading import Doubts
from adapters.legacy.regions import by_name
from adapters.legacy.texts import plain_text
from invented.ppdb.wire import Langkah, Pendaftaran
from invented.shared import code_list, coded, key_of, known_status, person
from schemas.case import Case, CaseStatus
from schemas.code_lists import CodeList
from schemas.codes import Coded
from schemas.event import Event
from schemas.places import Location
from schemas.references import AgencyReference
from schemas.texts import Text

KINDS: Final = code_list(
    "case-kind",
    Text(id="Jenis perkara", en="Kind of case"),
    school_admission=Text(id="Pendaftaran sekolah", en="School admission"),
)
SCHOOLS: Final = CodeList(
    scheme="npsn", name=Text(id="Nomor pokok sekolah nasional", en="National school number"), complete=False
)
CODE_LISTS: Final = (KINDS, SCHOOLS)

_STATUSES: Final = {
    "DAFTAR": CaseStatus.SUBMITTED,
    "BERKAS KURANG": CaseStatus.NEEDS_COMPLETION,
    "TERVERIFIKASI": CaseStatus.VERIFIED,
    "CADANGAN": CaseStatus.UNDER_REVIEW,
    "DITERIMA": CaseStatus.APPROVED,
    "TIDAK DITERIMA": CaseStatus.REJECTED,
    "MENGUNDURKAN DIRI": CaseStatus.WITHDRAWN,
}
_TEXTS: Final = {
    CaseStatus.UNDER_REVIEW: Text(id="Cadangan", en="On the waiting list"),
    CaseStatus.APPROVED: Text(id="Diterima, menunggu daftar ulang", en="Admitted, enrolment is open"),
}


def key(w: Pendaftaran) -> str:
    """Return the number of the registration."""
    return key_of(w.no_daftar)


def registration(w: Pendaftaran) -> Normal[Case]:
    """Return the registration of a child by a parent, who is the applicant."""
    doubts = Doubts()
    status = known_status(doubts, _STATUSES, w.status, CaseStatus.UNKNOWN, public_word=True)
    child = person(doubts, "/subject", w.anak_nama, w.anak_nik)
    level = doubts.collect("/title", plain_text(w.jenjang))
    body = Case(
        kind=coded(KINDS, "school-admission"),
        number=key(w),
        title=f"PPDB {level}" if level else None,
        status=status,
        status_text=_TEXTS.get(status, status.text),
        submitted_at=doubts.collect("/submitted_at", epoch_seconds(w.dibuat)),
        updated_at=doubts.collect("/updated_at", epoch_seconds(w.diubah)),
        agency=AgencyReference(id="dinas-pendidikan"),
        location=Location.of(region=doubts.collect("/location/region", by_name(w.kelurahan))),
        applicant=person(doubts, "/applicant", w.wali_nama, w.wali_nik, w.wali_hp),
        subject=child.model_copy(update={"birth_date": doubts.collect("/subject/birth_date", iso_date(w.anak_lahir))}),
        outcome=_school(w, doubts),
        history=tuple(_event(step, doubts) for step in w.riwayat if step is not None),
    )
    return Normal(body, doubts.found)


def _school(w: Pendaftaran, doubts: Doubts) -> Coded | None:
    """Return the school of an admission; the system has none before it decides."""
    number, name = (doubts.collect("/outcome", plain_text(column)) for column in (w.npsn, w.sekolah))
    return Coded(scheme=SCHOOLS.scheme, code=number, text=Text(id=name) if name else None) if number else None


def _event(step: Langkah, doubts: Doubts) -> Event:
    """Return a step. Its status is null for a word that no table has."""
    status = _STATUSES.get((step.status or "").strip().upper())
    by = doubts.collect("/history", plain_text(step.oleh))
    return Event(
        at=doubts.collect("/history", epoch_seconds(step.waktu)),
        status=status.value if status else None,
        status_text=_TEXTS.get(status, status.text) if status else None,
        by=Text(id=by) if by else None,
        text=doubts.collect("/history", plain_text(step.catatan)),
    )
