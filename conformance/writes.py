"""Writes and their look-up: whatever is lost, the ledger has exactly one entry, and the reported outcome is true."""

import asyncio
from collections.abc import Iterator
from typing import Final

from conformance.check_context import CheckContext
from conformance.commands import commands_with_unknown_code
from conformance.damages.answers import GROUPS, Damage
from conformance.damages.verdicts import violations_of
from conformance.hostile import ask_damaged
from conformance.outcomes import Outcome
from conformance.probe import unreachable_settings
from conformance.proxy import Place
from conformance.question_route import SessionCache
from conformance.questions import Question, QuestionKind
from conformance.rules import Violations
from conformance.targets import over_http, proxied
from conformance.write_runner import WITHIN, WriteRunner, answered_later, new_code, write_runners
from gateway.delivery.outcomes import Delivered, NotSent, Rejected
from gateway.delivery.outcomes import Outcome as WriteOutcome

_POINTS: Final = ("before", "during", "after")
_DAMAGES: Final = GROUPS["connection"] + GROUPS["statuses"] + GROUPS["pages"] + GROUPS["bodies"]
_HANG_TIMEOUT: Final = 0.5
_PARALLEL: Final = 12
"""Maximum parallel deliveries: each mostly waits, but must get its answer within its timeout."""


def has_writes(context: CheckContext) -> str | None:
    """Applies to adapters with writes."""
    if not context.spec.writes:
        return "the adapter has no writes"
    return None if context.offices else "no simulator runs for this adapter"


def writes_over_http(context: CheckContext) -> str | None:
    """Applies to adapters that write over HTTP."""
    return has_writes(context) or over_http(context)


async def once(context: CheckContext) -> str:
    """Require that an undisturbed write is stored once and found by its code, and that unknown codes are refused."""
    violations, tried = Violations(), 0
    async for runner in write_runners(context):
        code, name = new_code(), runner.write.name
        outcome = await runner.deliver(code)
        violations.extend(f"{name}: {violation}" for violation in _contradictions(outcome, await runner.stored(code)))
        pending_codes = answered_later(runner.write) or code in runner.pending_codes
        at_once = isinstance(outcome, Delivered) and outcome.looked_up is pending_codes
        violations.require(at_once, f"{name}: is not delivered at once")
        if runner.write.idempotent:
            repeated_outcome = await runner.deliver(code, command=runner.commands[code])
            violations.extend(
                f"{name}, sent again: {violation}"
                for violation in _contradictions(repeated_outcome, await runner.stored(code))
            )
        key = (outcome.key,) if isinstance(outcome, Delivered) else ()
        async with context.route(runner.office) as route:
            look_up_outcome = await context.ask(runner.look_up(code), route)
            violations.require(
                look_up_outcome.error is None and look_up_outcome.keys == key,
                f"{name}: the look-up does not find what was stored",
            )
            unknown_code_outcome = await context.ask(runner.look_up(new_code()), route)
            violations.require(
                unknown_code_outcome.error is None and not unknown_code_outcome.keys,
                f"{name}: the look-up finds a write that was never sent",
            )
        for field, command in commands_with_unknown_code(runner.command):
            tried, code = tried + 1, new_code()
            outcome = await runner.deliver(code, command=command)
            violations.extend(
                f"{name} with an unknown {field}: {violation}"
                for violation in _contradictions(outcome, await runner.stored(code))
            )
            violations.require(isinstance(outcome, Rejected), f"{name} with an unknown {field}: is not refused")
    return violations.finish(f"{len(context.spec.writes)} writes, {tried} that the system must refuse")


async def lost(context: CheckContext) -> str:
    """Require that a connection lost before, during or after the answer leaves exactly one ledger entry, by look-up."""
    violations = Violations()
    async for runner in write_runners(context):
        name = runner.write.name
        for at, (code, outcome) in (await _deliver_with_losses(runner)).items():
            stored = await runner.stored(code)
            violations.extend(
                f"{name}, lost {at} the answer: {violation}" for violation in _contradictions(outcome, stored)
            )
            violations.require(
                isinstance(outcome, Delivered) or runner.write.look is None,
                f"{name}, lost {at} the answer: the outcome stays unknown",
            )
    return violations.finish(f"{len(context.spec.writes)} writes, lost {', '.join(_POINTS)} the answer")


async def unsent(context: CheckContext) -> str:
    """Require that a write to an unreachable system is reported as not sent."""
    violations = Violations()
    async for runner in write_runners(context):
        code = new_code()
        outcome = await runner.deliver(
            code, settings=unreachable_settings(runner.office.settings), session_cache=SessionCache(), max_pause=0.0
        )
        violations.require(isinstance(outcome, NotSent), f"{runner.write.name}: is not reported as not sent")
        violations.extend(
            f"{runner.write.name}: {violation}" for violation in _contradictions(outcome, await runner.stored(code))
        )
    return violations.finish(f"{len(context.spec.writes)} writes")


