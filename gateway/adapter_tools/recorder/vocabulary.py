"""Impersonal words: the adapter's own code tables, the city's regions, the calendar, and function words."""

import ast
import re
from collections.abc import Iterable, Iterator
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel

from schemas.places import regions

WORD: Final = re.compile(r"[^\W\d_]+")

MONTHS: Final = (
    *("januari", "februari", "maret", "april", "mei", "juni"),
    *("juli", "agustus", "september", "oktober", "november", "desember"),
)
_DAYS: Final = ("senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu", "ahad")
_SMALL: Final = (
    "a.n agar akan antara apa atas atau bagi bahwa banjarmasin bukan bulan dan dari dengan di dalam gg gang hari ini "
    "itu jalan jika jl jln jumlah kab kabupaten karena ke kec kecamatan kel kelurahan kepada kota kalimantan no nomor "
    "oleh pada per prov provinsi rp rt rw saat sampai sebagai sejak selatan serta setelah sudah tahun telah tgl tidak "
    "tanggal untuk utara timur barat tengah wib wit wita yang null true false"
)


@cache
def common_words() -> frozenset[str]:
    """Words of the calendar, of regions and of grammar."""
    places = {word for region in regions().values() for word in words_of(region.name)}
    return frozenset({*MONTHS, *_DAYS, *words_of(_SMALL)}) | places


@cache
def region_codes() -> frozenset[str]:
    """Every code of the city's regions: dotted, and as digits, of both schemes."""
    found = {code for region in regions().values() for code in (region.code, region.bps_code) if code}
    return frozenset(found | {code.replace(".", "") for code in found})


def words_of(text: str) -> frozenset[str]:
    """The words of a text, folded."""
    return frozenset(word.casefold() for word in WORD.findall(text))


@cache
def source_words(folder: Path) -> frozenset[str]:
    """The words of all strings in an adapter's sources, above all of its code tables; docstrings are left out."""
    found: set[str] = set()
    for path in sorted(folder.rglob("*.py")):
        tree = ast.parse(path.read_bytes(), filename=path.name)
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for text in _texts(tree, docstrings):
            found |= words_of(text)
    return frozenset(found)


def model_words(model: type[BaseModel]) -> frozenset[str]:
    """The words in the enumerations and field names of a canonical body."""
    return frozenset(word for text in _model_texts(model, set()) for word in words_of(text))


def _texts(tree: ast.AST, docstrings: Iterable[int]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id  # the name of a column


def _model_texts(annotation: Any, seen: set[Any]) -> Iterator[str]:  # noqa: ANN401 - any annotation
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        yield from (str(member.value) for member in annotation)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation not in seen:
        seen.add(annotation)
        for name, info in annotation.model_fields.items():
            yield name
            yield from _model_texts(info.annotation, seen)
    for part in get_args(annotation):
        yield from _model_texts(part, seen)
