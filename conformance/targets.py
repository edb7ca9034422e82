"""The places where answers can be damaged: for every kind of question, each request that it sends."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from adapters.contract import Http, HttpOfficeSettings
from conformance.check_context import WITHIN, CheckContext
from conformance.exploration import ExploredQuestion
from conformance.outcomes import Outcome
from conformance.proxy import Place, Proxy
from conformance.question_route import SessionCache
from conformance.questions import Question
from conformance.simulator_process import SimulatorOffice

_MOST_PLACES: Final = 3


@dataclass(frozen=True, slots=True)
class Target:
    """One question, its undamaged outcome, and one place of its requests. `login`: a request of the login."""

    question: Question
    undamaged: Outcome
    place: Place
    login: bool = False

    @property
    def where(self) -> str:
        """The question's name, without an address."""
        return f"{self.question.name}{' (login)' if self.login else ''}"


@dataclass(frozen=True, slots=True)
class ProxiedQuestion:
    """One question's targets, the proxy in front of the office, and the office as reached through it."""

    proxy: Proxy
    proxied_office: SimulatorOffice
    targets: tuple[Target, ...]


def over_http(context: CheckContext) -> str | None:
    """Applies to systems that are reached over HTTP."""
    if not context.offices:
        return "no simulator runs for this adapter"
    return None if issubclass(context.spec.settings, HttpOfficeSettings) else "the system is not reached over HTTP"


@asynccontextmanager
async def proxied(
    context: CheckContext, office: SimulatorOffice, slots: asyncio.Semaphore | None = None
) -> AsyncIterator[tuple[Proxy, SimulatorOffice]]:
    """Yield a proxy in front of an office, and the office as reached through it. Several proxies may share `slots`."""
    settings = office.settings
    if not isinstance(settings, HttpOfficeSettings):
        raise TypeError("only an office over HTTP has an address")
    async with Proxy(settings.base_url, slots or asyncio.Semaphore(context.spec.limits.concurrent)) as proxy:
        proxied_settings = settings.model_copy(update={"base_url": proxy.base_url})
        yield proxy, SimulatorOffice(office.id, proxied_settings, office.control)


@asynccontextmanager
async def proxied_questions(
    context: CheckContext, office: SimulatorOffice, explored: tuple[ExploredQuestion, ...]
) -> AsyncIterator[list[ProxiedQuestion]]:
    """Yield each question with its own proxy, so that answers to several questions can be damaged in parallel.

    Damages to one question run one at a time, because an answer may contain the address of the request.
    """
    slots = asyncio.Semaphore(context.spec.limits.concurrent)
    async with AsyncExitStack() as stack:
        proxied_questions_list = []
        begins_session = next((one for one in explored if _needs_session(one.question)), None)
        for one in explored:
            proxy, proxied_office = await stack.enter_async_context(proxied(context, office, slots))
            targets = [target async for target in _targets(context, proxy, proxied_office, one.question)]
            if one is begins_session:
                targets += [target async for target in _logins(context, proxy, proxied_office, one.question)]
            proxied_questions_list.append(ProxiedQuestion(proxy, proxied_office, tuple(targets)))
        yield proxied_questions_list


async def _targets(
    context: CheckContext, proxy: Proxy, proxied_office: SimulatorOffice, question: Question
) -> AsyncIterator[Target]:
    """Yield every place of a question, found by asking it once through the proxy."""
    async with context.route(proxied_office) as route:
        # The first call may log in again, which is not part of the question.
        await context.ask(question, route, WITHIN)
        proxy.stop_damage()
        undamaged = await context.ask(question, route, WITHIN)
    for place in _first_two_and_last(proxy.places()):
        yield Target(question, undamaged, place)


def _needs_session(question: Question) -> bool:
    return isinstance(question.transport, Http) and question.transport.session is not None


async def _logins(
    context: CheckContext, proxy: Proxy, proxied_office: SimulatorOffice, question: Question
) -> AsyncIterator[Target]:
    """Yield the requests of the login by a question that needs a session."""
    places_with_session = set(proxy.places())
    proxy.stop_damage()
    async with context.route(proxied_office, session_cache=SessionCache()) as route:
        undamaged = await context.ask(question, route, WITHIN)
    for place in proxy.places():
        if place not in places_with_session:
            yield Target(question, undamaged, place, login=True)


def _first_two_and_last(places: tuple[Place, ...]) -> Iterator[Place]:
    """Yield the first two places and the last one: the requests between them are alike."""
    yield from dict.fromkeys((*places[: _MOST_PLACES - 1], *places[-1:]))
