"""Every resource of the canonical schema by name, and the generic resources with their profiles."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from schemas.application import APPLICATION
from schemas.bill import BILL
from schemas.booking import BOOKING
from schemas.case import CASE
from schemas.complaint import COMPLAINT
from schemas.consultation import CONSULTATION
from schemas.enterprise import ENTERPRISE
from schemas.entitlement import ENTITLEMENT
from schemas.facility import FACILITY, PLACE, QUEUE
from schemas.health import APPOINTMENT, VISIT
from schemas.notice import NOTICE
from schemas.planning import PLAN, PROPOSAL
from schemas.programme import ENROLMENT, PROGRAMME
from schemas.resident import RESIDENT
from schemas.resources import Resource
from schemas.service import SERVICE
from schemas.traffic import CAMERA, CONDITION, INCIDENT
from schemas.transit import DEPARTURE, ROUTE, STOP, VEHICLE

RESOURCES: Final[Mapping[str, Resource[Any, Any]]] = MappingProxyType(
    {
        resource.name: resource
        for resource in (
            *(APPLICATION, APPOINTMENT, BILL, BOOKING, CAMERA, CASE, COMPLAINT, CONDITION, CONSULTATION, DEPARTURE),
            *(ENROLMENT, ENTERPRISE, ENTITLEMENT, FACILITY, INCIDENT, NOTICE, PLACE, PLAN, PROGRAMME, PROPOSAL, QUEUE),
            *(RESIDENT, ROUTE, SERVICE, STOP, VEHICLE, VISIT),
        )
    }
)


def family_of(generic: Resource[Any, Any]) -> tuple[Resource[Any, Any], ...]:
    """Return a generic resource and its profiles: the resources whose records its lists contain."""
    return (generic, *(resource for resource in RESOURCES.values() if resource.generic is generic))
