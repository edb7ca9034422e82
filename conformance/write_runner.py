"""Carry out one write of an adapter on its simulator, by the gateway's own delivery code."""

import asyncio
import secrets
import string
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Final, Self

from adapters.contract import Call, Files, OfficeSettings, Pending, Refused, Stored, Subject, Writes
from conformance.check_context import CheckContext
from conformance.commands import COMMAND_BUILDERS, FOLLOW_UPS, KnownBodies, commands_for
from conformance.exploration import ExploredQuestion, by_kind, subjects
from conformance.question_route import QuestionRoute, SessionCache
from conformance.questions import Question, QuestionKind, look_up_question
from conformance.rules import NotApplicableError, RuleBrokenError
from conformance.simulator_process import SimulatorOffice
from gateway.delivery.exactly_once import carry_out
from gateway.delivery.outcomes import Delivered, Outcome, Rejected

WITHIN: Final = 10.0
_ATTEMPTS: Final = 5
_MAX_PAUSE: Final = 3.0
_LETTERS: Final = string.ascii_uppercase + string.digits


WaitUntilSettled = Callable[[], Awaitable[None]]
"""Returns when the simulator has handled every request. All connections to it are closed first."""


async def _already_settled() -> None:
    """Return at once: without a proxy, the simulator itself has closed all connections."""


class _DeliveryRoutes:
    """The routes of one delivery. A pause ends when the simulator has settled, and is followed by a new route.

    The old route would refuse the call, because an office that announced a time to retry is not called before it.
    """

    def __init__(self, make: Callable[[], QuestionRoute], settled: WaitUntilSettled) -> None:
        self._make = make
        self._settled = settled
        self.current = make()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.current.__aexit__(kind, error, trace)

    async def pause(self, _seconds: float) -> None:
        """Close the route, wait until the simulator has settled, and open a new route."""
        await self.current.__aexit__(None, None, None)
        await self._settled()
        self.current = self._make()


def answered_later(write: Writes[Any, Any, Any]) -> bool:
    """Whether the system reports the outcome of a write only in a later file."""
    return isinstance(write.transport, Files)


@dataclass(frozen=True, slots=True)
class WriteRunner:
    """One write, a command that the simulator accepts, and its subject.

    `prepare` builds a new command for each delivery, if a command can be carried out only once. `commands` contains the
    delivered commands by code, `pending_codes` the codes of writes that the system left pending.
    """

    context: CheckContext
    office: SimulatorOffice
    write: Writes[Any, Any, Any]
    command: Any
    subject: Subject
    prepare: Callable[[], Awaitable[Any]] | None = None
    commands: dict[str, Any] = field(default_factory=dict)
    pending_codes: set[str] = field(default_factory=set)

    async def new_command(self) -> Any:  # noqa: ANN401 - a command of any write
        """Return a command that can be delivered now."""
        return self.command if self.prepare is None else await self.prepare()

    async def deliver(
        self,
        code: str,
        *,
        command: Any = None,  # noqa: ANN401 - of any write
        settings: OfficeSettings | None = None,
        session_cache: SessionCache | None = None,
        within: float = WITHIN,
        max_pause: float = _MAX_PAUSE,
        settled: WaitUntilSettled = _already_settled,
    ) -> Outcome:
        """Deliver the command (or another one) under `code`.

        A simulator stores a write at once or never, so a pause ends as soon as `settled` returns. Only a simulator that
        works on files needs time between its rounds; no pause is longer than `max_pause` seconds.
        """
        if command is None:
            command = await self.new_command()
        self.commands[code] = command

        async def files_settled(seconds: float) -> None:
            await self.office.elapse(min(seconds, max_pause))

        pause = files_settled if answered_later(self.write) else None
        async with _DeliveryRoutes(lambda: self.context.route(self.office, settings, session_cache), settled) as routes:
            return await carry_out(
                replace(self.write, send=self._send),
                lambda: routes.current.call(self.write.transport, within, self.subject),
                command,
                code,
                sleep=pause or routes.pause,
            )

    async def _send(self, call: Call[Any, Any], command: Any, code: str) -> Stored | Refused | Pending:  # noqa: ANN401 - of any write
        answer = await self.write.send(call, command, code)
        if isinstance(answer, Pending):
            self.pending_codes.add(code)
        return answer

    async def stored(self, code: str) -> int:
        """Return how many writes under `code` are in the simulator's ledger."""
        return await self.office.writes(code)

    def look_up(self, code: str) -> Question:
        """Build the question whether the system has stored the write."""
        return look_up_question(self.write, self.commands.get(code, self.command), code, self.subject)


