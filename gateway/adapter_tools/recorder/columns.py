"""What the name of a column says of what stands in it. A name that says nothing lets nothing through."""

import re
from enum import StrEnum
from functools import cache
from typing import Final


class ColumnKind(StrEnum):
    """What a column holds, as far as its name tells."""

    UNKNOWN = "unknown"
    PERSON = "person"  # a name, or what belongs to a name: no word of it is nobody's
    BIRTH = "birth"
    ADDRESS = "address"  # every digit counts
    POSITION = "position"
    MOMENT = "moment"  # days and times of something else than a birth
    REGION = "region"
    PLAIN = "plain"  # whoever records has said that it holds no person


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
    """A column's name as it is compared: lower case, words joined by `_`."""
    return re.sub(r"\W+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column).casefold()).strip("_")


@cache
def kind_of(column: str, plain: frozenset[str] = frozenset()) -> ColumnKind:
    """The kind of a column by its name; `plain` are names that whoever records vouches for."""
    name = folded(column)
    if name in plain:
        return ColumnKind.PLAIN
    return next((kind for kind, pattern in _KINDS if pattern.search(name)), ColumnKind.UNKNOWN)
