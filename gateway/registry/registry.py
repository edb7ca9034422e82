"""The registry: every live system with its adapter's table and its offices' settings, checked when it is loaded."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from adapters.contract import AdapterSpec, Reads
from gateway.registry.builtin import BUILTIN
from gateway.registry.installed import (
    BrokenAdapterError,
    installed_adapters,
    load_checked,
    load_installed,
    refuse_clash,
)
from gateway.registry.office_secrets import NO_VAULT, Secrets
from gateway.registry.offices import Office, OfficeTable, build_office, office_tables
from gateway.registry.remote_grants import granted_spec
from gateway.registry.system_files import RegistryError, first_error, read_systems
from schemas.texts import Text

DescribedSystem = tuple[AdapterSpec[Any], tuple[OfficeTable, ...]]
"""A system's adapter, and the tables of its offices."""

_LOG = logging.getLogger(__name__)


class SystemKind(StrEnum):
    """The location of an adapter: in the tree, in a distribution, or in a service that speaks the adapter protocol."""

    BUILT_IN = "built-in"
    INSTALLED = "installed"
    REMOTE = "remote"


class SystemEntry(BaseModel):
    """The `[system]` table of a system's file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(description="The system's id, equal to the file's name")
    live: bool = Field(default=True, description="Whether the gateway uses this system")
    kind: SystemKind = Field(
        default=SystemKind.BUILT_IN, description="Location of its adapter; the rows of a remote one are in [adapter]"
    )
    optional: bool = Field(
        default=False, description="Whether the gateway serves the other systems when this adapter cannot be loaded"
    )


@dataclass(frozen=True, slots=True)
class LiveSystem:
    """A system in use. `unproven`: rows that its level does not allow; `digest`: of its code."""

    spec: AdapterSpec[Any]
    offices: tuple[Office, ...]
    unproven: tuple[str, ...] = ()
    digest: str | None = None

    def reads(self, resource: str) -> Reads[Any, Any, Any, Any, Any] | None:
        """The row for queries about a resource: the live one if there is one, else the fed one."""
        rows = [row for row in self.spec.reads if row.resource.name == resource]
        return next((row for row in rows if row.ask is not None), rows[0] if rows else None)

    def office(self, office_id: str | None) -> Office | None:
        """The office with this id."""
        return next((office for office in self.offices if office.id == office_id), None)


ReadingOffice = tuple[LiveSystem, Office, Reads[Any, Any, Any, Any, Any]]
"""An office, its system, and the row by which it answers for a resource."""


@dataclass(frozen=True, slots=True)
class FailedSystem:
    """An optional system whose adapter could not be loaded. It is not called; `reason` is public."""

    id: str
    reason: Text


class Registry:
    """The live systems, in the order of their ids; `failed` are optional systems whose adapters could not be loaded."""

    def __init__(self, systems: Iterable[LiveSystem], failed: Iterable[FailedSystem] = ()) -> None:
        self.failed: Mapping[str, FailedSystem] = {system.id: system for system in failed}
        self._systems: Mapping[str, LiveSystem] = {
            live.spec.id: live for live in sorted(systems, key=lambda live: live.spec.id)
        }
        self._reading: dict[str, tuple[ReadingOffice, ...]] = {}

    def __iter__(self) -> Iterator[LiveSystem]:
        return iter(self._systems.values())

    def get(self, system_id: str) -> LiveSystem | None:
        """The live system with this id."""
        return self._systems.get(system_id)

    def title(self, system_id: str, office_id: str | None = None) -> Text:
        """The title of a system, or of one of its offices; its id if it has none."""
        live = self.get(system_id)
        if office_id is None:
            return live.spec.title if live else Text(id=system_id)
        office = live.office(office_id) if live else None
        return (office.title if office else None) or Text(id=office_id)

    def reading(self, resource: str) -> tuple[ReadingOffice, ...]:
        """Every office of every system that answers for a resource, with the row that does. Found once."""
        if resource not in self._reading:
            self._reading[resource] = tuple(
                (live, office, row)
                for live in self
                if (row := live.reads(resource)) is not None
                for office in live.offices
            )
        return self._reading[resource]

    def offices_reading(self, resource: str) -> Iterator[tuple[str, str | None]]:
        """The system and the office of each that answers for a resource."""
        return ((live.spec.id, office.id) for live, office, _row in self.reading(resource))


def load_registry(
    folders: Iterable[Path],
    builtin: Mapping[str, str] = BUILTIN,
    installed: Callable[[], Iterable[EntryPoint]] = installed_adapters,
    *,
    only: str | None = None,
    secrets: Secrets = NO_VAULT,
) -> Registry:
    """Load and check every system's file, or that of one system. Raises `RegistryError` with one sentence."""
    described, failed = describe_systems(folders, builtin, installed, only=only)
    return Registry(
        (LiveSystem(spec, tuple(build_office(table, secrets) for table in tables)) for spec, tables in described),
        failed,
    )


