"""Wire records of e-kelurahan to canonical applications. Pure."""

from datetime import datetime
from html import unescape
from typing import Final

from adapters.contract import Normal
from adapters.e_kelurahan import codes
from adapters.e_kelurahan.columns import AGENCY_REFERENCE, LONGEST_WORD, note_unknown_status, one_word
from adapters.e_kelurahan.wire import Berkas, Permohonan, Stempel
from adapters.legacy.booleans import flag
from adapters.legacy.dates import iso_date, local_time
from adapters.legacy.nik import nik_from_text
from adapters.legacy.reading import Doubts
from adapters.legacy.receipts import without_code
from adapters.legacy.regions import by_name, collect_region
from adapters.legacy.texts import plain_text
from schemas.application import Application, ApplicationAction
from schemas.case import CaseStatus
from schemas.codes import Coded
from schemas.document import DOCUMENT_KINDS, Document, DocumentKind
from schemas.doubts import DoubtCode
from schemas.event import Event
from schemas.identifiers import Person
from schemas.places import Location
from schemas.references import Reference
from schemas.texts import Text

_NOT_COLLECTED: Final = "0000-00-00"
_LETTER: Final = Coded.of(DOCUMENT_KINDS, DocumentKind.LETTER)


def application(w: Permohonan) -> Normal[Application]:
    """Return an application, from a list (without history and documents) or from its page."""
    doubts = Doubts()
    status = _status(w, doubts)
    # The column is the day of entry; a draft has not been submitted.
    submitted = doubts.collect("/submitted_at", local_time(w.tanggal))
    letter = codes.BY_PLACE.get((w.tabel, one_word(w.jenis)))
    body = Application(
        kind=_kind(w, letter, doubts),
        service=Reference(id=letter.kode, name=letter.name.id) if letter else None,
        status=status,
        status_text=codes.STATUS_TEXTS.get(status, status.text),
        submitted_at=None if status is CaseStatus.DRAFT else submitted,
        agency=AGENCY_REFERENCE,
        text=doubts.collect("/text", plain_text(purpose_without_code(w.keperluan), double_encoded=True)),
        applicant=_applicant(w, doubts),
        location=_location(w, doubts),
        number=doubts.collect("/number", plain_text(w.no_surat)),
        reason=doubts.collect("/reason", plain_text(w.keterangan, double_encoded=True)),
        history=_history(w.riwayat, doubts),
        documents=_documents(w.berkas, status, doubts),
        actions=_actions(w.tindakan, doubts),
    )
    return Normal(body, doubts.found)


def _actions(steps: tuple[str, ...] | None, doubts: Doubts) -> tuple[ApplicationAction, ...] | None:
    """Return what the applicant may do. A step that no table has is left out; None if the steps are not stated."""
    if steps is None:
        return None
    for step in steps:
        if step.strip() and step not in codes.ACTIONS:
            doubts.note_unknown("/actions", DoubtCode.CODE_UNKNOWN, one_word(step))
    return tuple(action for step, action in codes.ACTIONS.items() if step in steps)


def purpose_without_code(written: str | None) -> str | None:
    """Return the purpose as the applicant wrote it: without the receipt code, with entities unescaped once."""
    return None if written is None else unescape(without_code(written))


def _kind(w: Permohonan, letter: codes.Letter | None, doubts: Doubts) -> Coded:
    if letter is not None:
        return Coded(scheme=codes.LETTER_TYPE, code=letter.code, text=letter.name)
    jenis = one_word(w.jenis)
    code = f"{w.tabel}/{jenis}"[:LONGEST_WORD] if jenis else w.tabel
    doubts.note_unknown("/kind", DoubtCode.CODE_UNKNOWN, code)
    return Coded(scheme="e-kelurahan/jenis", code=code)


def _location(w: Permohonan, doubts: Doubts) -> Location | None:
    region = by_name(w.kelurahan, w.kecamatan)
    return Location.of(region=collect_region(doubts, "/location/region", region, w.kelurahan, w.kecamatan))


def _applicant(w: Permohonan, doubts: Doubts) -> Person:
    number = doubts.collect("/applicant/identifiers", nik_from_text(w.nik))
    birth = w.tanggal_lahir.strip().partition(" ")[0] if w.tanggal_lahir is not None else None
    born = doubts.collect("/applicant/birth_date", iso_date(birth))
    if birth is not None:
        # Any edit of the resident's data sets this column to the time of the edit. The doubt is about the column, so an
        # absent date has it too.
        doubts.note("/applicant/birth_date", DoubtCode.DATE_UNTRUSTED)
    return Person(
        name=doubts.collect("/applicant/name", plain_text(w.nama, double_encoded=True)),
        identifiers=(number,) if number else (),
        birth_date=born,
    )


def _status(w: Permohonan, doubts: Doubts) -> CaseStatus:
    written = (w.status or "").strip()
    if written in codes.BY_STATUS:
        return codes.BY_STATUS[written]
    if written == "0":
        return _in_hand(w, doubts)
    if written == "1":
        return _signed(w, doubts)
    note_unknown_status(one_word(w.status), doubts)
    return CaseStatus.UNKNOWN


