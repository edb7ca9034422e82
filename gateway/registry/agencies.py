"""The agencies, from `agencies.toml`, and the references to them in records."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from gateway.registry.registry import Registry
from gateway.registry.system_files import RegistryError, first_error, read_toml
from schemas.agency import Agency, AgencyKind
from schemas.folding import folded
from schemas.places import Region, RegionLevel, RegionReference, regions
from schemas.references import AgencyReference
from schemas.texts import Text

_ID: Final = re.compile(r"[a-z][a-z0-9-]*", re.ASCII)
_NAMES: Final = 1024
"""Names whose agency, or that they have none, is remembered."""


class _AgenciesFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    agencies: tuple[Agency, ...]


class Agencies(Mapping[str, Agency]):
    """The agencies by id. An agency is found by its name, its abbreviation and its other names too.

    `regions` are all regions of the city, each with its office.
    """

    def __init__(self, agencies: tuple[Agency, ...]) -> None:
        self._by_id = {agency.id: agency for agency in agencies}
        self._by_name = {folded(name): agency for agency in agencies for name in names_of(agency)}
        self._references = {agency.id: agency.reference() for agency in self._by_id.values()}
        # Systems write few names, and folding one takes longer than the rest of its record's references.
        self._named = lru_cache(_NAMES)(self._find_by_name)
        offices = {agency.region.code: agency.reference() for agency in agencies if agency.region}
        self.regions = tuple(
            region.model_copy(update={"office": offices.get(region.code)}) for region in regions().values()
        )

    def __getitem__(self, agency_id: str) -> Agency:
        return self._by_id[agency_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)

    def complete(self, reference: AgencyReference) -> AgencyReference:
        """Return the id and the name of the agency that a reference names by either; others stay as they are."""
        if reference.id is not None:
            return self._references.get(reference.id, reference)
        return (self._named(reference.name.id) if reference.name else None) or reference

    def _find_by_name(self, name: str) -> AgencyReference | None:
        agency = self._by_name.get(folded(name))
        return self._references[agency.id] if agency else None


def names_of(agency: Agency) -> Iterator[str]:
    """Yield every name of an agency."""
    yield agency.name.id
    if agency.abbreviation is not None:
        yield agency.abbreviation
    yield from agency.other_names


def load_agencies(path: Path, registry: Registry) -> Agencies:
    """Load every agency. Raises `RegistryError` for a system of an unknown agency, and for an ambiguous id or name."""
    try:
        entries = _AgenciesFile.model_validate(read_toml(path)).agencies
    except ValidationError as error:
        raise RegistryError(f"The settings file {path} is not right: {first_error(error)}.") from None
    fault = next(_faults(entries), None)
    if fault is not None:
        raise RegistryError(f"The settings file {path} is not right: {fault}.")
    agencies = Agencies((*entries, *_region_offices(entries)))
    for live in registry:
        if live.spec.agency not in agencies:
            raise RegistryError(
                f"The system {live.spec.id} belongs to the agency {live.spec.agency}, unknown in {path}."
            )
    return agencies


def _region_offices(entries: tuple[Agency, ...]) -> Iterator[Agency]:
    """Yield the office of every kecamatan and kelurahan, except of those that the file lists itself."""
    listed = {entry.region.code for entry in entries if entry.region}
    for region in regions().values():
        if region.level is not RegionLevel.CITY and region.code not in listed:
            yield _office_of(region)


def _office_of(region: Region) -> Agency:
    kecamatan = region.level is RegionLevel.KECAMATAN
    above = None if kecamatan or region.parent is None else regions()[region.parent.code]
    name = f"{region.level.text.id} {region.name}"
    return Agency(
        id="-".join((region.level.value, *region.name.lower().split())),
        name=Text(id=name, en=name),
        kind=AgencyKind.KECAMATAN if kecamatan else AgencyKind.KELURAHAN,
        parent=_office_of(above).reference() if above else None,
        region=RegionReference(code=region.code, name=region.name),
    )


def _faults(entries: tuple[Agency, ...]) -> Iterator[str]:
    if len({entry.id for entry in entries}) < len(entries):
        yield "two agencies have the same id"
    if not all(_ID.fullmatch(entry.id) for entry in entries):
        yield "an id has only small letters, digits and hyphens"
    names: dict[tuple[str, ...], str] = {}
    for entry in entries:
        for name in names_of(entry):
            if names.setdefault(folded(name), entry.id) != entry.id:
                yield f"two agencies have the name {name}"
