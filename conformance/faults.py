"""Faults of the simulator: each must end in time with the matching error, and must have no effect afterwards."""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.contract import FileOfficeSettings, SqlOfficeSettings
from conformance.check_context import WITHIN, CheckContext
from conformance.damages.answers import ANY_ERROR, MALFORMED_OR_UNAVAILABLE, TIMED_OUT, UNAVAILABLE, UNUSABLE
from conformance.damages.verdicts import Allowed, violations_of
from conformance.exploration import ExploredQuestion, best_office
from conformance.outcomes import Outcome
from conformance.rules import Violations
from conformance.simulator_process import SimulatorOffice

_SHORT_TIMEOUT: Final = 0.3
_TIMEOUT: Final = 6.0
_SLOW_FAULTS: Final = frozenset({"slow", "hang", "drip"})
_NONE: Final = "none"
_ANYTHING: Final = Allowed(errors=ANY_ERROR, survives=True, changes=True)

_ALLOWED: Final[Mapping[str, Allowed]] = MappingProxyType(
    {
        "slow": Allowed(errors=TIMED_OUT),
        "hang": Allowed(errors=TIMED_OUT),
        "drip": Allowed(errors=TIMED_OUT | MALFORMED_OR_UNAVAILABLE),
        "reset": Allowed(errors=UNAVAILABLE),
        "500": Allowed(errors=UNAVAILABLE),
        "html": Allowed(errors=UNUSABLE),
        "login": Allowed(errors=UNUSABLE, survives=True),
        "malformed": Allowed(errors=ANY_ERROR, survives=True),
        "oversized": Allowed(errors=MALFORMED_OR_UNAVAILABLE),
        "rate-limited": Allowed(errors=UNAVAILABLE),
        "quota": Allowed(errors=UNAVAILABLE, survives=True),
        "redirect": Allowed(errors=ANY_ERROR),
        "clock-skew": _ANYTHING,
        "session-expired": Allowed(errors=frozenset(), survives=True),
    }
)
"""The allowed results of each fault of a networked system. A fault that is not listed may raise any `AdapterError`."""


async def faults(context: CheckContext) -> str:
    """Switch on each supported fault, ask every question, and ask again when the fault is off."""
    office, questions = best_office(await context.explored())
    kinds = [kind for kind in (await office.call_control("GET", "/status"))["supported_faults"] if kind != _NONE]
    violations = Violations()
    try:
        for kind in kinds:
            await _check_fault(context, office, questions, kind, violations)
    finally:
        await office.call_control("PUT", "/fault", {"kind": _NONE})
    return violations.finish(f"{', '.join(kinds)}; {len(questions)} questions")


async def _check_fault(
    context: CheckContext,
    office: SimulatorOffice,
    questions: tuple[ExploredQuestion, ...],
    kind: str,
    violations: Violations,
) -> None:
    allowed = _allowed(office, kind)
    within = _SHORT_TIMEOUT if kind in _SLOW_FAULTS else _TIMEOUT
    await office.call_control("PUT", "/fault", {"kind": kind})
    if kind in _SLOW_FAULTS:
        outcomes = await asyncio.gather(*(_ask(context, office, one, within) for one in questions))
    else:
        outcomes = [await _ask(context, office, one, within) for one in questions]
    for one, outcome in zip(questions, outcomes, strict=True):
        wrong = violations_of(one.question.kind, allowed, one.outcome, outcome)
        violations.extend(f"{one.question.name}, {kind}: {violation}" for violation in wrong)
        violations.require(
            outcome.seconds < within + 3.0, f"{one.question.name}, {kind}: continues long after the deadline"
        )
    await office.call_control("PUT", "/fault", {"kind": _NONE})
    after = await _ask(context, office, questions[0], WITHIN)
    violations.require(after.error is None, f"{questions[0].question.name}: does not recover when {kind} is over")


async def _ask(context: CheckContext, office: SimulatorOffice, one: ExploredQuestion, within: float) -> Outcome:
    async with context.route(office) as route:
        return await context.ask(one.question, route, within)


def _allowed(office: SimulatorOffice, kind: str) -> Allowed:
    """Return the allowed results of a fault.

    Files and databases are damaged in place, and some questions do not read the damaged part.
    """
    if isinstance(office.settings, FileOfficeSettings | SqlOfficeSettings):
        return Allowed(errors=ANY_ERROR, survives=True, changes=True)
    return _ALLOWED.get(kind, _ANYTHING)
