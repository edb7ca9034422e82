"""Where answers can be damaged: for every kind of question, each place at which it asks the system."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from adapters.contract import Http, HttpOfficeSettings
from conformance.check_context import WITHIN, CheckContext
from conformance.exploration import Explored
from conformance.outcomes import Outcome
from conformance.proxy import Place, Proxy
from conformance.question_route import Keyring
from conformance.questions import Question
from conformance.simulator_process import SimulatorOffice

_MOST_PLACES: Final = 3


@dataclass(frozen=True, slots=True)
class Target:
    """One question, what it brings undamaged, and one place at which it asks. `login`: on the way to a session."""

    question: Question
    undamaged: Outcome
    place: Place
    login: bool = False

    @property
    def where(self) -> str:
        """What is asked, in words that hold no address."""
        return f"{self.question.name}{' (login)' if self.login else ''}"


@dataclass(frozen=True, slots=True)
class Lane:
    """One question's targets, the proxy before them, and the office as it is reached through that."""

    proxy: Proxy
    through: SimulatorOffice
    targets: tuple[Target, ...]


def over_http(context: CheckContext) -> str | None:
    """For rules that damage answers over HTTP."""
    if not context.offices:
        return "no simulator runs for this adapter"
    return None if issubclass(context.spec.settings, HttpOfficeSettings) else "the system is not reached over HTTP"


@asynccontextmanager
async def proxied(
    context: CheckContext, office: SimulatorOffice, slots: asyncio.Semaphore | None = None
) -> AsyncIterator[tuple[Proxy, SimulatorOffice]]:
    """A proxy in front of an office, and the office as it is reached through it. Several proxies may share `slots`."""
    settings = office.settings
    if not isinstance(settings, HttpOfficeSettings):
        raise TypeError("only an office over HTTP has an address")
    async with Proxy(settings.base_url, slots or asyncio.Semaphore(context.spec.limits.concurrent)) as proxy:
        through = settings.model_copy(update={"base_url": proxy.base_url})
        yield proxy, SimulatorOffice(office.id, through, office.control)


@asynccontextmanager
async def lanes(
    context: CheckContext, office: SimulatorOffice, explored: tuple[Explored, ...]
) -> AsyncIterator[list[Lane]]:
    """A lane for each question, with a proxy of its own: answers on several lanes can be damaged at a time.

    On a lane, one at a time: what a question brings may name the address at which it was asked.
    """
    slots = asyncio.Semaphore(context.spec.limits.concurrent)
    async with AsyncExitStack() as stack:
        found = []
        begins_session = next((one for one in explored if _needs_session(one.question)), None)
        for one in explored:
            proxy, through = await stack.enter_async_context(proxied(context, office, slots))
            targets = [target async for target in _targets(context, proxy, through, one.question)]
            if one is begins_session:
                targets += [target async for target in _logins(context, proxy, through, one.question)]
            found.append(Lane(proxy, through, tuple(targets)))
        yield found


async def _targets(
    context: CheckContext, proxy: Proxy, through: SimulatorOffice, question: Question
) -> AsyncIterator[Target]:
    """Every place of a question, found out by putting it once through the proxy."""
    async with context.way(through) as way:
        # The first time a session may have to be begun again, which is not a part of the question.
        await context.put(question, way, WITHIN)
        proxy.pass_on()
        undamaged = await context.put(question, way, WITHIN)
    for place in _few(proxy.places()):
        yield Target(question, undamaged, place)


def _needs_session(question: Question) -> bool:
    return isinstance(question.transport, Http) and question.transport.session is not None


async def _logins(
    context: CheckContext, proxy: Proxy, through: SimulatorOffice, question: Question
) -> AsyncIterator[Target]:
    """What is asked on the way to a session, by a question that needs one."""
    warm = set(proxy.places())
    proxy.pass_on()
    async with context.way(through, keyring=Keyring()) as way:
        undamaged = await context.put(question, way, WITHIN)
    for place in proxy.places():
        if place not in warm:
            yield Target(question, undamaged, place, login=True)


def _few(places: tuple[Place, ...]) -> Iterator[Place]:
    """The first two places and the last: what lies between is asked for in the same way."""
    yield from dict.fromkeys((*places[: _MOST_PLACES - 1], *places[-1:]))
