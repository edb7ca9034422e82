"""Which settings of an office are secrets, and what the vault holds of them.

A secret is a setting of type `SecretStr`; one in an inner table is named with a dot, as `sftp.private_key`.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, get_args

from pydantic import BaseModel, SecretBytes, SecretStr

OfficeKey = tuple[str, str | None]
"""A system and its office, None for a system without offices."""

EVERYBODY: Final = "*"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What the vault holds, by office and setting; and whose secrets may stand in variables and files too.

    `elsewhere` names systems, or offices as `system/office`; None where that is left to everybody.
    """

    held: Mapping[OfficeKey, Mapping[str, str]] = field(default_factory=dict, repr=False)
    elsewhere: Collection[str] | None = None

    def of(self, system: str, office: str | None) -> Mapping[str, str]:
        """What it holds of one office."""
        return self.held.get((system, office), {})

    def may_stand_elsewhere(self, system: str, office: str | None) -> bool:
        """Whether a secret of this office is taken from a variable or a file."""
        names = {EVERYBODY, system, office_name(system, office)}
        return self.elsewhere is None or not names.isdisjoint(self.elsewhere)


NO_VAULT: Final = Secrets()
"""Nothing is held, and secrets come from wherever they stand: the demo, simulators, tests."""


def office_name(system: str, office: str | None) -> str:
    """An office as an operator writes it."""
    return f"{system}/{office}" if office else system


def secret_fields(model: type[BaseModel]) -> tuple[str, ...]:
    """The settings that hold a secret, in their order."""
    return tuple(_fields(model))


def given_secrets(model: type[BaseModel], given: Mapping[str, Any]) -> frozenset[str]:
    """Those of the secrets for which a value stands in these tables."""
    return frozenset(name for name in secret_fields(model) if _stands(given, name.split(".")))


def with_secrets(model: type[BaseModel], given: Mapping[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
    """The tables with these secrets in them, which win; one that has no place there is left out."""
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
        for part in _parts(info.annotation):
            if part in (SecretStr, SecretBytes):
                yield f"{prefix}{name}"
            elif not prefix and isinstance(part, type) and issubclass(part, BaseModel):
                yield from _fields(part, f"{name}.")


def _parts(annotation: Any) -> Iterator[Any]:  # noqa: ANN401 - any annotation
    yield annotation
    for part in get_args(annotation):
        yield from _parts(part)


def _stands(tables: Mapping[str, Any], path: list[str]) -> bool:
    value: Any = tables
    for name in path:
        if not isinstance(value, Mapping) or value.get(name) is None:
            return False
        value = value[name]
    return True
