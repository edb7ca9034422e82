"""Writes with their look-up: whatever is lost on the way, the ledger holds exactly one, and what is said is true."""

import asyncio
from collections.abc import Iterator
from typing import Final

from conformance.check_context import CheckContext
from conformance.commands import refusable
from conformance.damages.answers import GROUPS, Damage
from conformance.damages.verdicts import flaws as flaws_of
from conformance.hostile import put_damaged
from conformance.outcomes import Outcome
from conformance.probe import nowhere
from conformance.proxy import Place
from conformance.question_route import Keyring
from conformance.questions import Question, QuestionKind
from conformance.rules import Flaws
from conformance.targets import over_http, proxied
from conformance.write_runner import WITHIN, WriteRunner, answered_later, new_code, write_runners
from gateway.delivery.outcomes import Delivered, NotSent, Rejected
from gateway.delivery.outcomes import Outcome as WriteOutcome

_POINTS: Final = ("before", "during", "after")
_DAMAGES: Final = GROUPS["connection"] + GROUPS["statuses"] + GROUPS["pages"] + GROUPS["bodies"]
_HURRIED: Final = 0.5
_AT_ONCE: Final = 12
"""Deliveries under way at the same time: most of each is waiting, but every one has to be answered in its time."""


def writing(context: CheckContext) -> str | None:
    """For rules about writes."""
    if not context.spec.writes:
        return "the adapter has no writes"
    return None if context.offices else "no simulator runs for this adapter"


def over_connections(context: CheckContext) -> str | None:
    """For rules about writes over connections that can be lost."""
    return writing(context) or over_http(context)


async def once(context: CheckContext) -> str:
    """An undisturbed write is stored once, and found again by its code; an unknown code or command is told apart."""
    flaws, tried = Flaws(), 0
    async for runner in write_runners(context):
        code, name = new_code(), runner.write.name
        outcome = await runner.deliver(code)
        flaws.extend(f"{name}: {flaw}" for flaw in _untrue(outcome, await runner.stored(code)))
        later = answered_later(runner.write) or code in runner.later
        at_once = isinstance(outcome, Delivered) and outcome.looked_up is later
        flaws.unless(at_once, f"{name}: is not delivered at once")
        if runner.write.idempotent:
            again = await runner.deliver(code, command=runner.carried[code])
            flaws.extend(f"{name}, sent again: {flaw}" for flaw in _untrue(again, await runner.stored(code)))
        key = (outcome.key,) if isinstance(outcome, Delivered) else ()
        async with context.way(runner.office) as way:
            found = await context.put(runner.look(code), way)
            flaws.unless(
                found.error is None and found.keys == key, f"{name}: the look-up does not find what was stored"
            )
            other = await context.put(runner.look(new_code()), way)
            flaws.unless(
                other.error is None and not other.keys, f"{name}: the look-up finds what nobody has ever written"
            )
        for field, command in refusable(runner.command):
            tried, code = tried + 1, new_code()
            outcome = await runner.deliver(code, command=command)
            flaws.extend(
                f"{name} with an unknown {field}: {flaw}" for flaw in _untrue(outcome, await runner.stored(code))
            )
            flaws.unless(isinstance(outcome, Rejected), f"{name} with an unknown {field}: is not refused")
    return flaws.settle(f"{len(context.spec.writes)} writes, {tried} that the system must refuse")


async def lost(context: CheckContext) -> str:
    """A connection that is lost before, during or after the answer leaves exactly one in the ledger, by look-up."""
    flaws = Flaws()
    async for runner in write_runners(context):
        name = runner.write.name
        for at, (code, outcome) in (await _lost(runner)).items():
            stored = await runner.stored(code)
            flaws.extend(f"{name}, lost {at} the answer: {flaw}" for flaw in _untrue(outcome, stored))
            flaws.unless(
                isinstance(outcome, Delivered) or runner.write.look is None,
                f"{name}, lost {at} the answer: what has become of it is not found out",
            )
    return flaws.settle(f"{len(context.spec.writes)} writes, lost {', '.join(_POINTS)} the answer")


async def unsent(context: CheckContext) -> str:
    """A write to a system that is not there is known not to have been sent."""
    flaws = Flaws()
    async for runner in write_runners(context):
        code = new_code()
        outcome = await runner.deliver(code, settings=nowhere(runner.office.settings), keyring=Keyring(), longest=0.0)
        flaws.unless(isinstance(outcome, NotSent), f"{runner.write.name}: is not known to be unsent")
        flaws.extend(f"{runner.write.name}: {flaw}" for flaw in _untrue(outcome, await runner.stored(code)))
    return flaws.settle(f"{len(context.spec.writes)} writes")


