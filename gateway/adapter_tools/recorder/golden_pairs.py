"""Golden pairs: a wire record about somebody else, and what the adapter makes of it."""

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
    """A record of which no pair can be made; the message says why, without any of it."""


@dataclass(frozen=True, slots=True)
class GoldenPair:
    """One wire record, and what becomes of it, both as JSON."""

    wire: str = field(repr=False)
    becomes: str = field(repr=False)


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
    """What a record becomes, to learn from it who it is about; nothing where it cannot be used."""
    try:
        return row.normalise(wire).body.model_dump(mode="json", context=KEEP)
    except Exception:  # noqa: BLE001 - whatever it is, `pair_of` says so
        return {}


def pair_of(row: Row, wire: BaseModel, replacer: Replacer) -> GoldenPair:
    """The pair of one record. Raises `UnwritableError`."""
    said = replacer.tree(document(wire))
    try:
        other = type(wire).model_validate_json(json.dumps(said, ensure_ascii=False))
    except ValidationError:
        raise UnwritableError("its model does not take what was put in the place of its values") from None
    try:
        normal = row.normalise(other)
        becomes: dict[str, Any] = {
            "body": normal.body.model_dump(mode="json", context=KEEP, exclude_none=True),
            "doubts": [doubt.model_dump(mode="json") for doubt in normal.doubts],
        }
    except UnusableRecordError as error:
        becomes = {"set_aside": str(error)}
    except ValidationError:
        raise UnwritableError("the body does not take what was put in the place of its values") from None
    except Exception as error:  # noqa: BLE001 - its text may hold what came
        raise UnwritableError(f"normalise raises {fault(error)}") from None
    return GoldenPair(_json(said), _json(becomes))


def fault(error: Exception) -> str:
    """What the adapter under development has raised, and where, without the text, which may hold what came."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}"


def _json(value: Any) -> str:  # noqa: ANN401 - JSON
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _place(name: str, info: FieldInfo) -> tuple[str | int, ...]:
    """Where a field stands in the payload: under its first name."""
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
