"""Field names of wire records, and unknown codes in normalised bodies. Pure functions; they return no other values."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel

from schemas.classes import Classed, DataClass, class_of
from schemas.doubts import Doubt, DoubtCode

_MAX_DEPTH: Final = 6
_MAX_LIST_ITEMS: Final = 3
_MAX_CODE_LENGTH: Final = 40
_MOST_DIGITS: Final = 5
_LIST: Final = "[]"
_EMPTY: Final[tuple[object, ...]] = (None, "", (), [], {})
_UNKNOWN: Final = frozenset({DoubtCode.CODE_UNKNOWN, DoubtCode.STATUS_UNKNOWN})


def field_names(wire: object) -> frozenset[str]:
    """Return the names of a wire record's non-empty fields; nested fields have dotted names."""
    return frozenset(_nested_names(wire, "", _MAX_DEPTH))


def unknown_codes(body: BaseModel, doubts: tuple[Doubt, ...]) -> Iterator[tuple[str, str]]:
    """Yield the pointer of each unknown code, and the code, or `""` if the field may contain personal data."""
    for doubt in doubts:
        if doubt.code in _UNKNOWN and doubt.field:
            yield doubt.field, _code_at(body, doubt.field)


def _nested_names(value: object, name: str, depth: int) -> Iterator[str]:
    if depth == 0 or value in _EMPTY:
        return
    if name:
        yield name
    for inner, child in _children(value):
        yield from _nested_names(child, f"{name}{inner}" if inner == _LIST else _joined(name, inner), depth - 1)


def _children(value: object) -> Iterator[tuple[str, object]]:
    """Yield the fields that were sent, or the first objects of a list."""
    if isinstance(value, BaseModel):
        yield from ((name, getattr(value, name)) for name in value.model_fields_set)
    elif isinstance(value, Mapping):
        yield from ((str(name)[:_MAX_CODE_LENGTH], inner) for name, inner in value.items())
    elif isinstance(value, list | tuple):
        yield from ((_LIST, item) for item in value[:_MAX_LIST_ITEMS] if isinstance(item, BaseModel | Mapping))


def _joined(name: str, inner: str) -> str:
    return f"{name}.{inner}" if name else inner


def _code_at(body: BaseModel, pointer: str) -> str:
    """Return the code at a pointer; empty if the field is not of class general or the value does not look like one."""
    value: Any = body
    for part in pointer.strip("/").split("/"):
        if isinstance(value, tuple) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
            continue
        info = type(value).model_fields.get(part) if isinstance(value, Classed) else None
        if info is None or class_of(info) is not DataClass.GENERAL:
            return ""
        value = getattr(value, part)
    code = getattr(value, "code", value)
    text = str(code) if isinstance(code, str) else ""
    short = len(text) <= _MAX_CODE_LENGTH and sum(letter.isdigit() for letter in text) <= _MOST_DIGITS
    return text if short and text.isprintable() else ""
