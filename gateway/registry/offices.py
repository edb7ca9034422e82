"""The offices of a live system: their tables from files and variables, and the settings built from them."""

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
    """The settings of one office in files and variables, which may include secrets."""

    spec: AdapterSpec[Any]
    id: str | None
    title: Text | None
    given: Mapping[str, Any] = field(repr=False)

    @property
    def name(self) -> str:
        """The name of the office in operators' commands."""
        return office_name(self.spec.id, self.id)

    @property
    def where(self) -> str:
        """The file and office, for messages."""
        return f"systems/{self.spec.id}.toml" + (f", office {self.id}" if self.id else "")

    def secrets_outside_vault(self, secrets: Secrets) -> frozenset[str]:
        """The secrets that come from files and variables, since the vault has none."""
        return given_secrets(self.spec.settings, self.given) - secrets.of(self.spec.id, self.id).keys()

    def settings(self, secrets: Secrets) -> OfficeSettings:
        """The settings, with the vault's secrets. Raises `RegistryError` with one sentence, without any value."""
        misplaced = min(self.secrets_outside_vault(secrets), default=None)
        if misplaced is not None and not secrets.may_be_outside(self.spec.id, self.id):
            raise RegistryError(
                f"{self.where}: {misplaced}: a secret belongs in the vault: "
                f"run gerbang secret set {self.name} {misplaced}, "
                f"or name {self.spec.id} in GERBANG_SECRETS_OUTSIDE_VAULT."
            )
        try:
            return self._build(secrets.of(self.spec.id, self.id))
        except ValidationError as error:
            raise RegistryError(f"{self.where}: {first_error(error)}.") from None

    def flaw(self, secrets: Secrets, name: str) -> str | None:
        """The error in this one secret, whatever other errors there are; None if it is valid."""
        try:
            self._build(secrets.of(self.spec.id, self.id))
        except ValidationError as error:
            found = error.errors(include_input=False, include_url=False)
            return next((one["msg"] for one in found if ".".join(map(str, one["loc"])) == name), None)
        return None

    def _build(self, held: Mapping[str, str]) -> OfficeSettings:
        settings: OfficeSettings = self.spec.settings.model_validate(with_secrets(self.spec.settings, self.given, held))
        return settings


@dataclass(slots=True, eq=False)
class Office:
    """One office of a live system; `id` and `title` are None for a system without offices.

    `settings` are replaced as a whole when a secret changes while the gateway serves: read them again for each
    question. `table` is their source, None where the settings were given directly.
    """

    id: str | None
    title: Text | None
    settings: OfficeSettings
    table: OfficeTable | None = None


def office_tables(spec: AdapterSpec[Any], tables: Iterable[Mapping[str, Any]]) -> tuple[OfficeTable, ...]:
    """The tables of a system's file, merged with variables. Raises `RegistryError`."""
    offices = tuple(_table(spec, dict(table)) for table in tables)
    if not offices:
        raise RegistryError(f"systems/{spec.id}.toml: at least one [[offices]] is needed.")
    if len(offices) > 1 and any(office.id is None for office in offices):
        raise RegistryError(f"systems/{spec.id}.toml: each of several offices needs an id.")
    return offices


def build_office(table: OfficeTable, secrets: Secrets) -> Office:
    """Build the office with its settings."""
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
