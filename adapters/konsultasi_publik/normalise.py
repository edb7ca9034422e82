"""Wire records of the views to canonical consultations, and commands to the inbox's columns. Pure."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

from pydantic import ValidationError

from adapters.contract import Normal, Refused
from adapters.errors import UnusableRecordError
from adapters.konsultasi_publik import codes
from adapters.konsultasi_publik.wire import Dokumen, Isian, Konsultasi, Masukan
from adapters.legacy.dates import iso_date, local_time, whole_day
from adapters.legacy.envelopes import nested_json
from adapters.legacy.numbers import coordinate, count
from adapters.legacy.reading import Doubts, Reading, absent
from adapters.legacy.receipts import with_code, without_code
from adapters.legacy.regions import by_name, collect_region, position
from adapters.legacy.texts import plain_text
from adapters.upstream import SqlValue
from schemas.codes import Coded
from schemas.consultation import Consultation, ConsultationStage, Contribute, Contribution, received_order
from schemas.document import DOCUMENT_KINDS, Document
from schemas.doubts import DoubtCode
from schemas.event import Event
from schemas.notice import NoticeStatus
from schemas.places import Location
from schemas.references import AgencyReference
from schemas.texts import Text

_KEY: Final = re.compile(r"([a-z_]{1,20})/([0-9]{1,9})(?:~[0-9a-f]{8})?")
"""The key of an event; the suffix tells apart rows of one event, to which the inbox refers by its number only."""
_SHORTEST: Final = 10
_LONGEST_WORD: Final = 40
_NO_WORD: Final = frozenset({"-"})


def consultation(w: Konsultasi) -> Normal[Consultation]:
    """Return the canonical event with its documents and published contributions.

    Raises `UnusableRecordError` for an event without a title.
    """
    doubts = Doubts()
    title = doubts.collect("/title", plain_text(w.judul))
    if title is None:
        raise UnusableRecordError("an event has no title")
    if w.ganda:
        doubts.note(None, DoubtCode.ID_DUPLICATE)
    form = _form(w.isian)
    doubts.note("/description", *form.doubts)
    doubts.note("/agency", *form.doubts)
    fields = form.value or Isian()
    body = Consultation(
        kind=_kind(w.tabel, doubts),
        number=doubts.collect("/number", plain_text(w.nomor)),
        title=title,
        description=doubts.collect("/description", plain_text(fields.uraian)),
        stage=_stage(w.tahap, doubts),
        status=_status(w.status, doubts),
        starts_at=doubts.collect("/starts_at", local_time(w.mulai)),
        ends_at=doubts.collect("/ends_at", local_time(w.selesai)),
        location=_location(w, doubts),
        agency=_agency(fields.penyelenggara, doubts),
        accepts_contributions=_accepts_contributions(w.terima_masukan, doubts),
        documents=_documents(w.dokumen, doubts),
        contributions=_contributions(w.masukan, doubts),
    )
    return Normal(body, doubts.found)


def _form(written: str | None) -> Reading[Isian]:
    """Parse a form stored as JSON; one that the column's length truncated (Q55) is absent."""
    read = nested_json(written)
    if read.value is None:
        return absent(*read.doubts)
    try:
        return Reading(Isian.model_validate(read.value), read.doubts)
    except ValidationError:
        return absent(DoubtCode.TEXT_ENCODING)


def _kind(table: str, doubts: Doubts) -> Coded:
    """Return the kind of event, which its table states; an unknown table keeps its name, under the system's list."""
    known = codes.KINDS.get(table)
    if known is None:
        doubts.note_unknown("/kind", DoubtCode.CODE_UNKNOWN, table)
    return known or Coded(scheme=codes.OWN_KINDS, code=table)


def _stage(written: int | None, doubts: Doubts) -> ConsultationStage:
    if written is None:
        doubts.note("/stage", DoubtCode.FIELD_MISSING)
        return ConsultationStage.UNKNOWN
    stage = codes.STAGES.get(written)
    if stage is None:
        doubts.note_unknown("/stage", DoubtCode.CODE_UNKNOWN, str(written))
    return stage or ConsultationStage.UNKNOWN


def _status(written: str | None, doubts: Doubts) -> NoticeStatus:
    status = codes.STATUSES.get((written or "").strip().upper())
    if status is None:
        _note_word("/status", DoubtCode.STATUS_UNKNOWN, written, doubts)
    return status or NoticeStatus.UNKNOWN


def _file_kind(field: str, written: str | None, doubts: Doubts) -> Coded | None:
    """Return the kind of a document; an unknown word keeps its own code, under the system's list."""
    known = codes.FILE_KINDS.get((written or "").strip().casefold())
    if known is not None:
        return Coded.of(DOCUMENT_KINDS, known)
    _note_word(field, DoubtCode.CODE_UNKNOWN, written, doubts)
    word = plain_text(written, placeholders=_NO_WORD).value
    return Coded(scheme=codes.OWN_FILE_KINDS, code=word[:_LONGEST_WORD]) if word else None


def _note_word(field: str, code: DoubtCode, written: str | None, doubts: Doubts) -> None:
    """Add the doubt about a word that no table contains, or that there is none."""
    word = plain_text(written, placeholders=_NO_WORD)
    doubts.note(field, *word.doubts)
    if word.value is not None:
        doubts.note_unknown(field, code, word.value)
    elif not word.doubts:
        doubts.note(field, DoubtCode.FIELD_MISSING)


