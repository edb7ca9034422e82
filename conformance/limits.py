"""Declared limits must be kept, as counted at the simulator, and a refusal must not be taken for an answer."""

import asyncio
from dataclasses import replace
from typing import Final

from adapters.contract import FileOfficeSettings, HttpOfficeSettings, Limits
from adapters.errors import UpstreamTimeoutError, UpstreamUnavailableError
from conformance.check_context import WITHIN, CheckContext
from conformance.exploration import ExploredQuestion, best_office
from conformance.http_messages import AdapterConnection, RawAnswer
from conformance.outcomes import Outcome
from conformance.proxy import Proxy
from conformance.question_route import QuestionRoute, SessionCache
from conformance.rules import NotApplicableError, Violations
from conformance.simulator_process import SimulatorOffice
from conformance.targets import proxied

_DELAY: Final = 0.03
_CALLS: Final = 4
_QUOTA: Final = 3
_TIMEOUT: Final = 0.8


async def limits(context: CheckContext) -> str:
    """Check concurrency, calls a minute, calls a day, and that no refused call is taken for an empty answer."""
    office, questions = best_office(await context.explored())
    if isinstance(office.settings, FileOfficeSettings):
        raise NotApplicableError("a folder has no limits")
    explored_question = questions[-1]
    violations = Violations()
    if isinstance(office.settings, HttpOfficeSettings):
        async with proxied(context, office, asyncio.Semaphore(1000)) as (proxy, proxied_office):
            concurrent = await _max_concurrency(context, proxy, proxied_office, explored_question, violations)
            await _check_quotas(context, proxied_office, explored_question, violations, proxy)
        return violations.finish(f"{concurrent} at once, a minute, a day")
    await _check_quotas(context, office, explored_question, violations, None)
    return violations.finish("a minute and a day; a database file does not show concurrent calls")


async def _max_concurrency(
    context: CheckContext,
    proxy: Proxy,
    proxied_office: SimulatorOffice,
    explored_question: ExploredQuestion,
    violations: Violations,
) -> int:
    """Ask the same question more often in parallel than the office has slots; return the maximum concurrency seen."""
    declared = context.spec.limits.concurrent
    async with context.route(proxied_office) as route:
        await context.ask(explored_question.question, route)
        proxy.start_damage(_delayed_reply, None)
        await asyncio.gather(*(context.ask(explored_question.question, route, WITHIN) for _ in range(declared * 2 + 2)))
    proxy.stop_damage()
    violations.require(
        proxy.most_at_once <= declared, f"{proxy.most_at_once} concurrent requests, and {declared} are declared"
    )
    return proxy.most_at_once


async def _delayed_reply(connection: AdapterConnection, answer: RawAnswer) -> bool:
    """Send the right answer after a pause, so that parallel requests overlap."""
    await asyncio.sleep(_DELAY)
    await connection.reply(answer)
    return True


async def _check_quotas(
    context: CheckContext,
    proxied_office: SimulatorOffice,
    explored_question: ExploredQuestion,
    violations: Violations,
    proxy: Proxy | None,
) -> None:
    declared = context.spec.limits
    for what, changed_limits in (
        ("minute", replace(declared, per_minute=_QUOTA, per_day=None)),
        ("day", replace(declared, per_minute=None, per_day=_QUOTA)),
    ):
        if proxy is not None:
            proxy.stop_damage()
        outcomes = await _ask_within(context, proxied_office, explored_question, changed_limits)
        where = f"{explored_question.question.name}, with {_QUOTA} calls a {what}"
        # The login uses the same quota, so it counts as well.
        sent_count = len(proxy.requests) if proxy is not None else 0
        violations.require(sent_count <= _QUOTA, f"{where}: {sent_count} requests were sent")
        violations.require(any(outcome.error is not None for outcome in outcomes), f"{where}: no call is refused")
        for outcome in outcomes:
            if outcome.error is not None:
                known = isinstance(outcome.error, UpstreamUnavailableError | UpstreamTimeoutError)
                violations.require(known, f"{where}: raises {type(outcome.error).__name__}")
            elif set(explored_question.outcome.keys) - set(outcome.keys):
                violations.add(f"{where}: a refusal is taken for an answer")


async def _ask_within(
    context: CheckContext, proxied_office: SimulatorOffice, explored_question: ExploredQuestion, changed_limits: Limits
) -> list[Outcome]:
    # The limits of an office override those of the spec, so both are replaced.
    granted = {"per_minute": changed_limits.per_minute, "per_day": changed_limits.per_day}
    known = {name: value for name, value in granted.items() if name in type(proxied_office.settings).model_fields}
    settings = proxied_office.settings.model_copy(update=known)
    route = QuestionRoute(context.spec, proxied_office.id, settings, SessionCache(), limits=changed_limits)
    async with route:
        return [await context.ask(explored_question.question, route, _TIMEOUT) for _ in range(_CALLS)]
