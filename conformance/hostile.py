"""Hostile answers over HTTP: run each damage at each place; check the outcome, the CPU time and the memory."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest
from typing import Final

from adapters.errors import UpstreamTimeoutError
from conformance.check_context import CheckContext
from conformance.damages.answers import ANY_ERROR, GROUPS, TIMED_OUT, UNAVAILABLE, Damage, redirecting
from conformance.damages.verdicts import Allowed, violations_of
from conformance.exploration import best_office
from conformance.loopback import LoopbackServer
from conformance.memory import PeakMemory
from conformance.outcomes import NormalisationCache, Outcome
from conformance.proxy import Place, Proxy
from conformance.question_route import SessionCache
from conformance.questions import Question
from conformance.rules import Violations
from conformance.simulator_process import SimulatorOffice
from conformance.targets import ProxiedQuestion, Target, proxied_questions

Attempt = tuple[ProxiedQuestion, Target, Damage]

WITHIN: Final = 10.0
HANG_TIMEOUTS: Final = (0.15, 0.6, 2.4)
"""Timeouts in seconds for a damage that hangs. The longer ones are for questions that time out before the damage."""

MAX_MEMORY: Final = 64_000_000
MAX_CPU: Final = 2.0
_GRACE: Final = 3.0


@dataclass(frozen=True, slots=True)
class HostileCase:
    """One damage at one place, its outcome, and the growth of the process in bytes.

    `within`: the timeout in seconds. `applied`: whether the answer could be damaged in this way.
    """

    target: Target
    damage: Damage
    outcome: Outcome
    within: float
    applied: bool
    growth: int = 0

    @property
    def costly(self) -> bool:
        """Whether it used more CPU time or memory than one answer may."""
        return self.outcome.cpu > MAX_CPU or self.growth > MAX_MEMORY


def group(name: str) -> Callable[[CheckContext], Awaitable[str]]:
    """Return the check of one group of damages."""
    return partial(_check, damages=GROUPS[name], alone=name == "bombs")


async def redirects(context: CheckContext) -> str:
    """Require that a redirect to another origin is not followed."""
    visitors = 0

    async def count_visitor(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        nonlocal visitors
        visitors += 1

    violations = Violations()
    async with LoopbackServer(count_visitor) as server:
        address = f"http://127.0.0.1:{server.port}/masuk"
        summary = await _run_damages(context, (redirecting(address),), violations)
    violations.require(not visitors, "a redirect to another origin was followed")
    return violations.finish(summary)


async def _check(context: CheckContext, damages: tuple[Damage, ...], *, alone: bool) -> str:
    violations = Violations()
    return violations.finish(await _run_damages(context, damages, violations, alone=alone))


async def _run_damages(
    context: CheckContext, damages: tuple[Damage, ...], violations: Violations, *, alone: bool = False
) -> str:
    cases = await run_cases(context, damages, alone=alone)
    for case in cases:
        violations.extend(f"{case.target.where}, {case.damage.id}: {violation}" for violation in _violations(case))
    places = {(case.target.where, case.target.place) for case in cases}
    return f"{len(cases)} damaged answers at {len(places)} places"


async def run_cases(context: CheckContext, damages: tuple[Damage, ...], *, alone: bool = False) -> list[HostileCase]:
    """Run every damage at every place.

    Questions run in parallel, each behind its own proxy, unless each case has to run `alone`.
    """
    office, questions = best_office(await context.explored())
    async with proxied_questions(context, office, questions) as proxied_list:
        context.hostile_answers_sent = True
        by_question = [
            [(proxied_question, target, damage) for target in proxied_question.targets for damage in damages]
            for proxied_question in proxied_list
        ]
        rounds = [[attempt for attempt in parallel if attempt is not None] for parallel in zip_longest(*by_question)]
        cases: list[HostileCase] = []
        for attempts in rounds:
            cases += await (_one_by_one if alone else _together)(context, attempts)
    return [case for case in cases if case.applied]


async def _together(context: CheckContext, attempts: list[Attempt]) -> list[HostileCase]:
    """Run the attempts in parallel and measure them together; if they cost too much, run each one alone."""
    peak = PeakMemory()
    cases = await asyncio.gather(*(_case(context, *attempt) for attempt in attempts))
    growth = peak.growth()
    cases = [replace(case, growth=growth) for case in cases]
    if len(attempts) > 1 and any(case.costly for case in cases):
        return await _one_by_one(context, attempts)
    return cases


async def _one_by_one(context: CheckContext, attempts: list[Attempt]) -> list[HostileCase]:
    return [case for attempt in attempts for case in await _together(context, [attempt])]


async def _case(
    context: CheckContext, proxied_question: ProxiedQuestion, target: Target, damage: Damage
) -> HostileCase:
    session_cache = SessionCache() if target.login else None
    place_and_damage = (target.place, damage)
    proxy_and_office = (proxied_question.proxy, proxied_question.proxied_office)
    outcome, within = await ask_damaged(
        context, target.question, proxy_and_office, place_and_damage, session_cache, cache=target.undamaged.cache
    )
    return HostileCase(target, damage, outcome, within, applied=proxied_question.proxy.damaged > 0)


async def ask_damaged(
    context: CheckContext,
    question: Question,
    proxy_and_office: tuple[Proxy, SimulatorOffice],
    place_and_damage: tuple[Place, Damage],
    session_cache: SessionCache | None = None,
    *,
    cache: NormalisationCache | None = None,
) -> tuple[Outcome, float]:
    """Ask a question while the answers of one place are damaged; return the outcome and the timeout in seconds.

    A question that timed out before the damage took place is asked again with a longer timeout.
    """
    proxy, proxied_office = proxy_and_office
    place, damage = place_and_damage

    async def once(within: float) -> Outcome:
        proxy.start_damage(damage.send_damaged, place)
        async with context.route(proxied_office, session_cache=session_cache) as route:
            return await context.ask(question, route, within, cache=cache)

    within, *longer_timeouts = HANG_TIMEOUTS if damage.hangs else (WITHIN,)
    outcome = await once(within)
    for within in longer_timeouts:
        if proxy.damaged or not isinstance(outcome.error, UpstreamTimeoutError):
            break
        outcome = await once(within)
    return outcome, within


def _violations(case: HostileCase) -> Iterator[str]:
    outcome, target = case.outcome, case.target
    yield from violations_of(target.question.kind, _allowed(case), target.undamaged, outcome)
    if outcome.seconds > case.within + _GRACE:
        yield "continues long after the deadline"
    if outcome.cpu > MAX_CPU:
        yield f"uses {outcome.cpu:.1f} s of CPU time"
    if case.growth > MAX_MEMORY:
        yield f"uses {case.growth // 1_000_000} MB of memory"


def _allowed(case: HostileCase) -> Allowed:
    """Return the allowed results of a case.

    During a login any error is allowed, except where the damage means unavailable or a timeout.
    """
    allowed = case.damage.allowed
    if case.target.login and allowed.errors not in (UNAVAILABLE, TIMED_OUT):
        return Allowed(errors=ANY_ERROR, survives=allowed.survives, changes=allowed.changes)
    return allowed
