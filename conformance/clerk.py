"""Carries out one write of an adapter before its twin, through the gateway's own delivery."""

import asyncio
import secrets
import string
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from adapters.contract import OfficeSettings, Subject, Writes
from conformance.bench import Bench
from conformance.city import TwinOffice
from conformance.commands import Known, makeable
from conformance.exploring import Explored, by_kind, subjects
from conformance.questions import Kind, Question, looked_up
from conformance.rules import NotApplicableError, RuleBrokenError
from conformance.way import Keyring
from gateway.delivery.once import carry_out
from gateway.delivery.outcomes import Delivered, Outcome

WITHIN: Final = 4.0
_LONGEST_SLEEP: Final = 3.0
_LETTERS: Final = string.ascii_uppercase + string.digits


@dataclass(frozen=True, slots=True)
class Clerk:
    """One write, a command that the twin takes, and whom it is for."""

    bench: Bench
    office: TwinOffice
    write: Writes[Any, Any, Any]
    command: Any
    subject: Subject

    async def deliver(
        self,
        code: str,
        *,
        command: Any = None,  # noqa: ANN401 - of any write
        settings: OfficeSettings | None = None,
        keyring: Keyring | None = None,
        within: float = WITHIN,
        longest: float = _LONGEST_SLEEP,
        asleep: asyncio.Event | None = None,
    ) -> Outcome:
        """Deliver the command (or another) under `code`.

        No wait takes more than `longest` seconds; `asleep` is set as soon as there is one.
        """

        async def sleep(seconds: float) -> None:
            if asleep is not None:
                asleep.set()
            # A twin settles at once or not at all; nobody waits here as long as for the agency's own machine.
            await asyncio.sleep(min(seconds, longest))

        async with self.bench.way(self.office, settings, keyring) as way:
            return await carry_out(
                self.write,
                lambda: way.call(self.write.transport, within, self.subject),
                self.command if command is None else command,
                code,
                sleep=sleep,
            )

    async def stored(self, code: str) -> int:
        """How many writes under `code` stand in the twin's ledger."""
        return await self.office.writes(code)

    def look(self, code: str) -> Question:
        """The question whether the system has the write."""
        return looked_up(self.write, self.command, code, self.subject)


def new_code() -> str:
    """A receipt code that nobody has used."""
    return "GB-" + "".join(secrets.choice(_LETTERS) for _ in range(8))


async def clerks(bench: Bench) -> AsyncIterator[Clerk]:
    """One for each write of the adapter, each with a command that the twin has taken once already."""
    explored = await bench.explored()
    for write in bench.spec.writes:
        commands = makeable(write.command, Known.of(explored))
        if not commands:
            raise NotApplicableError(f"the suite does not know how to make a {write.command.__name__}")
        office, subject = _whom(bench, explored)
        for command in commands:
            clerk = Clerk(bench, office, write, command, subject)
            if isinstance(await clerk.deliver(new_code()), Delivered):
                yield clerk
                break
        else:
            raise RuleBrokenError([f"{write.name}: the twin takes none of {len(commands)} commands"])


def _whom(bench: Bench, explored: tuple[Explored, ...]) -> tuple[TwinOffice, Subject]:
    """A known person, and the office that knows them."""
    for one in by_kind(explored, Kind.ASK):
        if one.outcome.found and one.question.subject is not None:
            return one.office, one.question.subject
    people = subjects(bench)
    if not people:
        raise NotApplicableError("the known people of the twin are known by NIK only")
    return bench.offices[0], next(iter(people.values()))
