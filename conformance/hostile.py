"""Hostile answers over HTTP: each damage at each place, and what the adapter makes of it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest
from typing import Final

from adapters.errors import UpstreamTimeoutError
from conformance.check_context import CheckContext
from conformance.damages.answers import ANY, AWAY, GROUPS, LATE, Damage, redirecting
from conformance.damages.verdicts import Allowed, flaws
from conformance.exploration import best_office
from conformance.memory import Peak
from conformance.outcomes import Known, Outcome
from conformance.proxy import Place, Proxy
from conformance.question_route import Keyring
from conformance.questions import Question
from conformance.rules import Flaws
from conformance.simulator_process import SimulatorOffice
from conformance.targets import Lane, Target, lanes

Attempt = tuple[Lane, Target, Damage]

WITHIN: Final = 10.0
PATIENCES: Final = (0.15, 0.6, 2.4)
"""Seconds for a question that hangs; the longer ones where its time ran out before it had come to what hangs."""

MOST_MEMORY: Final = 64_000_000
MOST_CPU: Final = 2.0
_LATE_BY: Final = 3.0


@dataclass(frozen=True, slots=True)
class Case:
    """One damage at one place, what came of it, and by how many bytes the process grew meanwhile.

    `within`: the seconds that it had. `done`: whether the answer could be damaged in this way at all.
    """

    target: Target
    damage: Damage
    outcome: Outcome
    within: float
    done: bool
    grown: int = 0

    @property
    def costly(self) -> bool:
        """Whether it took more of the processor or of memory than one answer may."""
        return self.outcome.cpu > MOST_CPU or self.grown > MOST_MEMORY


def group(name: str) -> Callable[[CheckContext], Awaitable[str]]:
    """The check of one group of damages."""
    return partial(_check, damages=GROUPS[name], alone=name == "bombs")


async def redirects(context: CheckContext) -> str:
    """A redirect to somewhere else is not followed: nobody comes there."""
    visitors = 0

    def visited(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal visitors
        visitors += 1
        writer.close()

    found = Flaws()
    elsewhere = await asyncio.start_server(visited, "127.0.0.1", 0)
    async with elsewhere:
        port = elsewhere.sockets[0].getsockname()[1]
        looked_at = await _judged(context, (redirecting(f"http://127.0.0.1:{port}/masuk"),), found)
    found.unless(not visitors, "a redirect to another origin was followed")
    return found.settle(looked_at)


async def _check(context: CheckContext, damages: tuple[Damage, ...], *, alone: bool) -> str:
    found = Flaws()
    return found.settle(await _judged(context, damages, found, alone=alone))


async def _judged(context: CheckContext, damages: tuple[Damage, ...], found: Flaws, *, alone: bool = False) -> str:
    cases = await attacked(context, damages, alone=alone)
    for case in cases:
        found.extend(f"{case.target.where}, {case.damage.id}: {flaw}" for flaw in _flaws(case))
    places = {(case.target.where, case.target.place) for case in cases}
    return f"{len(cases)} damaged answers at {len(places)} places"


async def attacked(context: CheckContext, damages: tuple[Damage, ...], *, alone: bool = False) -> list[Case]:
    """Every damage at every place, on all lanes at a time unless each case has to be `alone`."""
    office, questions = best_office(await context.explored())
    async with lanes(context, office, questions) as found:
        context.attacked = True
        of_lanes = [[(lane, target, damage) for target in lane.targets for damage in damages] for lane in found]
        rounds = [[attempt for attempt in beside if attempt is not None] for beside in zip_longest(*of_lanes)]
        cases: list[Case] = []
        for attempts in rounds:
            cases += await (_one_by_one if alone else _together)(context, attempts)
    return [case for case in cases if case.done]


async def _together(context: CheckContext, attempts: list[Attempt]) -> list[Case]:
    """What comes of each. What they take is measured together; when it is too much, each is put again alone."""
    peak = Peak()
    cases = await asyncio.gather(*(_case(context, *attempt) for attempt in attempts))
    grown = peak.grown()
    cases = [replace(case, grown=grown) for case in cases]
    if len(attempts) > 1 and any(case.costly for case in cases):
        return await _one_by_one(context, attempts)
    return cases


async def _one_by_one(context: CheckContext, attempts: list[Attempt]) -> list[Case]:
    return [case for attempt in attempts for case in await _together(context, [attempt])]


async def _case(context: CheckContext, lane: Lane, target: Target, damage: Damage) -> Case:
    keyring = Keyring() if target.login else None
    at = (target.place, damage)
    over = (lane.proxy, lane.through)
    outcome, within = await put_damaged(context, target.question, over, at, keyring, known=target.undamaged.known)
    return Case(target, damage, outcome, within, done=lane.proxy.damaged > 0)


async def put_damaged(
    context: CheckContext,
    question: Question,
    over: tuple[Proxy, SimulatorOffice],
    at: tuple[Place, Damage],
    keyring: Keyring | None = None,
    *,
    known: Known | None = None,
) -> tuple[Outcome, float]:
    """What comes of a question with the answers of one place damaged, and how many seconds it had.

    A question whose time ran out before it had come to what hangs says nothing of that: it is put again with more.
    """
    proxy, through = over
    place, damage = at

    async def once(within: float) -> Outcome:
        proxy.put_on(damage.carry, place)
        async with context.way(through, keyring=keyring) as way:
            return await context.put(question, way, within, known=known)

    within, *longer = PATIENCES if damage.hangs else (WITHIN,)
    outcome = await once(within)
    for within in longer:
        if proxy.damaged or not isinstance(outcome.error, UpstreamTimeoutError):
            break
        outcome = await once(within)
    return outcome, within


def _flaws(case: Case) -> Iterator[str]:
    outcome, target = case.outcome, case.target
    yield from flaws(target.question.kind, _allowed(case), target.undamaged, outcome)
    if outcome.seconds > case.within + _LATE_BY:
        yield "goes on long after the deadline"
    if outcome.cpu > MOST_CPU:
        yield f"takes {outcome.cpu:.1f} s of the processor"
    if case.grown > MOST_MEMORY:
        yield f"takes {case.grown // 1_000_000} MB of memory"


def _allowed(case: Case) -> Allowed:
    """On the way to a session a system may say in whichever way that something is wrong, unless it is merely away."""
    allowed = case.damage.allowed
    if case.target.login and allowed.errors not in (AWAY, LATE):
        return Allowed(errors=ANY, survives=allowed.survives, changes=allowed.changes)
    return allowed
