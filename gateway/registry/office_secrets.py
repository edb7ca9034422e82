"""The secret settings of an office, and their values in the vault.

A secret is a setting of type `SecretStr`; one in an inner table is named with a dot, as `sftp.private_key`.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, get_args

from pydantic import BaseModel, SecretBytes, SecretStr

OfficeKey = tuple[str, str | None]
"""A system and its office, None for a system without offices."""

ALL_SYSTEMS: Final = "*"


@dataclass(frozen=True, slots=True)
class Secrets:
    """The values in the vault, by office and setting; and the systems whose secrets may be outside the vault too.

    `elsewhere` names systems, or offices as `system/office`; None allows it for all.
    """

    held: Mapping[OfficeKey, Mapping[str, str]] = field(default_factory=dict, repr=False)
    elsewhere: Collection[str] | None = None

    def of(self, system: str, office: str | None) -> Mapping[str, str]:
        """The secrets of one office in the vault."""
        return self.held.get((system, office), {})

    def may_be_outside(self, system: str, office: str | None) -> bool:
        """Whether a secret of this office may come from a variable or a file."""
        names = {ALL_SYSTEMS, system, office_name(system, office)}
        return self.elsewhere is None or not names.isdisjoint(self.elsewhere)


NO_VAULT: Final = Secrets()
"""An empty vault, with secrets allowed outside of it: for the demo, simulators and tests."""


def office_name(system: str, office: str | None) -> str:
    """The name of an office in operators' commands."""
    return f"{system}/{office}" if office else system


def secret_fields(model: type[BaseModel]) -> tuple[str, ...]:
    """The names of the secret settings, in their order."""
    return tuple(_fields(model))


def given_secrets(model: type[BaseModel], given: Mapping[str, Any]) -> frozenset[str]:
    """The names of the secrets that have a value in these tables."""
    return frozenset(name for name in secret_fields(model) if _has_value(given, name.split(".")))


def with_secrets(model: type[BaseModel], given: Mapping[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
    """The tables with these secrets merged in; a secret whose inner table is missing is left out."""
    tables = dict(given)
    for name in secret_fields(model):
        table, dot, inner = name.rpartition(".")
        if name not in secrets:
            continue
        if not dot:
            tables[name] = secrets[name]
        elif isinstance(tables.get(table), Mapping):
            tables[table] = {**tables[table], inner: secrets[name]}
    return tables


def _fields(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, info in model.model_fields.items():
        for part in _annotation_parts(info.annotation):
            if part in (SecretStr, SecretBytes):
                yield f"{prefix}{name}"
            elif not prefix and isinstance(part, type) and issubclass(part, BaseModel):
                yield from _fields(part, f"{name}.")


def _annotation_parts(annotation: Any) -> Iterator[Any]:  # noqa: ANN401 - any annotation
    yield annotation
    for part in get_args(annotation):
        yield from _annotation_parts(part)


def _has_value(tables: Mapping[str, Any], path: list[str]) -> bool:
    value: Any = tables
    for name in path:
        if not isinstance(value, Mapping) or value.get(name) is None:
            return False
        value = value[name]
    return True