def _accepts_contributions(written: int | None, doubts: Doubts) -> bool | None:
    if written is None:
        return None
    accepts = codes.TAKES.get(written)
    if accepts is None:
        doubts.note_unknown("/accepts_contributions", DoubtCode.CODE_UNKNOWN, str(written))
    return accepts


def _location(w: Konsultasi, doubts: Doubts) -> Location | None:
    return Location.of(
        text=doubts.collect("/location/text", plain_text(w.tempat)),
        position=doubts.collect("/location/position", position(coordinate(w.lintang), coordinate(w.bujur))),
        region=collect_region(doubts, "/location/region", by_name(w.kelurahan), w.kelurahan),
    )


def _agency(written: str | None, doubts: Doubts) -> AgencyReference | None:
    """Return the organiser by the name that the form states."""
    name = doubts.collect("/agency", plain_text(written))
    return AgencyReference(name=Text(id=name)) if name is not None else None


def _number(written: int | None, numbers: Mapping[int | None, int]) -> Reading[str]:
    """Return the number of a document or contribution. A missing or repeated number identifies none."""
    if written is None:
        return absent(DoubtCode.FIELD_MISSING)
    return absent(DoubtCode.ID_DUPLICATE) if numbers[written] > 1 else Reading(str(written))


def _documents(files: tuple[Dokumen | None, ...], doubts: Doubts) -> tuple[Document, ...]:
    """Return the documents, equal rows once. One that is unreadable or has no title is left out, with a doubt."""
    rows = tuple(dict.fromkeys(files))
    numbers = Counter(row.urut for row in rows if row is not None)
    found: list[Document] = []
    for file in rows:
        where = f"/documents/{len(found)}"
        title = plain_text(file.nama if file else None)
        if file is None or title.value is None:
            doubts.note("/documents", DoubtCode.FIELD_MISSING)
            continue
        found.append(
            Document(
                id=doubts.collect(f"{where}/id", _number(file.urut, numbers)) or file.content,
                title=doubts.collect(f"{where}/title", title),
                kind=_file_kind(f"{where}/kind", file.jenis, doubts),
                media_type=doubts.collect(f"{where}/media_type", plain_text(file.mime)),
                size=doubts.collect(f"{where}/size", count(file.ukuran)) or None,
                issued_on=doubts.collect(f"{where}/issued_on", whole_day(iso_date(file.terbit))),
            )
        )
    return tuple(found)


def _contributions(rows: tuple[Masukan | None, ...], doubts: Doubts) -> tuple[Contribution, ...]:
    """Return the published contributions, oldest first, equal rows once.

    One that is unreadable or has no text is left out, with a doubt.
    """
    published = [row for row in dict.fromkeys(rows) if row is not None and row.tampil == codes.PUBLISHED]
    doubts.note("/contributions", *(DoubtCode.FIELD_MISSING for row in rows if row is None))
    numbers = Counter(row.id for row in published)
    found: list[Contribution] = []
    for row in sorted(published, key=lambda row: _received(row, numbers)):
        where = f"/contributions/{len(found)}"
        text, topic = _words(row.isian)
        if text.value is None:
            doubts.note("/contributions", *(text.doubts or (DoubtCode.FIELD_MISSING,)))
            continue
        found.append(
            Contribution(
                id=doubts.collect(f"{where}/id", _number(row.id, numbers)) or row.content,
                text=doubts.collect(f"{where}/text", text) or "",
                topic=doubts.collect(f"{where}/topic", topic),
                answer=_answer(f"{where}/answer/text", row.jawaban, doubts),
                at=doubts.collect(f"{where}/at", local_time(row.masuk)),
            )
        )
    return tuple(found)


def _received(row: Masukan, numbers: Mapping[int | None, int]) -> tuple[int, int, int, str]:
    """Return the order of a contribution: that of the canonical schema."""
    return received_order(local_time(row.masuk).value, _number(row.id, numbers).value or row.content)


def _answer(field: str, written: str | None, doubts: Doubts) -> Event | None:
    """Return the official answer. The view states neither its time nor its author."""
    text = doubts.collect(field, plain_text(written))
    return Event(text=text) if text is not None else None


def _words(written: str | None) -> tuple[Reading[str], Reading[str]]:
    """Return text and topic of a contribution, from its form or as plain text in its place; without a receipt code."""
    if written is not None and not written.lstrip().startswith("{"):
        return plain_text(without_code(written)), absent()
    form = _form(written)
    if form.value is None or form.value.isi is None:
        return absent(*form.doubts), absent()
    return plain_text(without_code(form.value.isi)), plain_text(form.value.bidang)


def contribution(command: Contribute, nik: str | None, code: str) -> dict[str, SqlValue] | Refused:
    """Return the inbox's columns; the receipt code is appended to the text."""
    if nik is None:
        return Refused("nik-missing", "Masukan memerlukan NIK.")
    event = _KEY.fullmatch(command.consultation_key)
    if event is None:
        return Refused("consultation-unknown", "Kegiatan tidak ditemukan")
    text = plain_text(command.text, placeholders=frozenset()).value or ""
    if len(text) < _SHORTEST:
        return Refused("text-refused", "Isi masukan wajib diisi")
    return {"tabel": event[1], "id_kegiatan": int(event[2]), "nik": nik, "isi": with_code(text, code)}
