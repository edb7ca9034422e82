"""Wire records of e-kelurahan to canonical bodies. Pure."""

import re
from datetime import timedelta
from html import unescape
from typing import Final

from adapters.contract import Normal
from adapters.e_kelurahan import codes
from adapters.e_kelurahan.wire import Berkas, Layanan, Permohonan, Stempel
from adapters.errors import UnusableRecordError
from adapters.legacy.booleans import flag
from adapters.legacy.dates import iso_date, local_time
from adapters.legacy.nik import nik_from_text
from adapters.legacy.numbers import indonesian_number, rupiah
from adapters.legacy.reading import Doubts
from adapters.legacy.receipts import without_code
from adapters.legacy.regions import by_name
from adapters.legacy.texts import plain_text
from schemas.application import (
    Applicant,
    Application,
    ApplicationStatus,
    StatusChange,
)
from schemas.document import Document, DocumentStatus
from schemas.quality import QualityCode
from schemas.service import Requirement, Service, ServiceStatus
from schemas.texts import Coded, Text

AGENCY: Final = "tata-pemerintahan"
_NOT_COLLECTED: Final = "0000-00-00"
_BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)
_OPTIONAL: Final = "(bila ada)"
_WORKING_DAYS: Final = re.compile(r"\b(\d{1,3}) hari kerja\b", re.IGNORECASE)
_LONGEST_WORD: Final = 40


def _text(written: str | None, field: str, doubts: Doubts) -> Text | None:
    found = doubts.collect(field, plain_text(written, html=True))
    return Text(id=found, en=codes.ENGLISH.get(found)) if found else None


def service(w: Layanan) -> Normal[Service]:
    """Return a letter of the catalogue. Raises `UnusableRecordError` when it has no name."""
    doubts = Doubts()
    known = codes.BY_KODE.get(w.kode.strip())
    name = doubts.collect("/name", plain_text(w.nama, html=True))
    if name is None:
        raise UnusableRecordError("a letter without a name")
    if known is None:
        doubts.note("/code", QualityCode.CODE_UNKNOWN)
    archive = doubts.collect("/archive_class", plain_text(w.klasifikasi))
    fee = doubts.collect("/fee", rupiah(indonesian_number(w.biaya)))
    offered = doubts.collect("/status", flag(w.aktif, yes="Y", no="T"))
    body = Service(
        code=known.code if known else re.sub(r"[^a-z0-9]+", "-", w.kode.lower()).strip("-") or "unknown",
        name=Text(id=name, en=known.name.en if known else None),
        agency=AGENCY,
        archive_class=Coded(system="klasifikasi-arsip", code=archive) if archive else None,
        requirements=_requirements(w.persyaratan, doubts),
        processing_time=_working_days(w.jangka_waktu, doubts),
        fee=fee,
        output=_text(w.produk, "/output", doubts),
        complaints=_text(w.pengaduan, "/complaints", doubts),
        status=ServiceStatus.WITHDRAWN if offered is False else ServiceStatus.ACTIVE,
    )
    return Normal(body, doubts.found)


def _requirements(listed: str | None, doubts: Doubts) -> tuple[Requirement, ...]:
    found = []
    for part in _BREAK.split(listed or ""):
        written = part.rstrip()
        optional = written.lower().endswith(_OPTIONAL)
        name = _text(written[: -len(_OPTIONAL)] if optional else written, "/requirements", doubts)
        if name is not None:
            evidence = codes.EVIDENCE.get(name.id)
            found.append(Requirement(name=name, required=not optional, evidence=evidence))
    return tuple(found)


def _working_days(written: str | None, doubts: Doubts) -> timedelta | None:
    if not written:
        return None
    found = _WORKING_DAYS.search(written)
    if found is None:
        doubts.note("/processing_time", QualityCode.NUMBER_AMBIGUOUS)
        return None
    return timedelta(days=int(found[1]))


def application(w: Permohonan) -> Normal[Application]:
    """Return an application, from a list (without history and documents) or from its page."""
    doubts = Doubts()
    status = _status(w, doubts)
    unknown = _unknown_status(w)
    # The column is the day of entry; a draft has not been submitted.
    submitted = doubts.collect("/submitted_at", local_time(w.tanggal))
    body = Application(
        service=_service(w, doubts),
        status=status,
        status_text=codes.STATUS_TEXTS[status] if unknown is None else codes.UNKNOWN,
        original_status=unknown or None,
        submitted_at=None if status is ApplicationStatus.DRAFT else submitted,
        purpose=doubts.collect("/purpose", plain_text(purpose_without_code(w.keperluan), double_encoded=True)),
        applicant=_applicant(w, doubts),
        region=doubts.collect("/region", by_name(w.kelurahan, w.kecamatan)),
        number=doubts.collect("/number", plain_text(w.no_surat)),
        reason=doubts.collect("/reason", plain_text(w.keterangan, double_encoded=True)),
        history=_history(w.riwayat, doubts),
        documents=_documents(w.berkas, status, doubts),
    )
    return Normal(body, doubts.found)


