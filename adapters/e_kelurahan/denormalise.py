"""Commands to the fields of e-kelurahan's forms. Pure."""

from typing import Final

from adapters.contract import Refused
from adapters.e_kelurahan import codes
from adapters.legacy.receipts import with_code
from adapters.legacy.texts import plain_text
from schemas.application import SubmitApplication, SupplementApplication, WithdrawApplication
from schemas.places import RegionLevel, regions

_SHORTEST_PURPOSE: Final = 3
# The form accepts 2,000 characters; the rest is reserved for the receipt code.
_LONGEST_PURPOSE: Final = 1_950
_TOO_LONG: Final = "Teks ini terlalu panjang, atau memuat terlalu banyak huruf yang tidak dikenal sistem."


def submission(command: SubmitApplication, nik: str | None, code: str) -> dict[str, str] | Refused:
    """Return the fields of the form; the receipt code is appended to the purpose in brackets."""
    if not nik:
        return Refused("nik-missing", "Permohonan memerlukan NIK.")
    letter = codes.BY_CODE.get(command.kind)
    if letter is None:
        return Refused("service-unknown", "Layanan ini tidak ada di e-Kelurahan.")
    kelurahan = regions().get(command.region)
    if kelurahan is None or kelurahan.parent is None or kelurahan.level is not RegionLevel.KELURAHAN:
        return Refused("region-unknown", "Kelurahan ini tidak ada di Kota Banjarmasin.")
    purpose = plain_text(command.text, placeholders=frozenset()).value or ""
    if len(purpose) < _SHORTEST_PURPOSE:
        return Refused("purpose-refused", "Keperluan wajib diisi.")
    if _too_long(purpose):
        return Refused("purpose-refused", _TOO_LONG)
    return {
        "nik": nik,
        "kode": letter.kode,
        "kelurahan": f"{kelurahan.name}|{kelurahan.parent.name}",
        "keperluan": with_code(purpose, code),
    }


def _too_long(text: str) -> bool:
    """Return whether the text exceeds the form's limit; characters outside windows-1252 are HTML references."""
    return len(text.encode("cp1252", "xmlcharrefreplace")) > _LONGEST_PURPOSE


def supplement(command: SupplementApplication, nik: str | None, code: str) -> dict[str, str] | Refused:
    """Return the fields of the step by which an applicant submits missing information."""
    return _step(codes.SUPPLEMENT, command.note, nik, code)


def withdrawal(command: WithdrawApplication, nik: str | None, code: str) -> dict[str, str] | Refused:
    """Return the fields of the step by which an applicant withdraws."""
    return _step(codes.WITHDRAW, command.reason, nik, code)


def _step(step: str, written: str, nik: str | None, code: str) -> dict[str, str] | Refused:
    if not nik:
        return Refused("nik-missing", "Permohonan memerlukan NIK.")
    note = plain_text(written, placeholders=frozenset()).value or ""
    if len(note) < _SHORTEST_PURPOSE:
        return Refused("note-refused", "Catatan wajib diisi.")
    if _too_long(note):
        return Refused("note-refused", _TOO_LONG)
    return {"nik": nik, "langkah": step, "catatan": with_code(note, code)}
