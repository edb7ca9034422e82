"""Golden pairs: a wire record with replaced values, and the adapter's result for it."""

import base64
import json
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, AliasPath, BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from adapters.contract import Reads
from adapters.errors import UnusableRecordError
from gateway.adapter_tools.recorder.replacer import Replacer
from schemas.texts import KEEP

Row = Reads[Any, Any, Any, Any, Any]


class UnwritableError(ValueError):
    """A record from which no pair can be made; the message gives the reason, without any value."""


@dataclass(frozen=True, slots=True)
class GoldenPair:
    """One wire record and its normalised result, both as JSON."""

    wire: str = field(repr=False)
    result: str = field(repr=False)


def document(value: Any) -> Any:  # noqa: ANN401 - any value of a wire record
    """A wire record as the JSON from which its model reads it."""
    if isinstance(value, BaseModel):
        found: dict[str, Any] = {}
        for name, info in type(value).model_fields.items():
            _put(found, _place(name, info), document(getattr(value, name)))
        return found
    if isinstance(value, Mapping):
        return {str(name): document(inner) for name, inner in value.items()}
    if isinstance(value, tuple | list | set | frozenset):
        return [document(inner) for inner in value]
    if isinstance(value, Enum):
        return value.value
    return _plain(value)


def canonical(row: Row, wire: BaseModel) -> Any:  # noqa: ANN401 - JSON
    """The canonical body of a record, to find the person it is about; empty where the record is unusable."""
    try:
        return row.normalise(wire).body.model_dump(mode="json", context=KEEP)
    except Exception:  # noqa: BLE001 - `pair_of` reports every error
        return {}


def pair_of(row: Row, wire: BaseModel, replacer: Replacer) -> GoldenPair:
    """The pair of one record. Raises `UnwritableError`."""
    replaced = replacer.tree(document(wire))
    try:
        other = type(wire).model_validate_json(json.dumps(replaced, ensure_ascii=False))
    except ValidationError:
        raise UnwritableError("its model rejects the replacement values") from None
    try:
        normal = row.normalise(other)
        result: dict[str, Any] = {
            "body": normal.body.model_dump(mode="json", context=KEEP, exclude_none=True),
            "doubts": [doubt.model_dump(mode="json") for doubt in normal.doubts],
        }
    except UnusableRecordError as error:
        result = {"set_aside": str(error)}
    except ValidationError:
        raise UnwritableError("the body rejects the replacement values") from None
    except Exception as error:  # noqa: BLE001 - its text may contain received values
        raise UnwritableError(f"normalise raises {fault_location(error)}") from None
    return GoldenPair(_json(replaced), _json(result))


def fault_location(error: Exception) -> str:
    """The type and place of an error in the adapter under development, without its text, which may contain values."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}"


def _json(value: Any) -> str:  # noqa: ANN401 - JSON
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _place(name: str, info: FieldInfo) -> tuple[str | int, ...]:
    """The place of a field in the payload: under its first alias."""
    alias = info.validation_alias or name
    first = alias.choices[0] if isinstance(alias, AliasChoices) else alias
    return tuple(first.path) if isinstance(first, AliasPath) else (first,)


def _put(found: dict[str, Any], place: tuple[str | int, ...], value: Any) -> None:  # noqa: ANN401 - JSON
    for step in place[:-1]:
        if not isinstance(step, str):
            raise UnwritableError("its model reads from a place in a list")
        found = found.setdefault(step, {})
    found[str(place[-1])] = value


def _plain(value: Any) -> Any:  # noqa: ANN401 - a leaf of a wire record
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, SecretStr):
        raise UnwritableError("it holds a secret")
    return value if isinstance(value, str | int | float | bool | None) else str(value)
