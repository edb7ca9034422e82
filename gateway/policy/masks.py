"""Masks bodies by data class: hidden fields are emptied, and personal numbers are shortened.

The fields to check are computed once for each model; only the branches that contain masked fields are rebuilt.
`gateway.policy.body_serializers` masks in the same way while it writes JSON, without building bodies.
"""

from functools import cache
from types import NoneType
from typing import Any, TypeVar, get_args

from schemas.classes import Classed, DataClass, class_of
from schemas.doubts import Doubt
from schemas.identifiers import PERSONAL_SCHEMES, Identifier
from schemas.records import Record

C = TypeVar("C", bound=Classed)

_SHOWN_DIGITS = 4
MASKED = "***"


def mask(body: C, visible: frozenset[DataClass], *, release_numbers: bool) -> C:
    """A copy of the body without the fields that the view may not see."""
    changes: dict[str, object] = {}
    for name in _fields_to_check(type(body), visible):
        before = getattr(body, name)
        hidden = is_hidden(type(body), name, visible)
        if hidden and is_nullable(type(body), name):
            after = None
        else:
            after = _masked(before, visible, hidden=hidden, release=release_numbers)
        if after is not before:
            changes[name] = after
    if isinstance(body, Identifier) and "value" not in changes:
        number = masked_number(body, visible, release_numbers=release_numbers)
        if number is not body.value:
            changes["value"] = number
    return body.model_copy(update=changes) if changes else body


def visible_doubts(record: Record[Any], visible: frozenset[DataClass]) -> tuple[Doubt, ...]:
    """Return the doubts of a record, without the original words of fields that the view may not see."""
    body = type(record.body)
    return tuple(
        doubt
        if doubt.original is None or _shows(body, doubt.field, visible)
        else doubt.model_copy(update={"original": None})
        for doubt in record.doubts
    )


def masked_number(identifier: Identifier, visible: frozenset[DataClass], *, release_numbers: bool) -> str:
    """Return the number of an identifier as a view may see it, wherever it occurs."""
    if identifier.scheme not in PERSONAL_SCHEMES:
        return identifier.value
    if DataClass.PERSONAL not in visible:
        return MASKED
    return identifier.value if release_numbers else shortened(identifier.value)


def shortened(number: str) -> str:
    """A personal number with only its last digits; with none of them if it is short, as they would reveal too much."""
    shown = _SHOWN_DIGITS if len(number) > 2 * _SHOWN_DIGITS else 0
    return "*" * (len(number) - shown) + number[len(number) - shown :]


def _masked(value: object, visible: frozenset[DataClass], *, hidden: bool, release: bool) -> object:
    if value is None:
        return None
    if isinstance(value, tuple):
        if hidden:
            return ()
        parts = tuple(_masked(part, visible, hidden=False, release=release) for part in value)
        return value if all(new is old for new, old in zip(parts, value, strict=True)) else parts
    if isinstance(value, Classed):
        # A hidden model is emptied field by field, so that a required one keeps its shape.
        return mask(value, frozenset() if hidden else visible, release_numbers=release)
    if hidden:
        return MASKED if type(value) is str else None
    return value


@cache
def is_hidden(model: type[Classed], name: str, visible: frozenset[DataClass]) -> bool:
    """Return whether a view may not see a field."""
    return class_of(model.model_fields[name]) not in visible


def _shows(model: type[Classed], pointer: str | None, visible: frozenset[DataClass]) -> bool:
    """Return whether a JSON pointer leads to a field that the view may see, through fields that it may see."""
    for name in (pointer or "").split("/")[1:]:
        if name.isdigit():
            continue
        if name not in model.model_fields or is_hidden(model, name, visible):
            return False
        model = _model_of(model.model_fields[name].annotation) or Classed
    return pointer is not None


def _model_of(annotation: object) -> type[Classed] | None:
    if isinstance(annotation, type) and issubclass(annotation, Classed):
        return annotation
    return next((model for part in get_args(annotation) if (model := _model_of(part)) is not None), None)


@cache
def is_nullable(model: type[Classed], name: str) -> bool:
    """Return whether a field may be null, so that it is null where it is hidden."""
    return NoneType in get_args(model.model_fields[name].annotation)


@cache
def _fields_to_check(model: type[Classed], visible: frozenset[DataClass]) -> tuple[str, ...]:
    return tuple(
        name
        for name, info in model.model_fields.items()
        if is_hidden(model, name, visible) or _contains_classed(info.annotation)
    )


def _contains_classed(annotation: object) -> bool:
    return _model_of(annotation) is not None
