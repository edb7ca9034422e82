"""Faults of the simulator: each ends in time as an error of its own kind, and has no effect once it is over."""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.contract import FileOfficeSettings, SqlOfficeSettings
from conformance.check_context import WITHIN, CheckContext
from conformance.damages.answers import ANY, AWAY, BROKEN, LATE, UNFIT
from conformance.damages.verdicts import Allowed, flaws
from conformance.exploration import Explored, best_office
from conformance.outcomes import Outcome
from conformance.rules import Flaws
from conformance.simulator_process import SimulatorOffice

_HURRY: Final = 0.3
_PATIENCE: Final = 6.0
_HURRIED: Final = frozenset({"slow", "hang", "drip"})
_NONE: Final = "none"
_HARMLESS: Final = Allowed(errors=ANY, survives=True, changes=True)

_ALLOWED: Final[Mapping[str, Allowed]] = MappingProxyType(
    {
        "slow": Allowed(errors=LATE),
        "hang": Allowed(errors=LATE),
        "drip": Allowed(errors=LATE | BROKEN),
        "reset": Allowed(errors=AWAY),
        "500": Allowed(errors=AWAY),
        "html": Allowed(errors=UNFIT),
        "login": Allowed(errors=UNFIT, survives=True),
        "malformed": Allowed(errors=ANY, survives=True),
        "oversized": Allowed(errors=BROKEN),
        "rate-limited": Allowed(errors=AWAY),
        "quota": Allowed(errors=AWAY, survives=True),
        "redirect": Allowed(errors=ANY),
        "clock-skew": _HARMLESS,
        "session-expired": Allowed(errors=frozenset(), survives=True),
    }
)
"""What each fault of a system over a network may lead to; one that is not here may lead to anything of the tree."""


async def faults(context: CheckContext) -> str:
    """Put every fault on, ask, and ask once more when it is off."""
    office, questions = best_office(await context.explored())
    kinds = [kind for kind in (await office.tell("GET", "/status"))["supported_faults"] if kind != _NONE]
    found = Flaws()
    try:
        for kind in kinds:
            await _under(context, office, questions, kind, found)
    finally:
        await office.tell("PUT", "/fault", {"kind": _NONE})
    return found.settle(f"{', '.join(kinds)}; {len(questions)} questions")


async def _under(
    context: CheckContext, office: SimulatorOffice, questions: tuple[Explored, ...], kind: str, found: Flaws
) -> None:
    allowed = _allowed(office, kind)
    within = _HURRY if kind in _HURRIED else _PATIENCE
    await office.tell("PUT", "/fault", {"kind": kind})
    if kind in _HURRIED:
        outcomes = await asyncio.gather(*(_asked(context, office, one, within) for one in questions))
    else:
        outcomes = [await _asked(context, office, one, within) for one in questions]
    for one, outcome in zip(questions, outcomes, strict=True):
        wrong = flaws(one.question.kind, allowed, one.outcome, outcome)
        found.extend(f"{one.question.name}, {kind}: {flaw}" for flaw in wrong)
        found.unless(outcome.seconds < within + 3.0, f"{one.question.name}, {kind}: goes on long after the deadline")
    await office.tell("PUT", "/fault", {"kind": _NONE})
    after = await _asked(context, office, questions[0], WITHIN)
    found.unless(after.error is None, f"{questions[0].question.name}: does not answer again when {kind} is over")


async def _asked(context: CheckContext, office: SimulatorOffice, one: Explored, within: float) -> Outcome:
    async with context.way(office) as way:
        return await context.put(one.question, way, within)


def _allowed(office: SimulatorOffice, kind: str) -> Allowed:
    """Files and databases are damaged on the spot: some questions do not look at what was damaged."""
    if isinstance(office.settings, FileOfficeSettings | SqlOfficeSettings):
        return Allowed(errors=ANY, survives=True, changes=True)
    return _ALLOWED.get(kind, _HARMLESS)
