"""The answers of the NIK service: one envelope, always with status 200, and inconsistent spelling."""

from typing import Any, Final

from simulators.dukcapil.registry import Biodata

QUOTA_SPENT: Final = "Kuota Akses Hari ini telah Habis"
NOT_FOUND: Final = "Data Tidak Ditemukan"
UNKNOWN_ADDRESS: Final = "IP Client  Tidak terdaftar"
Json = dict[str, Any]

# Keys that this service writes with a trailing blank, in every answer.
_BLANK_AT_END: Final = ("PDDK_AKH", "NO_RW")
# Rows from the service's first version spell these keys differently.
_FIRST_VERSION: Final = {"JENIS_PKRJN": "JENIS_PKRJAN", "STATUS_KAWIN": "STATUS_KWIN"}


def _enveloped(content: Json | list[Json]) -> Json:
    return {
        "content": content,
        "lastPage": True,
        "numberOfElements": 1,
        "sort": None,
        "totalElements": 1,
        "firstPage": True,
        "number": 0,
        "size": 1,
    }


def text(respon: str) -> Json:
    """Return an error as a text, inside the list where a person is expected."""
    return _enveloped([{"RESPON": respon}])


def refusal(code: str, description: str) -> Json:
    """Return a refusal by code: an object instead of the list."""
    return _enveloped({"RESPONSE_CODE": code, "RESPONSE_DESC": description})


def _spelling(key: str, *, first_version: bool) -> str:
    spelling = _FIRST_VERSION.get(key, key) if first_version else key
    return f"{spelling} " if key in _BLANK_AT_END else spelling


def person(row: Biodata) -> Json:
    """Return one person.

    An odd serial has its NIK and family card as JSON numbers. A serial divisible by five comes from the first version;
    one divisible by seven is an object instead of a list.
    """
    serial = int(str(row["NIK"])[-4:] or 0)
    row_as_sent: Json = {_spelling(key, first_version=serial % 5 == 0): value for key, value in row.items()}
    if serial % 2:
        row_as_sent |= {key: int(row[key]) for key in ("NIK", "NO_KK")}
    return _enveloped(row_as_sent if serial % 7 == 0 else [row_as_sent])
