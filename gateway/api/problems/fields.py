"""What is wrong with parts of a request, for people: in their language, and without what was sent."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, Final

from schemas.filters import PERSONAL_NUMBER
from schemas.problem import FieldProblem
from schemas.texts import Language, Text

_MOST: Final = 50
_LONGEST_POINTER: Final = 200

_SAID: Final[Mapping[str, Text]] = {
    PERSONAL_NUMBER: Text(id="tanpa nomor pribadi", en="without personal numbers"),
    "unknown_parameter": Text(id="tidak dikenal di sini; yang dikenal: {known}", en="unknown here; known are: {known}"),
    "other_region": Text(
        id="petugas hanya dapat meminta data kelurahannya sendiri", en="an officer may ask for their own kelurahan only"
    ),
    "missing": Text(id="wajib diisi", en="missing; give it"),
    "extra_forbidden": Text(id="tidak dikenal di sini; hilangkan", en="unknown here; leave it out"),
    "int": Text(id="harus bilangan bulat", en="must be a whole number"),
    "date": Text(id="tulis tanggal sebagai YYYY-MM-DD", en="write the date as YYYY-MM-DD"),
    "datetime": Text(
        id="tulis waktu menurut RFC 3339, beserta selisih zonanya", en="write the time as in RFC 3339, with its offset"
    ),
    "timezone": Text(id="sebutkan selisih zona waktunya", en="give its offset"),
    "string": Text(id="harus teks", en="must be a text"),
    "bool": Text(id="harus true atau false", en="must be true or false"),
    "model": Text(id="harus objek JSON", en="must be a JSON object"),
    "string_too_short": Text(id="paling sedikit {min_length} huruf", en="at least {min_length} characters"),
    "string_too_long": Text(id="paling banyak {max_length} huruf", en="at most {max_length} characters"),
    "string_pattern_mismatch": Text(id="harus berbentuk {pattern}", en="must have the form {pattern}"),
    "greater_than_equal": Text(id="paling kecil {ge}", en="must be at least {ge}"),
    "less_than_equal": Text(id="paling besar {le}", en="must be at most {le}"),
    "enum": Text(id="salah satu dari: {expected}", en="one of: {expected}"),
    "literal_error": Text(id="salah satu dari: {expected}", en="one of: {expected}"),
}
_OTHER: Final = Text(id="nilai ini tidak dapat dipakai", en="this value cannot be used")


def field_problems(
    errors: Iterable[Mapping[str, Any]], language: Language, known: tuple[str, ...] = ()
) -> tuple[FieldProblem, ...]:
    """The first of pydantic's errors, as parts of the request to mend; `known` are the parameters that there are."""
    return tuple(
        FieldProblem(pointer=_pointer(error["loc"]), detail=_detail(_with_known(error, known), language))
        for error in islice(errors, _MOST)
    )


def _with_known(error: Mapping[str, Any], known: tuple[str, ...]) -> Mapping[str, Any]:
    """The error; one about a parameter that there is not names those that there are."""
    if error["type"] != "extra_forbidden" or error["loc"][0] != "query" or not known:
        return error
    return {**error, "type": "unknown_parameter", "ctx": {"known": ", ".join(known)}}


def _pointer(place: Iterable[str | int]) -> str:
    """A JSON pointer into the body, or where the parameter stands and its name."""
    # A name that the caller made up may be long, or hold what cannot be written as UTF-8.
    parts = [str(part).encode(errors="replace").decode()[:_LONGEST_POINTER] for part in place]
    if parts[0] != "body":
        return f"{parts[0]}:{'.'.join(parts[1:])}"
    return "/" + "/".join(part.replace("~", "~0").replace("/", "~1") for part in parts[1:])


def _detail(error: Mapping[str, Any], language: Language) -> str:
    kind = str(error["type"])
    if kind == "value_error" and language is Language.ENGLISH:
        return str(error["msg"]).removeprefix("Value error, ")
    said = _SAID.get(kind) or _SAID.get(kind.partition("_")[0]) or _OTHER
    # The context holds what our own schema says (a bound, a pattern), and nothing of the request.
    context = {name: str(value).replace(" or ", ", ") for name, value in (error.get("ctx") or {}).items()}
    return said.in_language(language).format_map(context)
