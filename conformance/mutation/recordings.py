"""Recordings of a simulator's undamaged answers, for replay with damaged payloads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from adapters.contract import Files, Transport
from adapters.upstream import HttpAnswer
from conformance.exploration import best_office
from conformance.mutation.recorder import LISTING, RecordedAnswer, Recording, RecordingRoute
from conformance.mutation.replay import NotRecordedError, Replay
from conformance.outcomes import Outcome, ask_question
from conformance.questions import Question
from conformance.simulator_process import SimulatorOffice

if TYPE_CHECKING:
    from conformance.check_context import CheckContext

_WITHIN: Final = 10.0


class PayloadPlace(NamedTuple):
    """The position of a payload: the number of its exchange, and whether it is sealed inside that answer."""

    exchange: int
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class RecordedQuestion:
    """One question, its recording, and its undamaged outcome."""

    office: SimulatorOffice
    question: Question
    recording: Recording = field(repr=False)
    undamaged: Outcome

    def payloads(self) -> tuple[tuple[PayloadPlace, Any], ...]:
        """Return what can be damaged: bodies of good answers, decrypted sealed content, listed files, rows."""
        listed = {entry.name for one in self.recording.exchanges if one.request_key == LISTING for entry in one.answer}  # type: ignore[union-attr]  # it is a listing
        readable = listed or {one.request_key for one in self.recording.exchanges}
        return tuple(
            (place, payload)
            for number, one in enumerate(self.recording.exchanges)
            for place, payload in (
                (PayloadPlace(number), payload_of(one.answer)),
                (PayloadPlace(number, sealed=True), one.unsealed),
            )
            if one.request_key in readable and payload
        )

    def innermost_payloads(self) -> tuple[tuple[PayloadPlace, Any], ...]:
        """Return the payloads without the outer seals of sealed ones."""
        sealed = {place.exchange for place, _ in self.payloads() if place.sealed}
        return tuple(one for one in self.payloads() if one[0].sealed or one[0].exchange not in sealed)

    async def replay(self, place: PayloadPlace | None = None, payload: Any = None) -> Outcome:  # noqa: ANN401 - bytes, or rows
        """Ask again, with one payload replaced; a sealed payload is sealed again."""
        return await self._replay({} if place is None else {place: payload})

    async def replay_all(self, change: Callable[[Any], Any]) -> Outcome:
        """Ask again, with every payload changed in the same way."""
        return await self._replay({place: change(payload) for place, payload in self.payloads()})

    async def _replay(self, payloads: Mapping[PayloadPlace, Any]) -> Outcome:
        answers: dict[int, RecordedAnswer] = {}
        for (number, sealed), payload in sorted(payloads.items(), key=itemgetter(0)):
            before = answers.get(number, self.recording.exchanges[number].answer)
            if isinstance(before, HttpAnswer):
                headers = self.recording.exchanges[number].headers
                content = await self.office.seal(headers, before.content, payload) if sealed else payload
                answers[number] = replace(before, content=content)
            else:
                answers[number] = payload
        route = Replay(self.recording, self.office.settings, self.office.id, answers)
        return await ask_question(self.question, route, _WITHIN, with_texts=False, cache=self.undamaged.cache)


def payload_of(answer: RecordedAnswer) -> Any:  # noqa: ANN401 - bytes, or rows
    """Return the part of an exchange that can be damaged; empty for a refusal or a redirect."""
    if isinstance(answer, HttpAnswer):
        return answer.content if answer.status == 200 else b""
    return answer


def left_recording(outcome: Outcome) -> bool:
    """Whether the damage led the adapter to send a request that was not recorded; such an outcome is not checked."""
    error = outcome.error
    return isinstance(error, NotRecordedError) or isinstance(getattr(error, "__context__", None), NotRecordedError)


async def record(context: "CheckContext") -> tuple[RecordedQuestion, ...]:
    """Record every kind of question in the office where the most kinds found something.

    Raises `NotApplicableError` when no question found anything.
    """
    office, questions = best_office(await context.explored())
    found = []
    for one in questions:
        recording = Recording()
        async with context.route(office) as route:
            await context.ask(one.question, RecordingRoute(route, recording))
        _keep_one_file_per_pattern(recording, one.question.transport)
        await _add_unsealed(recording, office)
        recorded = RecordedQuestion(office, one.question, recording, Outcome())
        found.append(replace(recorded, undamaged=await recorded.replay()))
    return tuple(found)


async def _add_unsealed(recording: Recording, office: SimulatorOffice) -> None:
    """Add the decrypted content of sealed answers to the recording, so that it can be damaged as well."""
    for number, one in enumerate(recording.exchanges):
        if isinstance(one.answer, HttpAnswer) and (answer := payload_of(one.answer)):
            recording.exchanges[number] = replace(one, unsealed=await office.unseal(one.headers, answer))


def _keep_one_file_per_pattern(recording: Recording, transport: Transport[Any, Any]) -> None:
    """Keep one file of each pattern: reading a whole folder for each damage would take hours."""
    patterns = transport.patterns if isinstance(transport, Files) else ()
    for number, one in enumerate(recording.exchanges):
        if one.request_key == LISTING and patterns:
            listed: Any = one.answer
            spread_sample = (
                next((each for each in listed if fnmatchcase(each.name, pattern)), None) for pattern in patterns
            )
            recording.exchanges[number] = replace(
                one, answer=tuple(entry for entry in spread_sample if entry is not None)
            )
