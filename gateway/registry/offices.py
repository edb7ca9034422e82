"""The offices of a live system: their tables as they stand in files and variables, and the settings made of them."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from adapters.contract import AdapterSpec, OfficeSettings
from gateway.registry.office_secrets import Secrets, given_secrets, office_name, with_secrets
from gateway.registry.system_files import RegistryError, first_error
from schemas.texts import Text


@dataclass(frozen=True, slots=True)
class OfficeTable:
    """What is said of one office in files and variables. Secrets may be among it."""

    spec: AdapterSpec[Any]
    id: str | None
    title: Text | None
    given: Mapping[str, Any] = field(repr=False)

    @property
    def name(self) -> str:
        """The office as an operator writes it."""
        return office_name(self.spec.id, self.id)

    @property
    def where(self) -> str:
        """Where it is said."""
        return f"systems/{self.spec.id}.toml" + (f", office {self.id}" if self.id else "")

    def outside(self, secrets: Secrets) -> frozenset[str]:
        """The secrets that are taken from files and variables, since the vault has none."""
        return given_secrets(self.spec.settings, self.given) - secrets.of(self.spec.id, self.id).keys()

    def settings(self, secrets: Secrets) -> OfficeSettings:
        """The settings, with the vault's secrets in them; or `RegistryError` with one sentence, without any value."""
        astray = min(self.outside(secrets), default=None)
        if astray is not None and not secrets.may_stand_elsewhere(self.spec.id, self.id):
            raise RegistryError(
                f"{self.where}: {astray}: a secret stands in the vault: run gerbang secret set {self.name} {astray}, "
                f"or name {self.spec.id} in GERBANG_SECRETS_OUTSIDE_VAULT."
            )
        try:
            return self._made(secrets.of(self.spec.id, self.id))
        except ValidationError as error:
            raise RegistryError(f"{self.where}: {first_error(error)}.") from None

    def flaw(self, secrets: Secrets, name: str) -> str | None:
        """What is wrong with this one secret, whatever else is; None if nothing is."""
        try:
            self._made(secrets.of(self.spec.id, self.id))
        except ValidationError as error:
            found = error.errors(include_input=False, include_url=False)
            return next((one["msg"] for one in found if ".".join(map(str, one["loc"])) == name), None)
        return None

    def _made(self, held: Mapping[str, str]) -> OfficeSettings:
        made: OfficeSettings = self.spec.settings.model_validate(with_secrets(self.spec.settings, self.given, held))
        return made


@dataclass(slots=True, eq=False)
class Office:
    """One office of a live system; `id` and `title` are None for a system without offices.

    `settings` are replaced as a whole when a secret is changed while the gateway serves: read them anew for each
    question. `table` is what they are made of, None where they were given as they are.
    """

    id: str | None
    title: Text | None
    settings: OfficeSettings
    table: OfficeTable | None = None


def office_tables(spec: AdapterSpec[Any], tables: Iterable[Mapping[str, Any]]) -> tuple[OfficeTable, ...]:
    """The tables of a system's file, with what variables say; or `RegistryError`."""
    offices = tuple(_table(spec, dict(table)) for table in tables)
    if not offices:
        raise RegistryError(f"systems/{spec.id}.toml: at least one [[offices]] is needed.")
    if len(offices) > 1 and any(office.id is None for office in offices):
        raise RegistryError(f"systems/{spec.id}.toml: each of several offices needs an id.")
    return offices


def made_office(table: OfficeTable, secrets: Secrets) -> Office:
    """The office as it is asked."""
    return Office(table.id, table.title, table.settings(secrets), table)


def _table(spec: AdapterSpec[Any], table: dict[str, Any]) -> OfficeTable:
    office_id, title = table.pop("id", None), table.pop("title", None)
    given = {**table, **_variables(spec.id, office_id)}
    try:
        return OfficeTable(spec, office_id, Text.model_validate(title) if title is not None else None, given)
    except ValidationError:
        where = OfficeTable(spec, office_id, None, {}).where
        raise RegistryError(f"{where}: title: give it as {{ id = …, en = … }}.") from None


def _variables(system_id: str, office_id: str | None) -> dict[str, str]:
    """Settings of an office from `GERBANG_SYSTEM__<SYSTEM>[__<OFFICE>]__<SETTING>` variables."""
    parts = ["GERBANG_SYSTEM", system_id, *([office_id] if office_id else [])]
    prefix = "__".join(parts).replace("-", "_").upper() + "__"
    return {name[len(prefix) :].lower(): value for name, value in os.environ.items() if name.startswith(prefix)}
