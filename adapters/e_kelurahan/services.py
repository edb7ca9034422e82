"""Wire records of the catalogue of e-kelurahan to canonical services. Pure."""

import re
from typing import Final

from adapters.contract import Normal
from adapters.e_kelurahan import codes
from adapters.e_kelurahan.columns import AGENCY_REFERENCE, LONGEST_WORD, note_unknown_status, one_word
from adapters.e_kelurahan.wire import Layanan
from adapters.errors import UnusableRecordError
from adapters.legacy.booleans import flag
from adapters.legacy.numbers import indonesian_number, rupiah
from adapters.legacy.reading import Doubts
from adapters.legacy.texts import plain_text
from schemas.codes import Coded
from schemas.doubts import DoubtCode
from schemas.service import Requirement, Service, ServiceStatus
from schemas.texts import Text

_BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)
_OPTIONAL: Final = "(bila ada)"
_WORKING_DAYS: Final = re.compile(r"\b(\d{1,3}) hari kerja\b", re.IGNORECASE)


def service(w: Layanan) -> Normal[Service]:
    """Return a letter of the catalogue. Raises `UnusableRecordError` when it has no name or no code."""
    doubts = Doubts()
    name = doubts.collect("/name", plain_text(w.nama, html=True))
    if name is None or not one_word(w.kode):
        raise UnusableRecordError("a letter without a name or a code")
    letter = codes.BY_KODE.get(w.kode.strip())
    archive = doubts.collect("/archive_class", plain_text(w.klasifikasi))
    fee = doubts.collect("/fee", rupiah(indonesian_number(w.biaya)))
    status = _service_status(w.aktif, doubts)
    body = Service(
        kind=_service_kind(w.kode, letter, doubts),
        name=Text(id=name, en=letter.name.en if letter else None),
        agency=AGENCY_REFERENCE,
        legal_basis=tuple(law for part in _parts(w.dasar_hukum) if (law := _text(part, "/legal_basis", doubts))),
        archive_class=Coded(scheme=codes.ARCHIVE_CLASS, code=archive) if archive else None,
        requirements=_requirements(w.persyaratan, doubts),
        working_days=_working_days(w.jangka_waktu, doubts),
        fee=fee,
        output=_text(w.produk, "/output", doubts),
        complaints=_text(w.pengaduan, "/complaints", doubts),
        status=status,
    )
    return Normal(body, doubts.found)


def _service_kind(written: str, letter: codes.Letter | None, doubts: Doubts) -> Coded:
    """Return the kind of a letter; an unknown code keeps its place in the system's own list."""
    if letter is not None:
        return Coded(scheme=codes.LETTER_TYPE, code=letter.code, text=letter.name)
    word = one_word(written)[:LONGEST_WORD]
    doubts.note_unknown("/kind", DoubtCode.CODE_UNKNOWN, word)
    return Coded(scheme=codes.OWN_LETTERS, code=word)


def _service_status(written: str | None, doubts: Doubts) -> ServiceStatus:
    offered = flag(written, yes="Y", no="T").value
    if offered is not None:
        return ServiceStatus.ACTIVE if offered else ServiceStatus.WITHDRAWN
    note_unknown_status(one_word(written), doubts)
    return ServiceStatus.UNKNOWN


def _parts(listed: str | None) -> list[str]:
    return _BREAK.split(listed or "")


def _requirements(listed: str | None, doubts: Doubts) -> tuple[Requirement, ...]:
    found = []
    for part in _parts(listed):
        written = part.rstrip()
        optional = written.lower().endswith(_OPTIONAL)
        name = _text(written[: -len(_OPTIONAL)] if optional else written, "/requirements", doubts)
        if name is not None:
            evidence = codes.EVIDENCE.get(name.id)
            found.append(Requirement(name=name, required=not optional, evidence=evidence))
    return tuple(found)


def _working_days(written: str | None, doubts: Doubts) -> int | None:
    if not written:
        return None
    found = _WORKING_DAYS.search(written)
    if found is None:
        doubts.note_unknown("/working_days", DoubtCode.NUMBER_FORM, one_word(written))
        return None
    return int(found[1])


def _text(written: str | None, field: str, doubts: Doubts) -> Text | None:
    found = doubts.collect(field, plain_text(written, html=True))
    return Text(id=found, en=codes.ENGLISH.get(found)) if found else None
