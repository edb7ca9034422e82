"""Reading of whole answers: detection of pages and error messages, and validation against the types in `wire`.

No error raised here contains any of the payload; pydantic's errors do, because they quote their input.
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
from schemas.doubts import DoubtCode

T = TypeVar("T")

_HEAD: Final = 4096
_HTML: Final = re.compile(rb"<!doctype\s+html|<html[\s>]|<(head|body|form|h1|title)[\s>]", re.IGNORECASE)
# Stops at the next tag: otherwise a page of unclosed tags would be scanned once for each of them.
_LOGIN: Final = re.compile(rb"<form[^<>]*login|<input[^<>]*type=[\"']?password", re.IGNORECASE)
_FIELD_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,40}")
_BOM: Final = b"\xef\xbb\xbf"
_JSON: Final[TypeAdapter[JsonValue]] = TypeAdapter(JsonValue)


def looks_like_html(content: bytes) -> bool:
    """Return whether the content is an HTML page, whatever its content type states."""
    start = content[:_HEAD].removeprefix(_BOM).lstrip()
    return start.startswith(b"<") and _HTML.search(start) is not None


def looks_like_login(content: bytes) -> bool:
    """Return whether the content is a login page, which means that the session has ended."""
    return looks_like_html(content) and _LOGIN.search(content[:65_536]) is not None


def is_empty(answer: HttpAnswer) -> bool:
    """Return whether the body is empty, which some systems send for "not found"."""
    return not answer.content.strip()


def validation_summary(error: ValidationError) -> str:
    """Summarise a validation error: the number of faults, and the place and kind of the first, without any input.

    Of a field whose default depends on a wrong field, such as `status_text`, pydantic reports a fault too: not counted.
    """
    details = error.errors(include_url=False, include_context=False, include_input=False)
    faults = [detail for detail in details if detail["type"] != "default_factory_not_called"]
    first = faults[0]
    parts = [*map(_named, first["loc"])]
    if first["type"] == "extra_forbidden":
        parts[-1] = None  # a name chosen by the sender
    place = ".".join(part if isinstance(part, str) and _FIELD_NAME.fullmatch(part) else "*" for part in parts)
    return f"{len(faults)} fault(s), first at {place or 'the top'}: {first['type']}"


def _named(part: int | str) -> str | None:
    return part if isinstance(part, str) else None


def read_json(answer: HttpAnswer, shape: TypeAdapter[T], *, charset: str = "utf-8") -> T:
    """Parse the body as JSON of this shape. The content type is ignored; a byte order mark is removed.

    `charset` is the declared one. Raises `UpstreamMalformedError` for an HTML page, for an empty, truncated or too
    deeply nested body, and for JSON of another shape.
    """
    if looks_like_html(answer.content):
        raise UpstreamMalformedError("the answer is an HTML page instead of JSON")
    content = answer.content.removeprefix(_BOM)
    if charset != "utf-8":
        content = (decode(content, charset).value or "").encode()
    return read_text(content, shape)


def read_text(text: str | bytes, shape: TypeAdapter[T]) -> T:
    """Parse JSON of this shape that was extracted from an answer. Raises `UpstreamMalformedError`."""
    try:
        return shape.validate_json(text)
    except ValidationError as error:
        reason = validation_summary(error)
    # Raised outside the handler, so that pydantic's error, which quotes its input, is not attached as context.
    raise UpstreamMalformedError(f"the answer does not have the expected shape: {reason}")


def read_value(value: object, shape: TypeAdapter[T]) -> T:
    """Validate a part of JSON that was parsed already. Raises `UpstreamMalformedError`."""
    try:
        return shape.validate_python(value)
    except ValidationError as error:
        reason = validation_summary(error)
    raise UpstreamMalformedError(f"a part of the answer does not have the expected shape: {reason}")


def read_rows(rows: Iterable[object], shape: TypeAdapter[T]) -> tuple[T | Bad, ...]:
    """Validate each row of a page separately: a row of another shape becomes `Bad`, the others are kept."""
    found: list[T | Bad] = []
    for row in rows:
        try:
            found.append(shape.validate_python(row))
        except ValidationError as error:
            found.append(Bad(validation_summary(error)))
    return tuple(found)


def bare_message(answer: HttpAnswer) -> str | None:
    """Return the text when the whole body is one JSON string: such an answer is an error message, not data."""
    try:
        value = _JSON.validate_json(answer.content.removeprefix(_BOM))
    except ValidationError:
        return None
    return value if isinstance(value, str) else None


def nested_json(written: str | None) -> Reading[JsonValue]:
    """Parse JSON that is stored inside a text column. JSON that was truncated by the column's length is absent."""
    if written is None or not written.strip():
        return absent()
    try:
        return Reading(_JSON.validate_json(written.encode("utf-8", "surrogatepass")))
    except ValidationError:
        return absent(DoubtCode.TEXT_ENCODING)


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, dict) else value


ONE_OR_MANY: Final = BeforeValidator(_one_or_many)
"""For a list that is sent as a bare object when it has one item: `Annotated[list[X], ONE_OR_MANY]`."""


def empty_as(*empties: object) -> BeforeValidator:
    """For a list that is sent as another value when it is empty: `Annotated[list[X], empty_as(None, "", {})]`."""

    def _listed(value: object) -> object:
        return [] if any(type(value) is type(empty) and value == empty for empty in empties) else value

    return BeforeValidator(_listed)


def _or_none(value: object, read: ValidatorFunctionWrapHandler) -> object:
    try:
        return read(value)
    except ValidationError:
        return None


Part = Annotated[T | None, WrapValidator(_or_none)]
"""For items of a list within a record: `tuple[Part[X], ...]`. An item of another shape is None; the rest is kept."""
