"""Build commands that a simulator should accept from the records that the same system returned."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel

from conformance.exploration import ExploredQuestion
from schemas.application import Application, SubmitApplication, SupplementApplication, WithdrawApplication
from schemas.complaint import Complaint, SubmitComplaint
from schemas.consultation import Consultation, Contribute
from schemas.facility import Queue
from schemas.health import BookAppointment, CancelAppointment
from schemas.places import region_code
from schemas.planning import Proposal, SubmitProposal
from schemas.programme import Enrol, Enrolment, Programme
from schemas.service import Service, ServiceStatus

_PURPOSE: Final = "Uji kesesuaian adaptor"
_NAME: Final = "WARGA UJI"
_UNKNOWN_CODE: Final = "no-such-code"
_MAX_COMMANDS: Final = 6


@dataclass(frozen=True, slots=True)
class KnownBodies:
    """The canonical bodies that a system returned, each with its key."""

    keyed: tuple[tuple[str, BaseModel], ...]

    @classmethod
    def of(cls, explored: tuple[ExploredQuestion, ...]) -> "KnownBodies":
        """Collect the bodies of all explored questions."""
        outcomes = (one.outcome for one in explored if one.outcome.bodies)
        return cls(tuple(pair for outcome in outcomes for pair in zip(outcome.keys, outcome.bodies, strict=True)))

    @property
    def bodies(self) -> Iterator[BaseModel]:
        """The bodies without their keys."""
        return (body for _, body in self.keyed)


def _submit_application(known: KnownBodies) -> Iterator[SubmitApplication]:
    """One command per active service, for the kelurahan of the first application that names one."""
    regions = (region_code(body.location) for body in known.bodies if isinstance(body, Application))
    region = next(filter(None, regions), None)
    for body in known.bodies:
        if region is not None and isinstance(body, Service) and body.status is ServiceStatus.ACTIVE:
            yield SubmitApplication(kind=body.kind.code, region=region, text=_PURPOSE)


def _submit_complaint(known: KnownBodies) -> Iterator[SubmitComplaint]:
    """One command per category and kelurahan of a known complaint."""
    for body in known.bodies:
        if isinstance(body, Complaint) and body.kind is not None and region_code(body.location) is not None:
            yield SubmitComplaint(text=_PURPOSE, kind=body.kind.code, region=region_code(body.location))


def _submit_proposal(known: KnownBodies) -> Iterator[SubmitProposal]:
    """One command per year and kelurahan of a known proposal, the latest year first."""
    proposals = [body for body in known.bodies if isinstance(body, Proposal)]
    for body in sorted(proposals, key=lambda body: -body.year):
        region = region_code(body.location)
        if region is not None:
            yield SubmitProposal(year=body.year, text=_PURPOSE, title=_PURPOSE, region=region)


def _contribute(known: KnownBodies) -> Iterator[Contribute]:
    """One command per open consultation."""
    for key, body in known.keyed:
        if isinstance(body, Consultation) and body.accepts_contributions:
            yield Contribute(consultation_key=key, text=_PURPOSE)


def _book_appointment(known: KnownBodies) -> Iterator[BookAppointment]:
    """One command per clinic of each known facility, two days after the date of its queue."""
    for body in known.bodies:
        if isinstance(body, Queue):
            yield BookAppointment(
                facility_key=body.facility.id or "", clinic=body.clinic.code, day=body.day + timedelta(days=2)
            )


def _enrol(known: KnownBodies) -> Iterator[Enrol]:
    """One command per known programme, the latest first, for the kelurahan of the first enrolment that names one."""
    regions = (region_code(body.location) for body in known.bodies if isinstance(body, Enrolment))
    region = next(filter(None, regions), None)
    programmes = [body for body in known.bodies if isinstance(body, Programme)]
    for body in sorted(programmes, key=lambda body: -body.year):
        if region is not None and body.agency.id is not None:
            yield Enrol(agency=body.agency.id, year=body.year, region=region, name=_NAME, activity=_PURPOSE)


COMMAND_BUILDERS: Final[Mapping[type[BaseModel], Callable[[KnownBodies], Iterator[Any]]]] = MappingProxyType(
    {
        BookAppointment: _book_appointment,
        Contribute: _contribute,
        Enrol: _enrol,
        SubmitApplication: _submit_application,
        SubmitComplaint: _submit_complaint,
        SubmitProposal: _submit_proposal,
    }
)
"""Builds the commands of each type of the canonical schema."""

FOLLOW_UPS: Final[Mapping[type[BaseModel], tuple[type[BaseModel], Callable[[str], Any]]]] = MappingProxyType(
    {
        CancelAppointment: (BookAppointment, lambda key: CancelAppointment(appointment_key=key)),
        SupplementApplication: (
            SubmitApplication,
            lambda key: SupplementApplication(application_key=key, note=_PURPOSE),
        ),
        WithdrawApplication: (SubmitApplication, lambda key: WithdrawApplication(application_key=key, reason=_PURPOSE)),
    }
)
"""Commands that need a stored record: the command that stores it, and how to build the follow-up from its key."""

CODE_FIELDS: Final[Mapping[type[BaseModel], tuple[str, ...]]] = MappingProxyType(
    {
        BookAppointment: ("facility_key", "clinic"),
        CancelAppointment: ("appointment_key",),
        Contribute: ("consultation_key",),
        Enrol: ("agency", "region"),
        SubmitApplication: ("kind", "region"),
        SubmitComplaint: ("kind", "region"),
        SubmitProposal: ("region",),
        SupplementApplication: ("application_key",),
        WithdrawApplication: ("application_key",),
    }
)
"""The fields of a command that contain codes. A system refuses unknown codes."""


def commands_for(command: type[BaseModel], known: KnownBodies) -> list[Any]:
    """Return a few commands of this type that a system should accept; none if the suite cannot build any."""
    builder = COMMAND_BUILDERS.get(command)
    commands = [] if builder is None else list(builder(known))
    return commands[:_MAX_COMMANDS]


def commands_with_unknown_code(command: BaseModel) -> Iterator[tuple[str, Any]]:
    """Yield each code field's name, and the command with an unknown code in that field."""
    for name in CODE_FIELDS.get(type(command), ()):
        yield name, command.model_copy(update={name: _UNKNOWN_CODE})
