"""The answers of the NIK service: one envelope, always with status 200, and its habits of spelling."""

from typing import Any, Final

from simulators.dukcapil.registry import Biodata

QUOTA_SPENT: Final = "Kuota Akses Hari ini telah Habis"
NOT_FOUND: Final = "Data Tidak Ditemukan"
UNKNOWN_ADDRESS: Final = "IP Client  Tidak terdaftar"
Json = dict[str, Any]

# Keys that this service writes with a blank at the end, in every answer.
_BLANK_AT_END: Final = ("PDDK_AKH", "NO_RW")
# Rows that came over from the service's first version spell these keys differently.
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
    """An error as a text, inside the list where a person was expected."""
    return _enveloped([{"RESPON": respon}])


def refusal(code: str, description: str) -> Json:
    """A refusal by code: an object in place of the list."""
    return _enveloped({"RESPONSE_CODE": code, "RESPONSE_DESC": description})


def _spelt(key: str, *, first_version: bool) -> str:
    spelt = _FIRST_VERSION.get(key, key) if first_version else key
    return f"{spelt} " if key in _BLANK_AT_END else spelt


def found(row: Biodata) -> Json:
    """One person.

    An odd serial has its NIK and family card as JSON numbers. A serial that five divides came over from the first
    version; one that seven divides stands as an object in place of the list.
    """
    serial = int(str(row["NIK"])[-4:] or 0)
    shown: Json = {_spelt(key, first_version=serial % 5 == 0): value for key, value in row.items()}
    if serial % 2:
        shown |= {key: int(row[key]) for key in ("NIK", "NO_KK")}
    return _enveloped(shown if serial % 7 == 0 else [shown])
