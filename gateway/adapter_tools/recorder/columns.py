"""Classifies columns by name. A column with an unknown name lets no text through."""

import re
from enum import StrEnum
from functools import cache
from typing import Final


class ColumnKind(StrEnum):
    """The kind of a column's content, as far as its name shows."""

    UNKNOWN = "unknown"
    PERSON = "person"  # a name, or something that contains one: no word of it is impersonal
    BIRTH = "birth"
    ADDRESS = "address"  # every digit is replaced
    POSITION = "position"
    MOMENT = "moment"  # days and times, except of a birth
    REGION = "region"
    PLAIN = "plain"  # the recording developer has stated that it contains no personal data


_BIRTH: Final = re.compile(r"lahir|lhr|birth|dob|ttl")
_PERSON: Final = re.compile(
    r"nama|name|(?:^|_)nm|petugas|dokter|(?:^|_)ibu(?:_|$)|ayah|pelapor|pasien|warga|pemohon|pegawai|penduduk|user|email"
)
_ADDRESS: Final = re.compile(
    r"alamat|address|jalan|street|jln|domisili|rumah|(^|_)r[tw]($|_)|kode_?pos|place|objek|lokasi"
)
_POSITION: Final = re.compile(r"^(lat|lng|lon|long)|latitude|longitude|lintang|bujur|koordinat|coordinates|position")
_MOMENT: Final = re.compile(
    r"tgl|tanggal|waktu|date|time|jam|mulai|selesai|tempo|bayar|terbit|masuk|daftar|tahun|year|_(at|on|until|from)$|stamp"
)
_REGION: Final = re.compile(r"kelurahan|kecamatan|(?:^|_)(?:kel|kec|kab|prop|prov|kota)(?:_|$)|region|wilayah")
_KINDS: Final = (
    (ColumnKind.BIRTH, _BIRTH),
    (ColumnKind.REGION, _REGION),
    (ColumnKind.PERSON, _PERSON),
    (ColumnKind.ADDRESS, _ADDRESS),
    (ColumnKind.POSITION, _POSITION),
    (ColumnKind.MOMENT, _MOMENT),
)


def folded(column: str) -> str:
    """A column's name for comparison: lower case, words joined by `_`."""
    return re.sub(r"\W+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column).casefold()).strip("_")


@cache
def kind_of(column: str, plain: frozenset[str] = frozenset()) -> ColumnKind:
    """The kind of a column by its name; `plain` are names that the developer declares impersonal."""
    name = folded(column)
    if name in plain:
        return ColumnKind.PLAIN
    return next((kind for kind, pattern in _KINDS if pattern.search(name)), ColumnKind.UNKNOWN)