def new_code() -> str:
    """Return an unused receipt code."""
    return "GB-" + "".join(secrets.choice(_LETTERS) for _ in range(8))


async def write_runners(context: CheckContext) -> AsyncIterator[WriteRunner]:
    """Yield a runner for each write, each with a command that the simulator has accepted once."""
    explored = await context.explored()
    for write in context.spec.writes:
        yield await _write_runner(context, explored, write)


async def _write_runner(
    context: CheckContext, explored: tuple[ExploredQuestion, ...], write: Writes[Any, Any, Any]
) -> WriteRunner:
    if write.command in FOLLOW_UPS:
        return await _follow_up_runner(context, explored, write)
    commands = commands_for(write.command, KnownBodies.of(explored))
    for _ in range(_ATTEMPTS if write.command in COMMAND_BUILDERS else 0):
        if commands:
            break
        # Files that an earlier check wrote are read only after they have settled.
        await asyncio.sleep(1)
        explored = await context.explored(refresh=True)
        commands = commands_for(write.command, KnownBodies.of(explored))
    if not commands:
        raise NotApplicableError(f"the suite cannot build a command of type {write.command.__name__}")
    office, subject = _office_and_subject(context, explored)
    for command in commands:
        runner = WriteRunner(context, office, write, command, subject)
        if isinstance(await runner.deliver(new_code()), Delivered):
            return runner
    raise RuleBrokenError([f"{write.name}: the simulator accepts none of {len(commands)} commands"])


async def _follow_up_runner(
    context: CheckContext, explored: tuple[ExploredQuestion, ...], write: Writes[Any, Any, Any]
) -> WriteRunner:
    """Return a runner for a command that needs a record stored by another write of the same adapter."""
    first, follow = FOLLOW_UPS[write.command]
    prerequisite = next((other for other in context.spec.writes if other.command is first), None)
    if prerequisite is None:
        raise NotApplicableError(f"the suite can build a {write.command.__name__} only after a {first.__name__}")
    prerequisite_runner = await _write_runner(context, explored, prerequisite)

    async def prepare() -> Any:  # noqa: ANN401 - a command of any write
        outcome: Outcome | None = None
        for _ in range(_ATTEMPTS):  # on a busy machine, a simulator may answer too late
            outcome = await prerequisite_runner.deliver(new_code())
            if isinstance(outcome, Delivered):
                return follow(outcome.key)
            if isinstance(outcome, Rejected):
                break
        raise RuleBrokenError([f"{prerequisite.name}: the simulator does not accept the command any more ({outcome})"])

    runner = WriteRunner(
        context, prerequisite_runner.office, write, await prepare(), prerequisite_runner.subject, prepare
    )
    if not isinstance(await runner.deliver(new_code()), Delivered):
        raise RuleBrokenError([f"{write.name}: the simulator does not accept the command"])
    return runner


def _office_and_subject(
    context: CheckContext, explored: tuple[ExploredQuestion, ...]
) -> tuple[SimulatorOffice, Subject]:
    """Return an office and a known person that it has records of."""
    for one in by_kind(explored, QuestionKind.ASK):
        if one.outcome.found and one.question.subject is not None:
            return one.office, one.question.subject
    people = subjects(context)
    if not people:
        raise NotApplicableError("the known people of the simulator are known by NIK only")
    return context.offices[0], next(iter(people.values()))