def describe_systems(
    folders: Iterable[Path],
    builtin: Mapping[str, str] = BUILTIN,
    installed: Callable[[], Iterable[EntryPoint]] = installed_adapters,
    *,
    only: str | None = None,
    suspended: bool = False,
) -> tuple[list[DescribedSystem], list[FailedSystem]]:
    """Every live system with the tables of its offices, without building their settings; and the failed systems.

    `suspended`: include systems that are not live. Raises `RegistryError` with one sentence.
    """
    described: list[DescribedSystem] = []
    failed: list[FailedSystem] = []
    entries = tuple(installed())
    for system_id, table in read_systems(folders).items():
        if only not in (None, system_id):
            continue
        entry = _entry(system_id, table)
        if not (entry.live or suspended):
            continue
        try:
            spec = _spec(entry, table["adapter"], builtin, entries)
        except BrokenAdapterError as error:
            if not entry.optional:
                raise
            _LOG.warning("optional system not served", extra={"system": system_id, "reason": str(error)})
            failed.append(FailedSystem(system_id, error.reason))
        else:
            described.append((spec, office_tables(spec, table["offices"])))
    return described, failed


def _entry(system_id: str, table: Mapping[str, Any]) -> SystemEntry:
    try:
        entry = SystemEntry.model_validate(table["system"] or {"id": system_id})
    except ValidationError as error:
        raise RegistryError(f"systems/{system_id}.toml: {first_error(error)}.") from None
    if entry.id != system_id:
        raise RegistryError(f"systems/{system_id}.toml: id must equal the file's name.")
    return entry


def _spec(
    entry: SystemEntry, granted: Mapping[str, Any], builtin: Mapping[str, str], entries: Iterable[EntryPoint]
) -> AdapterSpec[Any]:
    system_id = entry.id
    if entry.kind is SystemKind.REMOTE:
        return granted_spec(system_id, granted)
    if granted:
        raise RegistryError(f"systems/{system_id}.toml: [adapter] is for systems of the kind remote.")
    if entry.kind is SystemKind.INSTALLED:
        spec = load_installed(system_id, entries, builtin)
        if spec is None:
            raise BrokenAdapterError(
                f"systems/{system_id}.toml: no distribution that is installed has an adapter {system_id}.",
                Text(id="Adaptor tidak terpasang.", en="The adapter is not installed."),
            )
        return spec
    refuse_clash(system_id, entries, builtin)
    return _built_in(system_id, builtin)


def _built_in(system_id: str, builtin: Mapping[str, str]) -> AdapterSpec[Any]:
    module = builtin.get(system_id)
    if module is None:
        raise RegistryError(
            f"systems/{system_id}.toml: there is no adapter {system_id}; known are {', '.join(builtin)}."
        )
    return load_checked(f"The adapter {module}", system_id, lambda: import_module(module))
