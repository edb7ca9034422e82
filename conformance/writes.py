"""Writes with their look-up: whatever is lost on the way, the ledger holds exactly one, and what is said is true."""

import asyncio
from collections.abc import Iterator
from typing import Final

from conformance.bench import CheckContext
from conformance.clerk import WITHIN, WriteRunner, answered_later, clerks, new_code
from conformance.commands import refusable
from conformance.damages.answers import GROUPS, Damage
from conformance.damages.judging import flaws as flaws_of
from conformance.hostile import put_damaged
from conformance.outcomes import Outcome
from conformance.probing import nowhere
from conformance.proxy import Place
from conformance.questions import Question, QuestionKind
from conformance.rules import Flaws
from conformance.targets import over_http, proxied
from conformance.way import Keyring
from gateway.delivery.outcomes import Delivered, NotSent, Rejected
from gateway.delivery.outcomes import Outcome as WriteOutcome

_POINTS: Final = ("before", "during", "after")
_DAMAGES: Final = GROUPS["connection"] + GROUPS["statuses"] + GROUPS["pages"] + GROUPS["bodies"]
_HURRIED: Final = 0.5
_AT_ONCE: Final = 12
"""Deliveries under way at the same time: most of each is waiting, but every one has to be answered in its time."""


def writing(bench: CheckContext) -> str | None:
    """For rules about writes."""
    if not bench.spec.writes:
        return "the adapter has no writes"
    return None if bench.offices else "no twin runs for this adapter"


def over_connections(bench: CheckContext) -> str | None:
    """For rules about writes over connections that can be lost."""
    return writing(bench) or over_http(bench)


async def once(bench: CheckContext) -> str:
    """An undisturbed write is stored once, and found again by its code; an unknown code or command is told apart."""
    flaws, tried = Flaws(), 0
    async for clerk in clerks(bench):
        code, name = new_code(), clerk.write.name
        outcome = await clerk.deliver(code)
        flaws.extend(f"{name}: {flaw}" for flaw in _untrue(outcome, await clerk.stored(code)))
        later = answered_later(clerk.write) or code in clerk.later
        at_once = isinstance(outcome, Delivered) and outcome.looked_up is later
        flaws.unless(at_once, f"{name}: is not delivered at once")
        if clerk.write.idempotent:
            again = await clerk.deliver(code, command=clerk.carried[code])
            flaws.extend(f"{name}, sent again: {flaw}" for flaw in _untrue(again, await clerk.stored(code)))
        key = (outcome.key,) if isinstance(outcome, Delivered) else ()
        async with bench.way(clerk.office) as way:
            found = await bench.put(clerk.look(code), way)
            flaws.unless(
                found.error is None and found.keys == key, f"{name}: the look-up does not find what was stored"
            )
            other = await bench.put(clerk.look(new_code()), way)
            flaws.unless(
                other.error is None and not other.keys, f"{name}: the look-up finds what nobody has ever written"
            )
        for field, command in refusable(clerk.command):
            tried, code = tried + 1, new_code()
            outcome = await clerk.deliver(code, command=command)
            flaws.extend(
                f"{name} with an unknown {field}: {flaw}" for flaw in _untrue(outcome, await clerk.stored(code))
            )
            flaws.unless(isinstance(outcome, Rejected), f"{name} with an unknown {field}: is not refused")
    return flaws.settle(f"{len(bench.spec.writes)} writes, {tried} that the system must refuse")


async def lost(bench: CheckContext) -> str:
    """A connection that is lost before, during or after the answer leaves exactly one in the ledger, by look-up."""
    flaws = Flaws()
    async for clerk in clerks(bench):
        name = clerk.write.name
        for at, (code, outcome) in (await _lost(clerk)).items():
            stored = await clerk.stored(code)
            flaws.extend(f"{name}, lost {at} the answer: {flaw}" for flaw in _untrue(outcome, stored))
            flaws.unless(
                isinstance(outcome, Delivered) or clerk.write.look is None,
                f"{name}, lost {at} the answer: what has become of it is not found out",
            )
    return flaws.settle(f"{len(bench.spec.writes)} writes, lost {', '.join(_POINTS)} the answer")


async def unsent(bench: CheckContext) -> str:
    """A write to a system that is not there is known not to have been sent."""
    flaws = Flaws()
    async for clerk in clerks(bench):
        code = new_code()
        outcome = await clerk.deliver(code, settings=nowhere(clerk.office.settings), keyring=Keyring(), longest=0.0)
        flaws.unless(isinstance(outcome, NotSent), f"{clerk.write.name}: is not known to be unsent")
        flaws.extend(f"{clerk.write.name}: {flaw}" for flaw in _untrue(outcome, await clerk.stored(code)))
    return flaws.settle(f"{len(bench.spec.writes)} writes")


