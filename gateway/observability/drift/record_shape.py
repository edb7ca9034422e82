"""What stood in a wire record: the names of its fields, never what was in them. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel

from schemas.classes import Classed, DataClass, class_of
from schemas.quality import Quality, QualityCode

_DEEPEST: Final = 4
_OF_A_LIST: Final = 3
_LONGEST_WORD: Final = 40
_MOST_DIGITS: Final = 5
_LIST: Final = "[]"
_EMPTY: Final[tuple[object, ...]] = (None, "", (), [], {})
_UNKNOWN: Final = frozenset({QualityCode.CODE_UNKNOWN, QualityCode.STATUS_UNKNOWN})


def fields_of(wire: object) -> frozenset[str]:
    """The names of the fields of a wire record that came with something in them; within others, by dotted names."""
    return frozenset(_within(wire, "", _DEEPEST))


def unknown_codes(body: BaseModel, doubts: tuple[Quality, ...]) -> Iterator[tuple[str, str]]:
    """Where a code came that nobody knows, and the code itself if it may be shown: an own word of a general field."""
    for doubt in doubts:
        if doubt.code in _UNKNOWN and doubt.field:
            yield doubt.field, _word(body, doubt.field)


def _within(value: object, name: str, depth: int) -> Iterator[str]:
    if depth == 0 or value in _EMPTY:
        return
    if name:
        yield name
    for inner, within in _parts(value):
        yield from _within(within, f"{name}{inner}" if inner == _LIST else _joined(name, inner), depth - 1)


def _parts(value: object) -> Iterator[tuple[str, object]]:
    """What a value consists of: the fields that came, or the first few objects of a list."""
    if isinstance(value, BaseModel):
        yield from ((name, getattr(value, name)) for name in value.model_fields_set)
    elif isinstance(value, Mapping):
        yield from ((str(name)[:_LONGEST_WORD], inner) for name, inner in value.items())
    elif isinstance(value, list | tuple):
        yield from ((_LIST, item) for item in value[:_OF_A_LIST] if isinstance(item, BaseModel | Mapping))


def _joined(name: str, inner: str) -> str:
    return f"{name}.{inner}" if name else inner


def _word(body: BaseModel, pointer: str) -> str:
    """The code at a pointer; empty where it could be anything else than a code."""
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
    short = len(text) <= _LONGEST_WORD and sum(letter.isdigit() for letter in text) <= _MOST_DIGITS
    return text if short and text.isprintable() else ""
