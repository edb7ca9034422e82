"""The parts that the five simulators have in common: faults, JSON requests, and the people with records."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from starlette.requests import Request

from simulators.faults import GENERIC, FaultKind
from simulators.people import DEMONSTRATION, Person
from simulators.spec import Settings, SimulatorSpec

Row = Mapping[str, Any]

RESIDENT, OTHER = DEMONSTRATION["resident"], DEMONSTRATION["resident-damaged"]
"""The two people with records."""


def specification(
    system: str, settings: Callable[[str | None, str, Path], Settings], *, session: bool = False
) -> SimulatorSpec:
    """Return the specification of a system without writes; `session` states whether it has a login."""
    no_session = "every request contains the credentials: this system has no login and no session"
    of_sessions = frozenset({FaultKind.SESSION_EXPIRED}) if session else frozenset()
    return SimulatorSpec(
        id=system,
        faults=GENERIC | of_sessions,
        why_not={
            FaultKind.LOGIN: no_session,
            FaultKind.SESSION_EXPIRED: no_session,
            FaultKind.QUOTA: "the agency grants no quota",
            FaultKind.CLOCK_SKEW: "requests contain no time, so a wrong clock has no effect",
        },
        settings=settings,
    )


async def asked_fields(request: Request) -> dict[str, str]:
    """Return the texts in the JSON object of a request; an empty dictionary for anything else."""
    try:
        asked = json.loads(await request.body())
    except ValueError:
        return {}
    return {name: value for name, value in asked.items() if isinstance(value, str)} if isinstance(asked, dict) else {}


def rows_of(rows: Sequence[Row], column: str, nik: str | None) -> list[Row]:
    """Return the rows whose column has this NIK."""
    return [row for row in rows if nik and str(row[column]) == nik]


def named(person: Person) -> str:
    """Return the name as these systems write it."""
    return person.name.upper()
