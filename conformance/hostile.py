"""Hostile answers over HTTP: each damage at each place, one after the other, and what the adapter makes of it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from conformance.bench import CheckContext
from conformance.city import TwinOffice
from conformance.damages.answers import ANY, AWAY, GROUPS, LATE, Damage, redirecting
from conformance.damages.judging import Allowed, flaws
from conformance.exploring import best_office
from conformance.memory import Peak
from conformance.outcomes import Outcome
from conformance.proxy import Proxy
from conformance.rules import Flaws
from conformance.targets import Target, proxied, targets
from conformance.way import Keyring

WITHIN: Final = 3.0
PATIENCE: Final = 0.15
MOST_MEMORY: Final = 64_000_000
MOST_CPU: Final = 2.0
_LATE_BY: Final = 3.0


@dataclass(frozen=True, slots=True)
class Case:
    """One damage at one place, what came of it, and by how many bytes the process grew meanwhile.

    `done`: whether the answer could be damaged in this way at all.
    """

    target: Target
    damage: Damage
    outcome: Outcome
    grown: int
    done: bool


def group(name: str) -> Callable[[CheckContext], Awaitable[str]]:
    """The check of one group of damages."""
    return partial(_check, damages=GROUPS[name])


async def redirects(bench: CheckContext) -> str:
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
        looked_at = await _judged(bench, (redirecting(f"http://127.0.0.1:{port}/masuk"),), found)
    found.unless(not visitors, "a redirect to another origin was followed")
    return found.settle(looked_at)


async def _check(bench: CheckContext, damages: tuple[Damage, ...]) -> str:
    found = Flaws()
    return found.settle(await _judged(bench, damages, found))


async def _judged(bench: CheckContext, damages: tuple[Damage, ...], found: Flaws) -> str:
    cases = await attacked(bench, damages)
    for case in cases:
        found.extend(f"{case.target.where}, {case.damage.id}: {flaw}" for flaw in _flaws(case))
    places = {(case.target.where, case.target.place) for case in cases}
    return f"{len(cases)} damaged answers at {len(places)} places"


async def attacked(bench: CheckContext, damages: tuple[Damage, ...]) -> list[Case]:
    """Every damage at every place."""
    office, questions = best_office(await bench.explored())
    async with proxied(bench, office) as (proxy, through):
        places = await targets(bench, proxy, through, questions)
        bench.attacked = True
        cases = [await _case(bench, proxy, through, target, damage) for target in places for damage in damages]
    return [case for case in cases if case.done]


async def _case(bench: CheckContext, proxy: Proxy, through: TwinOffice, target: Target, damage: Damage) -> Case:
    proxy.put_on(damage.carry, target.place)
    peak = Peak()
    keyring = Keyring() if target.login else None
    async with bench.way(through, keyring=keyring) as way:
        outcome = await bench.put(target.question, way, PATIENCE if damage.hangs else WITHIN)
    return Case(target, damage, outcome, peak.grown(), done=proxy.damaged > 0)


def _flaws(case: Case) -> Iterator[str]:
    outcome, target = case.outcome, case.target
    yield from flaws(target.question.kind, _allowed(case), target.undamaged, outcome)
    if outcome.seconds > (PATIENCE if case.damage.hangs else WITHIN) + _LATE_BY:
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
