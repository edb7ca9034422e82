"""Decides which requirements of a service a resident meets, from their own records; pure functions.

A record counts as missing only where every system that could have it has answered completely. A requirement that no
system records (a photograph, a letter on paper) is always missing: the resident has to bring it.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from schemas.envelope import OfficeSource
from schemas.identifiers import IdentifierScheme
from schemas.readiness import RequirementReadiness, RequirementState, Witness
from schemas.records import Record
from schemas.resident import RESIDENT, Resident
from schemas.resources import Resource
from schemas.service import Evidence, Requirement, Service


def _has(scheme: IdentifierScheme) -> Callable[[Resident], bool]:
    return lambda resident: any(number.scheme is scheme and number.exact for number in resident.identifiers)


EVIDENCE_RECORDS: Final[Mapping[Evidence, tuple[Resource[Any, Any], Callable[[Any], bool]]]] = MappingProxyType(
    {
        Evidence.IDENTITY_CARD: (RESIDENT, _has(IdentifierScheme.NIK)),
        Evidence.FAMILY_CARD: (RESIDENT, _has(IdentifierScheme.KK)),
    }
)
"""For each kind of evidence: the resource of the record that proves it, and the condition the record must meet."""


def resources_for(service: Service) -> tuple[Resource[Any, Any], ...]:
    """The resources whose records are needed to check the service's requirements."""
    wanted = (EVIDENCE_RECORDS[one.evidence][0] for one in service.requirements if one.evidence is not None)
    return tuple({resource.name: resource for resource in wanted}.values())


def check_requirement(
    requirement: Requirement, records: Mapping[str, tuple[Record[Any], ...]], sources: tuple[OfficeSource, ...]
) -> RequirementReadiness:
    """Check one requirement against the resident's own records and the states of the sources."""
    met_by: tuple[Witness, ...] = ()
    waits_for: tuple[Witness, ...] = ()
    if requirement.evidence is not None:
        resource, proves = EVIDENCE_RECORDS[requirement.evidence]
        met_by = tuple(_witness(resource, one) for one in records.get(resource.name, ()) if proves(one.body))
        waits_for = tuple(
            Witness(resource=resource.name, system=source.system, office=source.office)
            for source in sources
            if source.resource == resource.name and not source.answered_in_full
        )
    if met_by:
        state, waits_for = RequirementState.MET, ()
    else:
        state = RequirementState.UNKNOWABLE_NOW if waits_for else RequirementState.MISSING
    fields = {name: getattr(requirement, name) for name in Requirement.model_fields}
    return RequirementReadiness(**fields, state=state, met_by=met_by, waits_for=waits_for)


def _witness(resource: Resource[Any, Any], record: Record[Any]) -> Witness:
    provenance = record.provenance
    return Witness(resource=resource.name, system=provenance.system, office=provenance.office, id=record.id)
