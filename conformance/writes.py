"""Writes with their look-up: whatever is lost on the way, the twin's ledger holds exactly one, and what is said is true."""

import asyncio
from typing import Final

from conformance.bench import Bench
from conformance.city import TwinOffice
from conformance.clerk import Clerk, clerks, new_code
from conformance.commands import refusable
from conformance.damages.answers import GROUPS, Damage
from conformance.damages.judging import flaws as flaws_of
from conformance.hostile import PATIENCE
from conformance.probing import nowhere
from conformance.proxy import Place
from conformance.questions import Kind
from conformance.rules import Flaws
from conformance.targets import over_http, proxied
from conformance.way import Keyring
from gateway.delivery.outcomes import Delivered, NotSent, Outcome, OutcomeUnknown, Rejected

_POINTS: Final = ("before", "during", "after")
_DAMAGES: Final = GROUPS["connection"] + GROUPS["statuses"] + GROUPS["pages"] + GROUPS["bodies"]
_HURRIED: Final = 1.0


def writing(bench: Bench) -> str | None:
    """For rules about writes."""
    if not bench.spec.writes:
        return "the adapter has no writes"
    return None if bench.offices else "no twin runs for this adapter"


def over_connections(bench: Bench) -> str | None:
    """For rules about writes over connections that can be lost."""
    return writing(bench) or over_http(bench)


async def once(bench: Bench) -> str:
    """An undisturbed write is stored once, and found again by its code; an unknown code or command is told apart."""
    flaws, tried = Flaws(), 0
    async for clerk in clerks(bench):
        code, name = new_code(), clerk.write.name
        outcome = await clerk.deliver(code)
        flaws.extend(f"{name}: {flaw}" for flaw in _untrue(outcome, await clerk.stored(code)))
        flaws.unless(isinstance(outcome, Delivered) and not outcome.looked_up, f"{name}: is not delivered at once")
        key = (outcome.key,) if isinstance(outcome, Delivered) else ()
        async with bench.way(clerk.office) as way:
            found = await bench.put(clerk.look(code), way)
            flaws.unless(found.error is None and found.keys == key, f"{name}: the look-up does not find what was stored")
            other = await bench.put(clerk.look(new_code()), way)
            flaws.unless(
                other.error is None and not other.keys, f"{name}: the look-up finds what nobody has ever written"
            )
        for field, command in refusable(clerk.command):
            tried, code = tried + 1, new_code()
            outcome = await clerk.deliver(code, command=command)
            flaws.extend(f"{name} with an unknown {field}: {flaw}" for flaw in _untrue(outcome, await clerk.stored(code)))
            flaws.unless(isinstance(outcome, Rejected), f"{name} with an unknown {field}: is not refused")
    return flaws.settle(f"{len(bench.spec.writes)} writes, {tried} that the system must refuse")


async def lost(bench: Bench) -> str:
    """A connection that is lost before, during or after the answer leaves exactly one in the ledger, by look-up."""
    flaws = Flaws()
    async for clerk in clerks(bench):
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(await _losing(clerk, at)) for at in _POINTS]
        for at, task in zip(_POINTS, tasks, strict=True):
            flaws.extend(f"{clerk.write.name}, lost {at}: {flaw}" for flaw in task.result())
    return flaws.settle(f"{len(bench.spec.writes)} writes, lost {', '.join(_POINTS)}")
