"""Enrolment commands to registration files. Pure."""

import csv
import re
from collections.abc import Mapping
from io import StringIO
from typing import Any, Final

from adapters.contract import Refused, Subject
from adapters.legacy.texts import plain_text
from adapters.wirausaha_baru.codes import AGENCIES
from adapters.wirausaha_baru.settings import Charset
from schemas.places import RegionLevel, regions
from schemas.programme import Enrol

COLUMNS: Final = ("KODE", "NAMA", "NIK", "NO. HP", "KELURAHAN", "NAMA USAHA", "JENIS USAHA")
_TOTAL: Final = ("JUMLAH", "1")
_NOTHING: Final = "-"
_INTERNATIONAL: Final = re.compile(r"\+62(?=[0-9])")
_FORMULA: Final = ("=", "+", "-", "@")


def registration(command: Enrol, subject: Subject | None, code: str) -> Mapping[str, Any] | Refused:
    """Return the cells of the row; `skpd` and `tahun` are part of the file name."""
    if subject is None or not subject.nik:
        return Refused("nik-missing", "Pendaftaran memerlukan NIK.")
    if command.agency not in AGENCIES:
        return Refused("agency-unknown", "SKPD ini tidak membina wirausaha baru.")
    kelurahan = regions().get(command.region)
    if kelurahan is None or kelurahan.level is not RegionLevel.KELURAHAN:
        return Refused("region-unknown", "Kelurahan ini tidak ada di Kota Banjarmasin.")
    name, activity = plain_text(command.name).value, plain_text(command.activity).value
    if name is None or activity is None:
        return Refused("text-refused", "Nama dan jenis usaha wajib diisi.")
    return {
        "skpd": command.agency,
        "tahun": command.year,
        "KODE": code,
        "NAMA": _cell(name),
        # The apostrophe makes it a text: a spreadsheet would round the number.
        "NIK": f"'{subject.nik}",
        "NO. HP": _INTERNATIONAL.sub("0", command.phone) if command.phone else _NOTHING,
        "KELURAHAN": kelurahan.name,
        "NAMA USAHA": _cell(plain_text(command.business_name).value or _NOTHING),
        "JENIS USAHA": _cell(activity),
    }


def file_name(cells: Mapping[str, Any]) -> str:
    """Return the name of the file. It contains the receipt code and no personal data."""
    return f"pendaftaran_{cells['skpd']}_{cells['tahun']}_{cells['KODE']}.csv"


def file(cells: Mapping[str, Any], charset: Charset) -> bytes | Refused:
    """Return the content of the file: header, row, and the number of rows."""
    text = StringIO(newline="")
    rows = (COLUMNS, [cells[column] for column in COLUMNS], _TOTAL)
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(rows)
    try:
        return text.getvalue().encode("utf-8-sig" if charset is Charset.UTF_8 else charset.value)
    except UnicodeEncodeError:
        return Refused("text-refused", "Ada huruf yang tidak dapat ditulis oleh SKPD ini.")


def _cell(text: str) -> str:
    """Return a text that no spreadsheet interprets as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) and text != _NOTHING else text
