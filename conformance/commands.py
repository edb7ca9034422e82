"""Commands that a twin should take, made of what the same system tells: no author writes them down."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel

from conformance.exploring import Explored
from schemas.application import Application, SubmitApplication
from schemas.service import Service, ServiceStatus

_PURPOSE: Final = "Uji kesesuaian adaptor"
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


MAKERS: Final[Mapping[type[BaseModel], Callable[[Known], Iterator[Any]]]] = MappingProxyType(
    {SubmitApplication: _submit_application}
)
"""How a command of the canonical schema is made: one line for each."""

WRONG: Final[Mapping[type[BaseModel], tuple[str, ...]]] = MappingProxyType({SubmitApplication: ("service", "region")})
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
