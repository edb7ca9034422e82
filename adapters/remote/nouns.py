"""Every resource and every command of the canonical schema, by name."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel

from schemas.application import APPLICATION, SubmitApplication, SupplementApplication, WithdrawApplication
from schemas.bill import BILL
from schemas.complaint import COMPLAINT, SubmitComplaint
from schemas.consultation import CONSULTATION, Contribute
from schemas.enterprise import ENTERPRISE
from schemas.facility import FACILITY, QUEUE
from schemas.health import APPOINTMENT, VISIT, BookAppointment, CancelAppointment
from schemas.planning import PLAN, PROPOSAL, SubmitProposal
from schemas.programme import ENROLMENT, PROGRAMME, Enrol
from schemas.resident import RESIDENT
from schemas.resources import Resource
from schemas.service import SERVICE
from schemas.traffic import CAMERA, CONDITION, INCIDENT
from schemas.transit import DEPARTURE, ROUTE, STOP, VEHICLE

RESOURCES: Final[Mapping[str, Resource[Any, Any]]] = MappingProxyType(
    {
        resource.name: resource
        for resource in (
            *(APPLICATION, APPOINTMENT, BILL, CAMERA, COMPLAINT, CONDITION, CONSULTATION, DEPARTURE, ENROLMENT),
            *(ENTERPRISE, FACILITY, INCIDENT, PLAN, PROGRAMME, PROPOSAL, QUEUE, RESIDENT, ROUTE, SERVICE, STOP),
            *(VEHICLE, VISIT),
        )
    }
)

COMMANDS: Final[Mapping[str, type[BaseModel]]] = MappingProxyType(
    {
        "book-appointment": BookAppointment,
        "cancel-appointment": CancelAppointment,
        "contribute": Contribute,
        "enrol": Enrol,
        "submit-application": SubmitApplication,
        "submit-complaint": SubmitComplaint,
        "submit-proposal": SubmitProposal,
        "supplement-application": SupplementApplication,
        "withdraw-application": WithdrawApplication,
    }
)
"""The commands by the name of their write."""
