"""Wire records of the views to canonical consultations, and commands to the inbox's columns. Pure."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeVar

from pydantic import ValidationError

from adapters.contract import Normal, Refused
from adapters.errors import UnusableRecordError
from adapters.konsultasi_publik.wire import Dokumen, Isian, Konsultasi, Masukan
from adapters.legacy.dates import iso_date, local_time, whole_day
from adapters.legacy.envelopes import nested_json
from adapters.legacy.numbers import coordinate, count
from adapters.legacy.reading import Doubts, Reading, absent
from adapters.legacy.receipts import with_code, without_code
from adapters.legacy.regions import by_name, position
from adapters.legacy.texts import plain_text
from adapters.upstream import SqlValue
from schemas.consultation import (
    Consultation,
    ConsultationDocument,
    ConsultationStage,
    ConsultationStatus,
    Contribute,
    Contribution,
)
from schemas.quality import QualityCode

STAGES: Final[Mapping[int, ConsultationStage]] = MappingProxyType(
    {
        0: ConsultationStage.INITIAL_DRAFT,
        1: ConsultationStage.KELURAHAN,
        2: ConsultationStage.DISTRICT,
        3: ConsultationStage.AGENCY_FORUM,
        4: ConsultationStage.CITY,
        5: ConsultationStage.OTHER,
    }
)
STATUSES: Final[Mapping[str, ConsultationStatus]] = MappingProxyType(
    {"R": ConsultationStatus.TENTATIVE, "P": ConsultationStatus.CONFIRMED, "B": ConsultationStatus.CANCELLED}
)
TAKES: Final[Mapping[int, bool]] = MappingProxyType({0: False, 1: True, 2: False})
"""0 closed, 1 open to everyone, 2 open to delegates only."""

KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {"rancangan": "draft", "undangan": "invitation", "berita-acara": "minutes"}
)
PUBLISHED: Final = 1

_CODE: Final = re.compile(r"([a-z_]{1,20})/([0-9]{1,9})")
_SHORTEST: Final = 10

T = TypeVar("T")


def consultation(w: Konsultasi) -> Normal[Consultation]:
    """Return the canonical event with its documents and published contributions.

    Raises `UnusableRecordError` for an event without a title.
    """
    doubts = Doubts()
    title = doubts.collect("/title", plain_text(w.judul))
    if title is None:
        raise UnusableRecordError("an event has no title")
    if w.ganda:
        doubts.note(None, QualityCode.ID_DUPLICATE)
    form = _form(w.isian)
    doubts.note("/description", *form.doubts)
    doubts.note("/organiser", *form.doubts)
    fields = form.value or Isian()
    body = Consultation(
        code=w.code,
        number=doubts.collect("/number", plain_text(w.nomor)),
        title=title,
        description=doubts.collect("/description", plain_text(fields.uraian)),
        stage=doubts.collect("/stage", _coded(STAGES, w.tahap)) or ConsultationStage.OTHER,
        status=doubts.collect("/status", _status(w.status)) or ConsultationStatus.TENTATIVE,
        starts_at=doubts.collect("/starts_at", local_time(w.mulai)),
        ends_at=doubts.collect("/ends_at", local_time(w.selesai)),
        venue=doubts.collect("/venue", plain_text(w.tempat)),
        position=doubts.collect("/position", position(coordinate(w.lintang), coordinate(w.bujur))),
        region=doubts.collect("/region", by_name(w.kelurahan)),
        organiser=doubts.collect("/organiser", plain_text(fields.penyelenggara)),
        open=doubts.collect("/open", _coded(TAKES, w.terima_masukan)),
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
        return absent(QualityCode.TEXT_ENCODING)


def _coded(table: Mapping[int, T], written: int | None) -> Reading[T]:
    if written is None:
        return absent()
    found = table.get(written)
    return absent(QualityCode.CODE_UNKNOWN) if found is None else Reading(found)


def _status(written: str | None) -> Reading[ConsultationStatus]:
    found = STATUSES.get((written or "").strip().upper())
    return absent(QualityCode.STATUS_UNKNOWN) if found is None else Reading(found)


def _documents(files: tuple[Dokumen | None, ...], doubts: Doubts) -> tuple[ConsultationDocument, ...]:
    """Return the documents. One that is unreadable or has no title is left out, with a doubt."""
    found: list[ConsultationDocument] = []
    for file in files:
        where = f"/documents/{len(found)}"
        title = plain_text(file.nama if file else None)
        if file is None or title.value is None:
            doubts.note("/documents", QualityCode.FIELD_MISSING)
            continue
        kind = KINDS.get((file.jenis or "").strip().casefold())
        if kind is None:
            doubts.note(f"{where}/kind", QualityCode.CODE_UNKNOWN)
        found.append(
            ConsultationDocument(
                title=doubts.collect(f"{where}/title", title) or "",
                kind=kind or "document",
                media_type=doubts.collect(f"{where}/media_type", plain_text(file.mime)),
                size=doubts.collect(f"{where}/size", count(file.ukuran)) or None,
                issued_on=doubts.collect(f"{where}/issued_on", whole_day(iso_date(file.terbit))),
            )
        )
    return tuple(found)


def _contributions(rows: tuple[Masukan | None, ...], doubts: Doubts) -> tuple[Contribution, ...]:
    """Return the published contributions. One that is unreadable or has no text is left out, with a doubt."""
    found: list[Contribution] = []
    for row in rows:
        if row is None:
            doubts.note("/contributions", QualityCode.FIELD_MISSING)
            continue
        if row.tampil != PUBLISHED:
            continue
        where = f"/contributions/{len(found)}"
        text = _words(row.isian)
        if text.value is None:
            doubts.note("/contributions", *(text.doubts or (QualityCode.FIELD_MISSING,)))
            continue
        found.append(
            Contribution(
                text=doubts.collect(f"{where}/text", text) or "",
                answer=doubts.collect(f"{where}/answer", plain_text(row.jawaban)),
                at=doubts.collect(f"{where}/at", local_time(row.masuk)),
            )
        )
    return tuple(found)


def _words(written: str | None) -> Reading[str]:
    """Return the contributed text, from its form or as plain text in its place; without a receipt code."""
    if written is not None and not written.lstrip().startswith("{"):
        return plain_text(without_code(written))
    form = _form(written)
    if form.value is None or form.value.isi is None:
        return absent(*form.doubts)
    return plain_text(without_code(form.value.isi))


def contribution(command: Contribute, nik: str | None, code: str) -> dict[str, SqlValue] | Refused:
    """Return the inbox's columns; the receipt code is appended to the text."""
    if nik is None:
        return Refused("nik-missing", "Masukan memerlukan NIK.")
    event = _CODE.fullmatch(command.consultation)
    if event is None:
        return Refused("consultation-unknown", "Kegiatan tidak ditemukan")
    text = plain_text(command.text, placeholders=frozenset()).value or ""
    if len(text) < _SHORTEST:
        return Refused("text-refused", "Isi masukan wajib diisi")
    return {"tabel": event[1], "id_kegiatan": int(event[2]), "nik": nik, "isi": with_code(text, code)}
