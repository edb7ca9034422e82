"""Validation errors as `errors` of a problem: in the caller's language, without the values that were sent."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, Final

from schemas.filters import PERSONAL_NUMBER
from schemas.problem import FieldProblem
from schemas.texts import Language, Text

_MAX_ERRORS: Final = 50
_MAX_SEGMENT_LENGTH: Final = 200

_DETAILS: Final[Mapping[str, Text]] = {
    PERSONAL_NUMBER: Text(id="tanpa nomor pribadi", en="without personal numbers"),
    "unknown_parameter": Text(
        id="tidak dikenal di sini; yang dikenal: {known}", en="unknown parameter; known parameters: {known}"
    ),
    "other_region": Text(
        id="petugas hanya dapat meminta data kelurahannya sendiri", en="an officer may query their own kelurahan only"
    ),
    "missing": Text(id="wajib diisi", en="required"),
    "extra_forbidden": Text(id="tidak dikenal di sini; hilangkan", en="unknown field; remove it"),
    "int": Text(id="harus bilangan bulat", en="must be a whole number"),
    "date": Text(id="tulis tanggal sebagai YYYY-MM-DD", en="write the date as YYYY-MM-DD"),
    "datetime": Text(
        id="tulis waktu menurut RFC 3339, beserta selisih zonanya", en="write the time as in RFC 3339, with its offset"
    ),
    "timezone": Text(id="sebutkan selisih zona waktunya", en="add the UTC offset"),
    "string": Text(id="harus teks", en="must be a string"),
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
_DEFAULT_DETAIL: Final = Text(id="nilai ini tidak dapat dipakai", en="this value cannot be used")


def field_problems(
    errors: Iterable[Mapping[str, Any]], language: Language, known: tuple[str, ...] = ()
) -> tuple[FieldProblem, ...]:
    """Return the first pydantic errors as field problems. `known` are the names of the operation's query parameters."""
    return tuple(
        FieldProblem(pointer=_pointer(error["loc"]), detail=_detail(_with_known(error, known), language))
        for error in islice(errors, _MAX_ERRORS)
    )


def _with_known(error: Mapping[str, Any], known: tuple[str, ...]) -> Mapping[str, Any]:
    """Return the error; for an unknown query parameter, one that lists the known ones."""
    if error["type"] != "extra_forbidden" or error["loc"][0] != "query" or not known:
        return error
    return {**error, "type": "unknown_parameter", "ctx": {"known": ", ".join(known)}}


def _pointer(place: Iterable[str | int]) -> str:
    """Return a JSON pointer into the body, or the parameter's location and name, such as `query:limit`."""
    # A name from the caller may be long, or contain surrogates that cannot be encoded as UTF-8.
    parts = [str(part).encode(errors="replace").decode()[:_MAX_SEGMENT_LENGTH] for part in place]
    if parts[0] != "body":
        return f"{parts[0]}:{'.'.join(parts[1:])}"
    return "/" + "/".join(part.replace("~", "~0").replace("/", "~1") for part in parts[1:])


def _detail(error: Mapping[str, Any], language: Language) -> str:
    kind = str(error["type"])
    if kind == "value_error" and language is Language.ENGLISH:
        return str(error["msg"]).removeprefix("Value error, ")
    text = _DETAILS.get(kind) or _DETAILS.get(kind.partition("_")[0]) or _DEFAULT_DETAIL
    # The context contains values of the schema only (a limit, a pattern), not of the request.
    context = {name: str(value).replace(" or ", ", ") for name, value in (error.get("ctx") or {}).items()}
    return text.in_language(language).format_map(context)