def _in_hand(w: Permohonan, doubts: Doubts) -> CaseStatus:
    """Return the status of an application that is not signed; unknown if nothing shows whether it was submitted."""
    sent = flag(w.dikirim, yes="Y", no="T").value
    if sent is False:
        return CaseStatus.DRAFT
    if _is_set("paraf", w.paraf, doubts, yes="Y", no="T"):
        reached = CaseStatus.AWAITING_SIGNATURE
    elif _is_set("verifikasi", w.verifikasi, doubts, yes="1", no="0"):
        reached = CaseStatus.UNDER_REVIEW
    else:
        reached = CaseStatus.SUBMITTED if sent else CaseStatus.UNKNOWN
    word = one_word(w.dikirim)
    if reached is CaseStatus.UNKNOWN:
        note_unknown_status(f"dikirim={word}" if word else "", doubts)
    elif sent is None and word:
        doubts.note_unknown("/status", DoubtCode.CODE_UNKNOWN, f"dikirim={word}")
    return reached


def _signed(w: Permohonan, doubts: Doubts) -> CaseStatus:
    collected = (w.tanggal_ambil or "").strip().partition(" ")[0]
    if collected not in {"", _NOT_COLLECTED} and doubts.collect("/status", iso_date(collected)) is not None:
        return CaseStatus.COLLECTED
    ready = _is_set("siap_ambil", w.siap_ambil, doubts, yes="Y", no="T")
    return CaseStatus.READY if ready else CaseStatus.APPROVED


def _is_set(column: str, written: str | None, doubts: Doubts, *, yes: str, no: str) -> bool:
    """Return whether a column says yes. Its unknown word becomes a doubt about the status, with the column's name."""
    found = flag(written, yes=yes, no=no)
    if found.doubts:
        doubts.note_unknown("/status", DoubtCode.CODE_UNKNOWN, f"{column}={one_word(written)}")
    return found.value is True


def _history(stamps: tuple[Stempel, ...], doubts: Doubts) -> tuple[Event, ...]:
    found: list[Event] = []
    for stamp in stamps:
        event = _event(stamp, f"/history/{len(found)}", doubts)
        if event is not None:
            found.append(event)
    return tuple(found)


def _event(stamp: Stempel, place: str, doubts: Doubts) -> Event | None:
    """Return the event of a stamp; None if the stamp is empty.

    An unknown step is an event without a status, because not every step changes the status. Its word is kept.
    """
    word, role = plain_text(stamp.langkah).value, plain_text(stamp.oleh).value
    at, text = local_time(stamp.pada), plain_text(purpose_without_code(stamp.catatan), double_encoded=True)
    if not (word or role or at.value or text.value):
        doubts.note("/history", DoubtCode.FIELD_MISSING)
        return None
    step = codes.STEPS.get((word or "").lower())
    if step is None:
        code = DoubtCode.STATUS_UNKNOWN if word else DoubtCode.FIELD_MISSING
        doubts.note_unknown(f"{place}/status", code, word)
    return Event(
        status=step.status.value if step else None,
        status_text=step.text if step else _as_written(word),
        by=_role(role, f"{place}/by", doubts),
        at=doubts.collect(f"{place}/at", at),
        text=doubts.collect(f"{place}/text", text),
    )


def _role(word: str | None, place: str, doubts: Doubts) -> Text | None:
    known = codes.ROLES.get((word or "").lower())
    if known is None:
        # The word is not repeated in the doubt, because it may be a person's name.
        doubts.note(place, DoubtCode.CODE_UNKNOWN if word else DoubtCode.FIELD_MISSING)
    return known or _as_written(word)


def _as_written(word: str | None) -> Text | None:
    return Text(id=word) if word else None


def _file_kind(written: str, field: str, doubts: Doubts) -> Coded | None:
    """Return the kind of a file; an unknown word keeps its own code, under the system's list."""
    word = (plain_text(written).value or "")[:LONGEST_WORD]
    known = codes.FILE_KINDS.get(word.lower())
    if known is not None:
        return Coded.of(DOCUMENT_KINDS, known)
    doubts.note_unknown(field, DoubtCode.CODE_UNKNOWN if word else DoubtCode.FIELD_MISSING, word)
    return Coded(scheme=codes.OWN_FILE_KINDS, code=word) if word else None


def _documents(files: tuple[Berkas, ...], status: CaseStatus, doubts: Doubts) -> tuple[Document, ...]:
    """Convert every file, however odd."""
    found: list[Document] = []
    ids: set[str] = set()
    for place, file in enumerate(files):
        kind = _file_kind(file.jenis, f"/documents/{place}/kind", doubts)
        number = file.document_id
        if number in ids:
            doubts.note(f"/documents/{place}/id", DoubtCode.ID_DUPLICATE)
        ids.add(number)
        found.append(
            Document(
                id=number,
                kind=kind,
                number=doubts.collect(f"/documents/{place}/number", plain_text(file.nomor)),
                media_type="application/pdf",
                issued_on=doubts.collect(
                    f"/documents/{place}/issued_on", local_time(file.tanggal or None).map(datetime.date)
                ),
                revoked=kind == _LETTER and status is CaseStatus.REVOKED,
            )
        )
    return tuple(found)
