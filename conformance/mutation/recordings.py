"""Recordings of undisturbed answers of a simulator, replayed with one payload damaged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from adapters.contract import Files, Transport
from adapters.upstream import HttpAnswer
from conformance.exploration import best_office
from conformance.mutation.recorder import LISTING, Said, Tape, Taping
from conformance.mutation.replay import OffTheTapeError, Replay
from conformance.outcomes import Outcome, put
from conformance.questions import Question
from conformance.simulator_process import SimulatorOffice

if TYPE_CHECKING:
    from conformance.check_context import CheckContext

_WITHIN: Final = 10.0


class PayloadPlace(NamedTuple):
    """Where a payload stands: the number of its exchange, and whether it is sealed inside that answer."""

    exchange: int
    inside: bool = False


@dataclass(frozen=True, slots=True)
class RecordedQuestion:
    """One question, what was said, and what the adapter makes of it undamaged."""

    office: SimulatorOffice
    question: Question
    tape: Tape = field(repr=False)
    undamaged: Outcome

    def payloads(self) -> tuple[tuple[PayloadPlace, Any], ...]:
        """What can be damaged: bodies of good answers, and what is sealed in them, in clear; listed files, rows."""
        listed = {entry.name for one in self.tape.exchanges if one.asked == LISTING for entry in one.said}  # type: ignore[union-attr]  # it is a listing
        asked = listed or {one.asked for one in self.tape.exchanges}
        return tuple(
            (place, payload)
            for number, one in enumerate(self.tape.exchanges)
            for place, payload in (
                (PayloadPlace(number), payload_of(one.said)),
                (PayloadPlace(number, inside=True), one.inside),
            )
            if one.asked in asked and payload
        )

    def inmost(self) -> tuple[tuple[PayloadPlace, Any], ...]:
        """The same without what is nothing but the seal around another one."""
        sealed = {place.exchange for place, _ in self.payloads() if place.inside}
        return tuple(one for one in self.payloads() if one[0].inside or one[0].exchange not in sealed)

    async def again(self, place: PayloadPlace | None = None, payload: Any = None) -> Outcome:  # noqa: ANN401 - bytes, or rows
        """Put the question again, with one payload replaced; one that was sealed is sealed again."""
        return await self._put({} if place is None else {place: payload})

    async def all_again(self, change: Callable[[Any], Any]) -> Outcome:
        """Put the question again, with every payload changed in the same way."""
        return await self._put({place: change(payload) for place, payload in self.payloads()})

    async def _put(self, payloads: Mapping[PayloadPlace, Any]) -> Outcome:
        said: dict[int, Said] = {}
        for (number, inside), payload in sorted(payloads.items(), key=itemgetter(0)):
            before = said.get(number, self.tape.exchanges[number].said)
            if isinstance(before, HttpAnswer):
                headers = self.tape.exchanges[number].headers
                content = await self.office.sealed(headers, before.content, payload) if inside else payload
                said[number] = replace(before, content=content)
            else:
                said[number] = payload
        way = Replay(self.tape, self.office.settings, self.office.id, said)
        return await put(self.question, way, _WITHIN, telling=False, known=self.undamaged.known)


def payload_of(said: Said) -> Any:  # noqa: ANN401 - bytes, or rows
    """What stands in an exchange that can be damaged; nothing in a refusal or a redirect."""
    if isinstance(said, HttpAnswer):
        return said.content if said.status == 200 else b""
    return said


def off_the_tape(outcome: Outcome) -> bool:
    """Whether the damage led the adapter to ask something else, about which nothing can be said."""
    error = outcome.error
    return isinstance(error, OffTheTapeError) or isinstance(getattr(error, "__context__", None), OffTheTapeError)


async def record(context: "CheckContext") -> tuple[RecordedQuestion, ...]:
    """Every kind of question that finds something in the office that knows the most, recorded.

    Raises `NotApplicableError` when none does.
    """
    office, questions = best_office(await context.explored())
    found = []
    for one in questions:
        tape = Tape()
        async with context.way(office) as way:
            await context.put(one.question, Taping(way, tape))
        _of_few_files(tape, one.question.transport)
        await _opened(tape, office)
        recorded = RecordedQuestion(office, one.question, tape, Outcome())
        found.append(replace(recorded, undamaged=await recorded.again()))
    return tuple(found)


async def _opened(tape: Tape, office: SimulatorOffice) -> None:
    """What is sealed in answers stands on the tape in clear as well: damage to a seal says nothing of what is in it."""
    for number, one in enumerate(tape.exchanges):
        if isinstance(one.said, HttpAnswer) and (answer := payload_of(one.said)):
            tape.exchanges[number] = replace(one, inside=await office.unsealed(one.headers, answer))


def _of_few_files(tape: Tape, transport: Transport[Any, Any]) -> None:
    """One file of each pattern will do: to read all of a folder again for each damage would take hours."""
    patterns = transport.patterns if isinstance(transport, Files) else ()
    for number, one in enumerate(tape.exchanges):
        if one.asked == LISTING and patterns:
            listed: Any = one.said
            few = (next((each for each in listed if fnmatchcase(each.name, pattern)), None) for pattern in patterns)
            tape.exchanges[number] = replace(one, said=tuple(entry for entry in few if entry is not None))
