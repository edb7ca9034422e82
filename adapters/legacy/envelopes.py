"""Whole answers: is this what was asked for, and does it have the shape that `wire` says.

Nothing raised here holds any of the payload: not even pydantic's errors, which quote their input.
"""

import re
from collections.abc import Iterable
from typing import Annotated, Final, TypeVar

from pydantic import (
    BeforeValidator,
    JsonValue,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from adapters.contract import Bad
from adapters.errors import UpstreamMalformedError
from adapters.legacy.charsets import decode
from adapters.legacy.reading import Reading, absent
from adapters.upstream import HttpAnswer
from schemas.quality import QualityCode

T = TypeVar("T")

_HEAD: Final = 4096
_HTML: Final = re.compile(rb"<!doctype\s+html|<html[\s>]|<(head|body|form|h1|title)[\s>]", re.IGNORECASE)
# Up to the next tag and no further: a page of nothing but beginnings would be looked through once for each.
_LOGIN: Final = re.compile(rb"<form[^<>]*login|<input[^<>]*type=[\"']?password", re.IGNORECASE)
_FIELD_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,40}")
_BOM: Final = b"\xef\xbb\xbf"
_JSON: Final[TypeAdapter[JsonValue]] = TypeAdapter(JsonValue)


def looks_like_html(content: bytes) -> bool:
    """Whether a page came where data was expected, whatever the content type says."""
    start = content[:_HEAD].removeprefix(_BOM).lstrip()
    return start.startswith(b"<") and _HTML.search(start) is not None


def looks_like_login(content: bytes) -> bool:
    """Whether that page asks to log in, which means that the session has ended."""
    return looks_like_html(content) and _LOGIN.search(content[:65_536]) is not None


def is_empty(answer: HttpAnswer) -> bool:
    """Whether the body is empty, which some systems answer for "not found"."""
    return not answer.content.strip()


def fault(error: ValidationError) -> str:
    """What was wrong with the shape: how often, and the first place and kind, without any of the input."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    parts = [*map(_named, first["loc"])]
    if first["type"] == "extra_forbidden":
        parts[-1] = None  # a name that the sender has chosen
    place = ".".join(part if isinstance(part, str) and _FIELD_NAME.fullmatch(part) else "*" for part in parts)
    return f"{error.error_count()} fault(s), first at {place or 'the top'}: {first['type']}"


def _named(part: int | str) -> str | None:
    return part if isinstance(part, str) else None


def read_json(answer: HttpAnswer, shape: TypeAdapter[T], *, charset: str = "utf-8") -> T:
    """The body as JSON of this shape; the content type is not looked at, a byte order mark is.

    Raises `UpstreamMalformedError` for a page instead of data, an empty, truncated or too deeply nested body, and
    for JSON of another shape. `charset` is the declared one.
    """
    if looks_like_html(answer.content):
        raise UpstreamMalformedError("a page came where JSON was expected")
    content = answer.content.removeprefix(_BOM)
    if charset != "utf-8":
        content = (decode(content, charset).value or "").encode()
    return read_text(content, shape)


def read_text(text: str | bytes, shape: TypeAdapter[T]) -> T:
    """JSON of this shape that was unpacked from an answer. Raises `UpstreamMalformedError`."""
    try:
        return shape.validate_json(text)
    except ValidationError as error:
        reason = fault(error)
    # Raised outside the handler, so that pydantic's error, which quotes its input, is not even its context.
    raise UpstreamMalformedError(f"the answer has not the expected shape: {reason}")


def read_value(value: object, shape: TypeAdapter[T]) -> T:
    """A part of JSON that was read already, in its own shape. Raises `UpstreamMalformedError`."""
    try:
        return shape.validate_python(value)
    except ValidationError as error:
        reason = fault(error)
    raise UpstreamMalformedError(f"a part of the answer has not the expected shape: {reason}")


def read_rows(rows: Iterable[object], shape: TypeAdapter[T]) -> tuple[T | Bad, ...]:
    """Every row of a page by itself: one that has not the expected shape is `Bad`, and the rest survives."""
    found: list[T | Bad] = []
    for row in rows:
        try:
            found.append(shape.validate_python(row))
        except ValidationError as error:
            found.append(Bad(fault(error)))
    return tuple(found)


def bare_message(answer: HttpAnswer) -> str | None:
    """The text, when the whole body is one JSON string: such an answer is an error message, not data."""
    try:
        value = _JSON.validate_json(answer.content.removeprefix(_BOM))
    except ValidationError:
        return None
    return value if isinstance(value, str) else None


def nested_json(written: str | None) -> Reading[JsonValue]:
    """JSON that stands inside a text column, parsed once; cut off by the column's length, it is absent."""
    if written is None or not written.strip():
        return absent()
    try:
        return Reading(_JSON.validate_json(written.encode("utf-8", "surrogatepass")))
    except ValidationError:
        return absent(QualityCode.TEXT_ENCODING)


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, dict) else value


ONE_OR_MANY: Final = BeforeValidator(_one_or_many)
"""For a list that comes as a bare object when it has one item: `Annotated[list[X], ONE_OR_MANY]`."""


def empty_as(*empties: object) -> BeforeValidator:
    """For a list that comes as something else when it is empty: `Annotated[list[X], empty_as(None, "", {})]`."""

    def _listed(value: object) -> object:
        return [] if any(type(value) is type(empty) and value == empty for empty in empties) else value

    return BeforeValidator(_listed)


def _or_none(value: object, read: ValidatorFunctionWrapHandler) -> object:
    try:
        return read(value)
    except ValidationError:
        return None


Part = Annotated[T | None, WrapValidator(_or_none)]
"""For what a record has several of: `tuple[Part[X], ...]`. One of another shape is None, and the record stands."""
