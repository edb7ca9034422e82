"""The limits that an adapter declares are kept: as its simulator sees them, and as whoever is refused is told."""

import asyncio
from dataclasses import replace
from typing import Final

from adapters.contract import FileOfficeSettings, HttpOfficeSettings, Limits
from adapters.errors import UpstreamTimeoutError, UpstreamUnavailableError
from conformance.check_context import WITHIN, CheckContext
from conformance.exploration import Explored, best_office
from conformance.http_messages import AdapterConnection, RawAnswer
from conformance.outcomes import Outcome
from conformance.proxy import Proxy
from conformance.question_route import Keyring, QuestionRoute
from conformance.rules import Flaws, NotApplicableError
from conformance.simulator_process import SimulatorOffice
from conformance.targets import proxied

_HELD: Final = 0.03
_A_FEW: Final = 4
_MOST: Final = 3
_WITHIN: Final = 0.8


async def limits(context: CheckContext) -> str:
    """No more at once than declared; none when a minute or a day is spent; and no refusal is taken for an answer."""
    office, questions = best_office(await context.explored())
    if isinstance(office.settings, FileOfficeSettings):
        raise NotApplicableError("a folder bears whoever looks into it")
    one = questions[-1]
    found = Flaws()
    if isinstance(office.settings, HttpOfficeSettings):
        async with proxied(context, office, asyncio.Semaphore(1000)) as (proxy, through):
            slots = await _at_once(context, proxy, through, one, found)
            await _spent(context, through, one, found, proxy)
        return found.settle(f"{slots} at once, a minute, a day")
    await _spent(context, office, one, found, None)
    return found.settle("a minute and a day; a database that is a file shows nobody who asks at once")


async def _at_once(context: CheckContext, proxy: Proxy, through: SimulatorOffice, one: Explored, found: Flaws) -> int:
    """Put the same question more often at once than the office has slots; gives the most that came together."""
    declared = context.spec.limits.concurrent
    async with context.way(through) as way:
        await context.put(one.question, way)
        proxy.put_on(_held, None)
        await asyncio.gather(*(context.put(one.question, way, WITHIN) for _ in range(declared * 2 + 2)))
    proxy.pass_on()
    found.unless(
        proxy.most_at_once <= declared, f"{proxy.most_at_once} requests came at once, and {declared} are declared"
    )
    return proxy.most_at_once


async def _held(wire: AdapterConnection, answer: RawAnswer) -> bool:
    """The right answer, a moment later, so that what is asked at once is there at once."""
    await asyncio.sleep(_HELD)
    await wire.reply(answer)
    return True


async def _spent(
    context: CheckContext, through: SimulatorOffice, one: Explored, found: Flaws, proxy: Proxy | None
) -> None:
    declared = context.spec.limits
    for what, limited in (
        ("minute", replace(declared, per_minute=_MOST, per_day=None)),
        ("day", replace(declared, per_minute=None, per_day=_MOST)),
    ):
        if proxy is not None:
            proxy.pass_on()
        outcomes = await _under(context, through, one, limited)
        where = f"{one.question.name}, with {_MOST} calls a {what}"
        # A session is begun on the same account, so that the login counts as well.
        came = len(proxy.requests) if proxy is not None else 0
        found.unless(came <= _MOST, f"{where}: {came} requests came")
        found.unless(any(outcome.error is not None for outcome in outcomes), f"{where}: nobody is refused")
        for outcome in outcomes:
            if outcome.error is not None:
                known = isinstance(outcome.error, UpstreamUnavailableError | UpstreamTimeoutError)
                found.unless(known, f"{where}: raises {type(outcome.error).__name__}")
            elif set(one.outcome.keys) - set(outcome.keys):
                found.add(f"{where}: a refusal is taken for an answer")


async def _under(context: CheckContext, through: SimulatorOffice, one: Explored, limited: Limits) -> list[Outcome]:
    # What an office itself has granted wins over the spec, so it is put in its place as well.
    granted = {"per_minute": limited.per_minute, "per_day": limited.per_day}
    known = {name: value for name, value in granted.items() if name in type(through.settings).model_fields}
    settings = through.settings.model_copy(update=known)
    way = QuestionRoute(context.spec, through.id, settings, Keyring(), limits=limited)
    async with way:
        return [await context.put(one.question, way, _WITHIN) for _ in range(_A_FEW)]