def purpose_without_code(written: str | None) -> str | None:
    """Return the purpose as the applicant wrote it: without the receipt code, with entities unescaped once."""
    return None if written is None else unescape(without_code(written))


def _service(w: Permohonan, doubts: Doubts) -> Coded:
    jenis = (w.jenis or "").strip()
    letter = codes.BY_PLACE.get((w.tabel, jenis))
    if letter is not None:
        return Coded(system=codes.LETTER_TYPE, code=letter.code, display=letter.name)
    doubts.note("/service", QualityCode.CODE_UNKNOWN)
    code = f"{w.tabel}/{jenis}"[:_LONGEST_WORD] if jenis else w.tabel
    return Coded(system="e-kelurahan/jenis", code=code)


def _applicant(w: Permohonan, doubts: Doubts) -> Applicant:
    number = doubts.collect("/applicant/identifiers", nik_from_text(w.nik))
    birth = w.tanggal_lahir.strip().partition(" ")[0] if w.tanggal_lahir is not None else None
    born = doubts.collect("/applicant/birth_date", iso_date(birth))
    if birth is not None:
        # Any edit of the resident's data sets this column to the time of the edit.
        doubts.note("/applicant/birth_date", QualityCode.DATE_UNTRUSTED)
    return Applicant(
        name=doubts.collect("/applicant/name", plain_text(w.nama, double_encoded=True)),
        identifiers=(number,) if number else (),
        birth_date=born.value if born else None,
    )


def _status(w: Permohonan, doubts: Doubts) -> ApplicationStatus:
    written = (w.status or "").strip()
    if written in codes.BY_STATUS:
        return codes.BY_STATUS[written]
    if written == "0":
        return _in_hand(w, doubts)
    if written == "1":
        return _signed(w, doubts)
    doubts.note("/status", QualityCode.STATUS_UNKNOWN if written else QualityCode.FIELD_MISSING)
    # Of an application with an unknown status, only its existence is certain.
    return ApplicationStatus.SUBMITTED


def _unknown_status(w: Permohonan) -> str | None:
    """Return the system's own word for an unknown status; empty when there is none, None for a known status."""
    written = (w.status or "").strip()
    if written in codes.BY_STATUS or written in {"0", "1"}:
        return None
    return plain_text(written[:_LONGEST_WORD], placeholders=frozenset()).value or ""


def _in_hand(w: Permohonan, doubts: Doubts) -> ApplicationStatus:
    if doubts.collect("/status", flag(w.dikirim, yes="Y", no="T")) is False:
        return ApplicationStatus.DRAFT
    if doubts.collect("/status", flag(w.paraf, yes="Y", no="T")):
        return ApplicationStatus.AWAITING_SIGNATURE
    checked = doubts.collect("/status", flag(w.verifikasi, yes="1", no="0"))
    return ApplicationStatus.UNDER_REVIEW if checked else ApplicationStatus.SUBMITTED


def _signed(w: Permohonan, doubts: Doubts) -> ApplicationStatus:
    collected = (w.tanggal_ambil or "").strip().partition(" ")[0]
    if collected not in {"", _NOT_COLLECTED} and doubts.collect("/status", iso_date(collected)) is not None:
        return ApplicationStatus.COLLECTED
    ready = doubts.collect("/status", flag(w.siap_ambil, yes="Y", no="T"))
    return ApplicationStatus.READY if ready else ApplicationStatus.APPROVED


def _history(stamps: tuple[Stempel, ...], doubts: Doubts) -> tuple[StatusChange, ...]:
    found: list[StatusChange] = []
    for stamp in stamps:
        reached = codes.STEPS.get(stamp.langkah.strip().lower())
        if reached is None:
            doubts.note("/history", QualityCode.STATUS_UNKNOWN)
            continue
        place = f"/history/{len(found)}"
        role = codes.ROLES.get(stamp.oleh.strip().lower())
        if role is None:
            doubts.note(f"{place}/role", QualityCode.CODE_UNKNOWN)
        at = doubts.collect(f"{place}/at", local_time(stamp.pada))
        note = doubts.collect(f"{place}/note", plain_text(purpose_without_code(stamp.catatan), double_encoded=True))
        found.append(StatusChange(status=reached, at=at, role=role, note=note))
    return tuple(found)


def _documents(files: tuple[Berkas, ...], status: ApplicationStatus, doubts: Doubts) -> tuple[Document, ...]:
    """Convert every file, however odd, because documents are fetched by their position in this list."""
    found = []
    for place, file in enumerate(files):
        kind = codes.DOCUMENT_KINDS.get(file.jenis.strip().lower())
        if kind is None:
            doubts.note(f"/documents/{place}/kind", QualityCode.CODE_UNKNOWN)
        revoked = kind == "letter" and status is ApplicationStatus.REVOKED
        found.append(
            Document(
                kind=kind or "other",
                number=doubts.collect(f"/documents/{place}/number", plain_text(file.nomor)),
                media_type="application/pdf",
                issued_at=doubts.collect(f"/documents/{place}/issued_at", local_time(file.tanggal or None)),
                status=DocumentStatus.REVOKED if revoked else DocumentStatus.ISSUED,
            )
        )
    return tuple(found)
