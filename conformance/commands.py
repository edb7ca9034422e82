"""Commands that a simulator should take, made of what the same system tells: no author writes them down."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel

from conformance.exploration import Explored
from schemas.application import Application, SubmitApplication, SupplementApplication, WithdrawApplication
from schemas.complaint import Complaint, SubmitComplaint
from schemas.consultation import Consultation, Contribute
from schemas.facility import Queue
from schemas.health import BookAppointment, CancelAppointment
from schemas.planning import Proposal, SubmitProposal
from schemas.programme import Enrol, Enrolment, Programme
from schemas.service import Service, ServiceStatus

_PURPOSE: Final = "Uji kesesuaian adaptor"
_NAME: Final = "WARGA UJI"
_NO_SUCH: Final = "no-such-code"
_MOST: Final = 6


@dataclass(frozen=True, slots=True)
class Known:
    """The bodies that a system was seen to hold."""

    bodies: tuple[BaseModel, ...]

    @classmethod
    def of(cls, explored: tuple[Explored, ...]) -> "Known":
        """Everything that was found by exploring."""
        return cls(tuple(body for one in explored for body in one.outcome.bodies))


def _submit_application(known: Known) -> Iterator[SubmitApplication]:
    """For each service that is offered, at the kelurahan of the first application that names one."""
    region = next(
        (body.region.code for body in known.bodies if isinstance(body, Application) and body.region is not None), None
    )
    for body in known.bodies:
        if region is not None and isinstance(body, Service) and body.status is ServiceStatus.ACTIVE:
            yield SubmitApplication(service=body.code, region=region, purpose=_PURPOSE)


def _submit_complaint(known: Known) -> Iterator[SubmitComplaint]:
    """For each category and kelurahan of a complaint that is known."""
    for body in known.bodies:
        if isinstance(body, Complaint) and body.category is not None and body.region is not None:
            yield SubmitComplaint(text=_PURPOSE, category=body.category.code, region=body.region.code)


def _submit_proposal(known: Known) -> Iterator[SubmitProposal]:
    """For the year and kelurahan of each proposal that is known, the latest year first."""
    proposals = [body for body in known.bodies if isinstance(body, Proposal) and body.region is not None]
    for body in sorted(proposals, key=lambda body: -body.year):
        region = body.region.code if body.region else ""
        yield SubmitProposal(year=body.year, problem=_PURPOSE, title=_PURPOSE, region=region)


def _contribute(known: Known) -> Iterator[Contribute]:
    """For each consultation that takes contributions."""
    for body in known.bodies:
        if isinstance(body, Consultation) and body.open:
            yield Contribute(consultation=body.code, text=_PURPOSE)


def _book_appointment(known: Known) -> Iterator[BookAppointment]:
    """For each clinic of each facility that is known, the day after tomorrow of its queue."""
    for body in known.bodies:
        if isinstance(body, Queue):
            yield BookAppointment(
                facility_key=body.facility_key, clinic=body.clinic.code, on=body.on + timedelta(days=2)
            )


def _enrol(known: Known) -> Iterator[Enrol]:
    """For each programme that is known, the latest first, in the kelurahan of the first enrolment that names one."""
    region = next((body.region.code for body in known.bodies if isinstance(body, Enrolment) and body.region), None)
    programmes = [body for body in known.bodies if isinstance(body, Programme)]
    for body in sorted(programmes, key=lambda body: -body.year):
        if region is not None:
            yield Enrol(agency=body.agency, year=body.year, region=region, name=_NAME, activity=_PURPOSE)


MAKERS: Final[Mapping[type[BaseModel], Callable[[Known], Iterator[Any]]]] = MappingProxyType(
    {
        BookAppointment: _book_appointment,
        Contribute: _contribute,
        Enrol: _enrol,
        SubmitApplication: _submit_application,
        SubmitComplaint: _submit_complaint,
        SubmitProposal: _submit_proposal,
    }
)
"""How a command of the canonical schema is made: one line for each."""

FOLLOWS: Final[Mapping[type[BaseModel], tuple[type[BaseModel], Callable[[str], Any]]]] = MappingProxyType(
    {
        CancelAppointment: (BookAppointment, lambda key: CancelAppointment(appointment_key=key)),
        SupplementApplication: (
            SubmitApplication,
            lambda key: SupplementApplication(application_key=key, note=_PURPOSE),
        ),
        WithdrawApplication: (SubmitApplication, lambda key: WithdrawApplication(application_key=key, reason=_PURPOSE)),
    }
)
"""Commands that need something that another one has stored: which one, and what is made of its key."""

WRONG: Final[Mapping[type[BaseModel], tuple[str, ...]]] = MappingProxyType(
    {
        BookAppointment: ("facility_key", "clinic"),
        CancelAppointment: ("appointment_key",),
        Contribute: ("consultation",),
        Enrol: ("agency", "region"),
        SubmitApplication: ("service", "region"),
        SubmitComplaint: ("category", "region"),
        SubmitProposal: ("region",),
        SupplementApplication: ("application_key",),
        WithdrawApplication: ("application_key",),
    }
)
"""The fields of a command that hold codes, of which a system refuses those that it does not know."""


def makeable(command: type[BaseModel], known: Known) -> list[Any]:
    """A few commands of this type that a system should take; none when the suite does not know how to make one."""
    maker = MAKERS.get(command)
    made = [] if maker is None else list(maker(known))
    return made[:_MOST]


def refusable(command: BaseModel) -> Iterator[tuple[str, Any]]:
    """The same command with one code that nobody knows, for each of its codes; and that field's name."""
    for name in WRONG.get(type(command), ()):
        yield name, command.model_copy(update={name: _NO_SUCH})
