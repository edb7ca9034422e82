"""The agencies, from `agencies.toml`, joined with the systems that each owns."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.registry.registry import Registry
from gateway.registry.system_files import RegistryError, first_error, read_toml
from schemas.agency import Agency, AgencyKind
from schemas.texts import Text


class _AgencyEntry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    name: Text
    abbreviation: str | None = None
    kind: AgencyKind = AgencyKind.AGENCY


class _AgenciesFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    agencies: tuple[_AgencyEntry, ...]


def load_agencies(path: Path, registry: Registry) -> Mapping[str, Agency]:
    """Load every agency by its id. Raises `RegistryError` for a system of an unknown agency."""
    try:
        entries = _AgenciesFile.model_validate(read_toml(path)).agencies
    except ValidationError as error:
        raise RegistryError(f"The settings file {path} is not right: {first_error(error)}.") from None
    owned: dict[str, list[str]] = {entry.id: [] for entry in entries}
    if len(owned) < len(entries):
        raise RegistryError(f"The settings file {path} is not right: two agencies have the same id.")
    for live in registry:
        if live.spec.agency not in owned:
            raise RegistryError(
                f"The system {live.spec.id} belongs to the agency {live.spec.agency}, unknown in {path}."
            )
        owned[live.spec.agency].append(live.spec.id)
    return {
        entry.id: Agency(
            id=entry.id,
            name=entry.name,
            abbreviation=entry.abbreviation,
            kind=entry.kind,
            systems=tuple(owned[entry.id]),
        )
        for entry in entries
    }
