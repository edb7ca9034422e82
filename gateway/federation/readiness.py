"""Which requirements of a service a resident meets, judged by their own records; pure functions.

That a record is missing is only said where every system that could have it has answered in full. A requirement that no
system can know of (a photograph, a letter on paper) is always missing: it has to be brought.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from schemas.envelope import Source, SourceState
from schemas.identifiers import IdentifierScheme
from schemas.readiness import RequirementReadiness, RequirementState, Witness
from schemas.records import Record
from schemas.resident import RESIDENT, Resident
from schemas.resources import Resource
from schemas.service import Evidence, Requirement, Service


def _has(scheme: IdentifierScheme) -> Callable[[Resident], bool]:
    return lambda resident: any(number.scheme is scheme and number.exact for number in resident.identifiers)


WITNESSES: Final[Mapping[Evidence, tuple[Resource[Any, Any], Callable[[Any], bool]]]] = MappingProxyType(
    {
        Evidence.IDENTITY_CARD: (RESIDENT, _has(IdentifierScheme.NIK)),
        Evidence.FAMILY_CARD: (RESIDENT, _has(IdentifierScheme.KK)),
    }
)
"""What shows each kind of evidence: a record of this resource for which this holds."""

_ANSWERED: Final = frozenset({SourceState.FRESH, SourceState.HELD})


def resources_for(service: Service) -> tuple[Resource[Any, Any], ...]:
    """The resources whose records are needed to judge the service's requirements."""
    wanted = (WITNESSES[one.evidence][0] for one in service.requirements if one.evidence is not None)
    return tuple({resource.name: resource for resource in wanted}.values())


def judge(
    requirement: Requirement, records: Mapping[str, tuple[Record[Any], ...]], sources: tuple[Source, ...]
) -> RequirementReadiness:
    """One requirement, by the resident's own records of each resource and what became of asking for them."""
    met_by: tuple[Witness, ...] = ()
    waits_for: tuple[Witness, ...] = ()
    if requirement.evidence is not None:
        resource, shows = WITNESSES[requirement.evidence]
        met_by = tuple(_witness(resource, one) for one in records.get(resource.name, ()) if shows(one.body))
        waits_for = tuple(
            Witness(resource=resource.name, system=source.system, office=source.office)
            for source in sources
            if source.resource == resource.name and not _knows(source)
        )
    if met_by:
        state, waits_for = RequirementState.MET, ()
    else:
        state = RequirementState.UNKNOWABLE_NOW if waits_for else RequirementState.MISSING
    said = {name: getattr(requirement, name) for name in Requirement.model_fields}
    return RequirementReadiness(**said, state=state, met_by=met_by, waits_for=waits_for)


def _knows(source: Source) -> bool:
    """Whether the absence of a record from this source means that there is none."""
    return source.state in _ANSWERED and not source.set_aside and not source.withheld


def _witness(resource: Resource[Any, Any], record: Record[Any]) -> Witness:
    came = record.provenance
    return Witness(resource=resource.name, system=came.system, office=came.office, id=record.id)