async def damaged(context: CheckContext) -> str:
    """Require that after a damaged answer the reported outcome is true, and the write is stored once at most."""
    violations, cases = Violations(), 0
    async for runner in write_runners(context):
        slots = asyncio.Semaphore(context.spec.limits.concurrent)
        places = await _places(runner, slots)
        cases_to_run = [(place, damage) for place in places for damage in _DAMAGES]
        delivery_slots = asyncio.Semaphore(_PARALLEL)
        results = await asyncio.gather(
            *(_deliver(runner, slots, delivery_slots, place, damage) for place, damage in cases_to_run)
        )
        for (_, damage), (code, outcome, done) in zip(cases_to_run, results, strict=True):
            cases += done
            stored = await runner.stored(code)
            violations.extend(
                f"{runner.write.name}, {damage.id}: {violation}" for violation in _contradictions(outcome, stored)
            )
    return violations.finish(f"{cases} damaged answers")


async def damaged_look(context: CheckContext) -> str:
    """Require that a damaged answer to a look-up is an error, not "absent", which would repeat the write."""
    violations, cases = Violations(), 0
    async for runner in write_runners(context):
        code = new_code()
        await runner.deliver(code)
        question = runner.look_up(code)
        slots = asyncio.Semaphore(context.spec.limits.concurrent)
        async with proxied(context, runner.office, slots) as (proxy, proxied_office):
            async with context.route(proxied_office) as route:
                undamaged = await context.ask(question, route)
            places = proxy.places()
        delivery_slots = asyncio.Semaphore(_PARALLEL)
        cases_to_run = [(place, damage) for place in places for damage in _DAMAGES]
        results = await asyncio.gather(
            *(_look_up(runner, question, slots, delivery_slots, *one) for one in cases_to_run)
        )
        for (_, damage), (outcome, done) in zip(cases_to_run, results, strict=True):
            cases += done
            wrong = violations_of(QuestionKind.LOOK, damage.allowed, undamaged, outcome) if done else ()
            violations.extend(f"{question.name}, {damage.id}: {violation}" for violation in wrong)
    return violations.finish(f"{cases} damaged answers")


async def _look_up(
    runner: WriteRunner,
    question: Question,
    slots: asyncio.Semaphore,
    delivery_slots: asyncio.Semaphore,
    place: Place,
    damage: Damage,
) -> tuple[Outcome, bool]:
    """Look up with one answer damaged; return the outcome and whether that answer could be damaged."""
    context = runner.context
    async with delivery_slots, proxied(context, runner.office, slots) as proxy_and_office:
        outcome, _ = await ask_damaged(context, question, proxy_and_office, (place, damage))
        return outcome, proxy_and_office[0].damaged > 0


async def _deliver_with_losses(runner: WriteRunner) -> dict[str, tuple[str, WriteOutcome]]:
    """Deliver once for each point at which the simulator loses the connection."""
    delivered: dict[str, tuple[str, WriteOutcome]] = {}
    for at in _POINTS:
        # Built first, so that the connection is not lost while a prerequisite is stored.
        command = await runner.new_command()
        await runner.office.call_control("PUT", "/write-loss", {"at": at})
        code = new_code()
        delivered[at] = code, await runner.deliver(code, command=command)
    await runner.office.call_control("PUT", "/write-loss", {"at": "none"})
    return delivered


async def _places(runner: WriteRunner, slots: asyncio.Semaphore) -> tuple[Place, ...]:
    """Return the places of the write's requests when nothing is damaged."""
    async with proxied(runner.context, runner.office, slots) as (proxy, proxied_office):
        await runner.deliver(new_code(), settings=proxied_office.settings)
        return proxy.places()


async def _deliver(
    runner: WriteRunner, slots: asyncio.Semaphore, delivery_slots: asyncio.Semaphore, place: Place, damage: Damage
) -> tuple[str, WriteOutcome, bool]:
    """Return the code, the outcome, and whether an answer could be damaged."""
    code = new_code()
    async with delivery_slots, proxied(runner.context, runner.office, slots) as (proxy, proxied_office):
        proxy.start_damage(damage.send_damaged, place)
        within = _HANG_TIMEOUT if damage.hangs else WITHIN
        outcome = await runner.deliver(code, settings=proxied_office.settings, within=within, settled=proxy.settled)
        done = proxy.damaged > 0
    return code, outcome, done


def _contradictions(outcome: WriteOutcome, stored: int) -> Iterator[str]:
    """Yield the contradictions between the reported outcome and the simulator's ledger."""
    if stored > 1:
        yield f"the simulator has it {stored} times"
    if isinstance(outcome, Delivered) and not stored:
        yield "it is reported as delivered, and the simulator does not have it"
    if isinstance(outcome, NotSent | Rejected) and stored:
        yield f"it is reported as {type(outcome).__name__}, and the simulator has it"