async def damaged(bench: CheckContext) -> str:
    """Whatever answers a write, what is then said of it is true, and the twin has it once at most."""
    flaws, cases = Flaws(), 0
    async for clerk in clerks(bench):
        seats = asyncio.Semaphore(bench.spec.limits.concurrent)
        places = await _places(clerk, seats)
        asked = [(place, damage) for place in places for damage in _DAMAGES]
        turns = asyncio.Semaphore(_AT_ONCE)
        told = await asyncio.gather(*(_delivered(clerk, seats, turns, place, damage) for place, damage in asked))
        for (_, damage), (code, outcome, done) in zip(asked, told, strict=True):
            cases += done
            stored = await clerk.stored(code)
            flaws.extend(f"{clerk.write.name}, {damage.id}: {flaw}" for flaw in _untrue(outcome, stored))
    return flaws.settle(f"{cases} damaged answers")


async def damaged_look(bench: CheckContext) -> str:
    """A damaged answer to a look-up is an error, never "absent": that would send the write a second time."""
    flaws, cases = Flaws(), 0
    async for clerk in clerks(bench):
        code = new_code()
        await clerk.deliver(code)
        question = clerk.look(code)
        seats = asyncio.Semaphore(bench.spec.limits.concurrent)
        async with proxied(bench, clerk.office, seats) as (proxy, through):
            async with bench.way(through) as way:
                undamaged = await bench.put(question, way)
            places = proxy.places()
        turns = asyncio.Semaphore(_AT_ONCE)
        asked = [(place, damage) for place in places for damage in _DAMAGES]
        looked = await asyncio.gather(*(_looked(clerk, question, seats, turns, *one) for one in asked))
        for (_, damage), (outcome, done) in zip(asked, looked, strict=True):
            cases += done
            wrong = flaws_of(QuestionKind.LOOK, damage.allowed, undamaged, outcome) if done else ()
            flaws.extend(f"{question.name}, {damage.id}: {flaw}" for flaw in wrong)
    return flaws.settle(f"{cases} damaged answers")


async def _looked(
    clerk: WriteRunner,
    question: Question,
    seats: asyncio.Semaphore,
    turns: asyncio.Semaphore,
    place: Place,
    damage: Damage,
) -> tuple[Outcome, bool]:
    """What comes of a look-up with one answer damaged, and whether that answer could be damaged at all."""
    bench = clerk.bench
    async with turns, proxied(bench, clerk.office, seats) as over:
        outcome, _ = await put_damaged(bench, question, over, (place, damage))
        return outcome, over[0].damaged > 0


async def _lost(clerk: WriteRunner) -> dict[str, tuple[str, WriteOutcome]]:
    """Deliver once for each point at which the twin loses the connection."""
    delivered: dict[str, tuple[str, WriteOutcome]] = {}
    for at in _POINTS:
        # Made before, lest the connection is lost around what has to be stored first.
        command = await clerk.fresh()
        await clerk.office.tell("PUT", "/write-loss", {"at": at})
        code = new_code()
        delivered[at] = code, await clerk.deliver(code, command=command)
    await clerk.office.tell("PUT", "/write-loss", {"at": "none"})
    return delivered


async def _places(clerk: WriteRunner, seats: asyncio.Semaphore) -> tuple[Place, ...]:
    """Where the write asks its system when nothing is disturbed."""
    async with proxied(clerk.bench, clerk.office, seats) as (proxy, through):
        await clerk.deliver(new_code(), settings=through.settings)
        return proxy.places()


async def _delivered(
    clerk: WriteRunner, seats: asyncio.Semaphore, turns: asyncio.Semaphore, place: Place, damage: Damage
) -> tuple[str, WriteOutcome, bool]:
    """Its code, what was said of it, and whether an answer could be damaged at all."""
    code = new_code()
    async with turns, proxied(clerk.bench, clerk.office, seats) as (proxy, through):
        proxy.put_on(damage.carry, place)
        within = _HURRIED if damage.hangs else WITHIN
        outcome = await clerk.deliver(code, settings=through.settings, within=within, settled=proxy.settled)
        done = proxy.damaged > 0
    return code, outcome, done


def _untrue(outcome: WriteOutcome, stored: int) -> Iterator[str]:
    """What is said of a write, against what the twin's ledger says."""
    if stored > 1:
        yield f"the twin has it {stored} times"
    if isinstance(outcome, Delivered) and not stored:
        yield "it is said to be delivered, and the twin does not have it"
    if isinstance(outcome, NotSent | Rejected) and stored:
        yield f"it is said to be {type(outcome).__name__}, and the twin has it"
