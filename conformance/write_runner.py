"""Carries out one write of an adapter before its simulator, through the gateway's own delivery."""

import asyncio
import secrets
import string
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Final, Self

from adapters.contract import Call, Files, OfficeSettings, Pending, Refused, Stored, Subject, Writes
from conformance.check_context import CheckContext
from conformance.commands import FOLLOWS, MAKERS, Known, makeable
from conformance.exploration import Explored, by_kind, subjects
from conformance.question_route import Keyring, QuestionRoute
from conformance.questions import Question, QuestionKind, looked_up
from conformance.rules import NotApplicableError, RuleBrokenError
from conformance.simulator_process import SimulatorOffice
from gateway.delivery.exactly_once import carry_out
from gateway.delivery.outcomes import Delivered, Outcome

WITHIN: Final = 10.0
_LOOKS: Final = 5
_LONGEST_SLEEP: Final = 3.0
_LETTERS: Final = string.ascii_uppercase + string.digits


Settled = Callable[[], Awaitable[None]]
"""Returns when the simulator has handled everything that was sent to it. Every connection to it is closed before."""


async def _at_once() -> None:
    """For connections without a proxy: nothing is under way, since the simulator itself has ended them."""


class _Routes:
    """The way of one delivery. A pause ends when the simulator has settled, and the way after it is a new one.

    It would be too soon for the old one: an office that said when to come back is not asked before.
    """

    def __init__(self, make: Callable[[], QuestionRoute], settled: Settled) -> None:
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
        """Hang up, settle, and begin anew."""
        await self.current.__aexit__(None, None, None)
        await self._settled()
        self.current = self._make()


def answered_later(write: Writes[Any, Any, Any]) -> bool:
    """Whether the system only says in a later file what became of a write."""
    return isinstance(write.transport, Files)


@dataclass(frozen=True, slots=True)
class WriteRunner:
    """One write, a command that the simulator takes, and whom it is for.

    `prepare` makes a new command for each delivery, where a command can be carried out only once. `carried` keeps what
    was delivered under which code, `later` the codes of which the system said that it decides later.
    """

    context: CheckContext
    office: SimulatorOffice
    write: Writes[Any, Any, Any]
    command: Any
    subject: Subject
    prepare: Callable[[], Awaitable[Any]] | None = None
    carried: dict[str, Any] = field(default_factory=dict)
    later: set[str] = field(default_factory=set)

    async def fresh(self) -> Any:  # noqa: ANN401 - a command of any write
        """A command that can be delivered now."""
        return self.command if self.prepare is None else await self.prepare()

    async def deliver(
        self,
        code: str,
        *,
        command: Any = None,  # noqa: ANN401 - of any write
        settings: OfficeSettings | None = None,
        keyring: Keyring | None = None,
        within: float = WITHIN,
        longest: float = _LONGEST_SLEEP,
        settled: Settled = _at_once,
    ) -> Outcome:
        """Deliver the command (or another) under `code`.

        A simulator stores a write at once or never, so a pause ends as soon as `settled` returns. Only one that works
        on files needs time between its rounds, of which no pause is longer than `longest` seconds.
        """
        if command is None:
            command = await self.fresh()
        self.carried[code] = command

        async def files_settled(seconds: float) -> None:
            await self.office.elapse(min(seconds, longest))

        pause = files_settled if answered_later(self.write) else None
        async with _Routes(lambda: self.context.way(self.office, settings, keyring), settled) as ways:
            return await carry_out(
                replace(self.write, send=self._send),
                lambda: ways.current.call(self.write.transport, within, self.subject),
                command,
                code,
                sleep=pause or ways.pause,
            )

    async def _send(self, call: Call[Any, Any], command: Any, code: str) -> Stored | Refused | Pending:  # noqa: ANN401 - of any write
        said = await self.write.send(call, command, code)
        if isinstance(said, Pending):
            self.later.add(code)
        return said

    async def stored(self, code: str) -> int:
        """How many writes under `code` stand in the simulator's ledger."""
        return await self.office.writes(code)

    def look(self, code: str) -> Question:
        """The question whether the system has the write."""
        return looked_up(self.write, self.carried.get(code, self.command), code, self.subject)


def new_code() -> str:
    """A receipt code that nobody has used."""
    return "GB-" + "".join(secrets.choice(_LETTERS) for _ in range(8))


async def write_runners(context: CheckContext) -> AsyncIterator[WriteRunner]:
    """One for each write of the adapter, each with a command that the simulator has taken once already."""
    explored = await context.explored()
    for write in context.spec.writes:
        yield await _write_runner(context, explored, write)


async def _write_runner(
    context: CheckContext, explored: tuple[Explored, ...], write: Writes[Any, Any, Any]
) -> WriteRunner:
    if write.command in FOLLOWS:
        return await _follower(context, explored, write)
    commands = makeable(write.command, Known.of(explored))
    for _ in range(_LOOKS if write.command in MAKERS else 0):
        if commands:
            break
        # What an earlier check has just had written into a folder is not read before it has rested.
        await asyncio.sleep(1)
        explored = await context.explored(anew=True)
        commands = makeable(write.command, Known.of(explored))
    if not commands:
        raise NotApplicableError(f"the suite does not know how to make a {write.command.__name__}")
    office, subject = _whom(context, explored)
    for command in commands:
        runner = WriteRunner(context, office, write, command, subject)
        if isinstance(await runner.deliver(new_code()), Delivered):
            return runner
    raise RuleBrokenError([f"{write.name}: the simulator takes none of {len(commands)} commands"])


async def _follower(context: CheckContext, explored: tuple[Explored, ...], write: Writes[Any, Any, Any]) -> WriteRunner:
    """For a command about something that must be stored first, by another write of the same adapter."""
    first, follow = FOLLOWS[write.command]
    before = next((other for other in context.spec.writes if other.command is first), None)
    if before is None:
        raise NotApplicableError(f"the suite can make a {write.command.__name__} only after a {first.__name__}")
    storing = await _write_runner(context, explored, before)

    async def prepare() -> Any:  # noqa: ANN401 - a command of any write
        stored = await storing.deliver(new_code())
        if not isinstance(stored, Delivered):
            raise RuleBrokenError([f"{before.name}: the simulator does not take the command any more"])
        return follow(stored.key)

    runner = WriteRunner(context, storing.office, write, await prepare(), storing.subject, prepare)
    if not isinstance(await runner.deliver(new_code()), Delivered):
        raise RuleBrokenError([f"{write.name}: the simulator does not take the command"])
    return runner


def _whom(context: CheckContext, explored: tuple[Explored, ...]) -> tuple[SimulatorOffice, Subject]:
    """A known person, and the office that knows them."""
    for one in by_kind(explored, QuestionKind.ASK):
        if one.outcome.found and one.question.subject is not None:
            return one.office, one.question.subject
    people = subjects(context)
    if not people:
        raise NotApplicableError("the known people of the simulator are known by NIK only")
    return context.offices[0], next(iter(people.values()))