async def damaged(context: CheckContext) -> str:
    """Whatever answers a write, what is then said of it is true, and the simulator has it once at most."""
    flaws, cases = Flaws(), 0
    async for runner in write_runners(context):
        slots = asyncio.Semaphore(context.spec.limits.concurrent)
        places = await _places(runner, slots)
        asked = [(place, damage) for place in places for damage in _DAMAGES]
        turns = asyncio.Semaphore(_AT_ONCE)
        told = await asyncio.gather(*(_delivered(runner, slots, turns, place, damage) for place, damage in asked))
        for (_, damage), (code, outcome, done) in zip(asked, told, strict=True):
            cases += done
            stored = await runner.stored(code)
            flaws.extend(f"{runner.write.name}, {damage.id}: {flaw}" for flaw in _untrue(outcome, stored))
    return flaws.settle(f"{cases} damaged answers")


async def damaged_look(context: CheckContext) -> str:
    """A damaged answer to a look-up is an error, never "absent": that would send the write a second time."""
    flaws, cases = Flaws(), 0
    async for runner in write_runners(context):
        code = new_code()
        await runner.deliver(code)
        question = runner.look(code)
        slots = asyncio.Semaphore(context.spec.limits.concurrent)
        async with proxied(context, runner.office, slots) as (proxy, through):
            async with context.way(through) as way:
                undamaged = await context.put(question, way)
            places = proxy.places()
        turns = asyncio.Semaphore(_AT_ONCE)
        asked = [(place, damage) for place in places for damage in _DAMAGES]
        looked = await asyncio.gather(*(_looked(runner, question, slots, turns, *one) for one in asked))
        for (_, damage), (outcome, done) in zip(asked, looked, strict=True):
            cases += done
            wrong = flaws_of(QuestionKind.LOOK, damage.allowed, undamaged, outcome) if done else ()
            flaws.extend(f"{question.name}, {damage.id}: {flaw}" for flaw in wrong)
    return flaws.settle(f"{cases} damaged answers")


async def _looked(
    runner: WriteRunner,
    question: Question,
    slots: asyncio.Semaphore,
    turns: asyncio.Semaphore,
    place: Place,
    damage: Damage,
) -> tuple[Outcome, bool]:
    """What comes of a look-up with one answer damaged, and whether that answer could be damaged at all."""
    context = runner.context
    async with turns, proxied(context, runner.office, slots) as over:
        outcome, _ = await put_damaged(context, question, over, (place, damage))
        return outcome, over[0].damaged > 0


async def _lost(runner: WriteRunner) -> dict[str, tuple[str, WriteOutcome]]:
    """Deliver once for each point at which the simulator loses the connection."""
    delivered: dict[str, tuple[str, WriteOutcome]] = {}
    for at in _POINTS:
        # Made before, lest the connection is lost around what has to be stored first.
        command = await runner.fresh()
        await runner.office.tell("PUT", "/write-loss", {"at": at})
        code = new_code()
        delivered[at] = code, await runner.deliver(code, command=command)
    await runner.office.tell("PUT", "/write-loss", {"at": "none"})
    return delivered


async def _places(runner: WriteRunner, slots: asyncio.Semaphore) -> tuple[Place, ...]:
    """Where the write asks its system when nothing is disturbed."""
    async with proxied(runner.context, runner.office, slots) as (proxy, through):
        await runner.deliver(new_code(), settings=through.settings)
        return proxy.places()


async def _delivered(
    runner: WriteRunner, slots: asyncio.Semaphore, turns: asyncio.Semaphore, place: Place, damage: Damage
) -> tuple[str, WriteOutcome, bool]:
    """Its code, what was said of it, and whether an answer could be damaged at all."""
    code = new_code()
    async with turns, proxied(runner.context, runner.office, slots) as (proxy, through):
        proxy.put_on(damage.carry, place)
        within = _HURRIED if damage.hangs else WITHIN
        outcome = await runner.deliver(code, settings=through.settings, within=within, settled=proxy.settled)
        done = proxy.damaged > 0
    return code, outcome, done


def _untrue(outcome: WriteOutcome, stored: int) -> Iterator[str]:
    """What is said of a write, against what the simulator's ledger says."""
    if stored > 1:
        yield f"the simulator has it {stored} times"
    if isinstance(outcome, Delivered) and not stored:
        yield "it is said to be delivered, and the simulator does not have it"
    if isinstance(outcome, NotSent | Rejected) and stored:
        yield f"it is said to be {type(outcome).__name__}, and the simulator has it"
