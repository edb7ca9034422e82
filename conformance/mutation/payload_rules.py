"""Generated damage to recorded payloads raises only the tree's errors, and costs nobody but the damaged record."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, Final

from adapters.errors import AdapterError, NotSentError
from conformance.leaks import CANARY
from conformance.mutation.mutants import Mutant, mutant, without
from conformance.mutation.payloads import tables_of
from conformance.mutation.recordings import PayloadPlace, RecordedQuestion, off_the_tape
from conformance.outcomes import Outcome
from conformance.questions import EndlessError, QuestionKind
from conformance.rules import Flaws, NotApplicableError
from schemas.records import Body
from schemas.texts import KEEP

if TYPE_CHECKING:
    from conformance.check_context import CheckContext

MOST_CPU: Final = 2.0
_QUICKEST: Final = 0.01
_INSIDE: Final = 0.8
"""How often what is sealed is damaged rather than its seal: whatever happens to that, it only does not open."""
_OF_THE_TREE: Final = (AdapterError, EndlessError)


@dataclass(frozen=True, slots=True)
class _Rest:
    """What comes when the damaged record is not there at all: whether anything does, and what, where that is known."""

    some: bool = False
    outcome: Outcome | None = None


@dataclass(slots=True)
class _Count:
    damages: int = 0
    led_elsewhere: int = 0
    judged: int = 0
    kept: dict[tuple[int, PayloadPlace, tuple[int, int]], _Rest] = field(default_factory=dict, repr=False)


async def mutation(context: "CheckContext") -> str:
    """As many damages as the context says, spread over all payloads; those that take long get fewer."""
    recorded = [one for one in await context.recorded() if one.payloads()]
    if not recorded:
        raise NotApplicableError("nothing was recorded that could be damaged")
    flaws, count = Flaws(), _Count()
    # The same damages each time; how many of them each question gets depends on the time that they take.
    turns, *randoms = (Random(f"{context.spec.id}/{number}") for number in range(len(recorded) + 1))  # noqa: S311 - same each time
    weights = [await _weight(one) for one in recorded]
    while count.damages < context.damages:
        number = turns.choices(range(len(recorded)), weights)[0]
        one, random = recorded[number], randoms[number]
        place, payload = random.choice(one.inmost() if random.random() < _INSIDE else one.payloads())
        made = mutant(payload, random)
        count.damages += 1
        if made is None:
            continue
        outcome = await one.again(place, made.payload)
        if off_the_tape(outcome):
            count.led_elsewhere += 1
            continue
        rest = await _rest(one, (number, place), made, payload, count)
        wrong = _flaws(one.undamaged, rest, outcome)
        flaws.extend(f"{one.question.name}, {made.what}: {flaw}" for flaw in wrong)
    return flaws.settle(
        f"{count.damages} damages to {sum(len(one.payloads()) for one in recorded)} payloads, {count.judged} of them "
        f"to one record of several; {count.led_elsewhere} led the adapter to ask something else"
    )


async def _weight(one: RecordedQuestion) -> float:
    place, payload = one.payloads()[-1]
    began = time.perf_counter()
    await one.again(place, payload)
    return 1 / max(time.perf_counter() - began, _QUICKEST)


async def _rest(
    one: RecordedQuestion,
    place: tuple[int, PayloadPlace],
    made: Mutant,
    payload: Any,  # noqa: ANN401 - bytes, or rows
    count: _Count,
) -> _Rest:
    """Nothing where that says nothing about the others."""
    if made.record is None or one.question.kind is QuestionKind.PROBE:
        return _Rest()
    where = (*place, made.record)
    if where not in count.kept:
        count.kept[where] = await _without(one, place[1], payload, made.record)
    rest = count.kept[where]
    count.judged += rest.some
    return rest


async def _without(one: RecordedQuestion, place: PayloadPlace, payload: Any, record: tuple[int, int]) -> _Rest:  # noqa: ANN401 - as above
    led_elsewhere = False
    for others in without(payload, record):
        outcome = await one.again(place, others)
        if outcome.error is None:
            return _Rest(bool(outcome.keys), outcome)
        led_elsewhere = led_elsewhere or off_the_tape(outcome)
    # A list that is shorter than the system says is read, and the adapter asks for more: nothing is wrong with the
    # others. Which ones they are cannot be seen from an adapter that does not bear an empty record in their midst.
    return _Rest(led_elsewhere and tables_of(payload)[record[0]].size() > 1 and len(one.undamaged.keys) > 1)


def _flaws(undamaged: Outcome, rest: _Rest, outcome: Outcome) -> Iterator[str]:
    for fault in outcome.faults:
        yield f"the adapter fails on a record with {fault}"
    error = outcome.error
    # A list without an end is ended by the gateway.
    if error is not None and (not isinstance(error, _OF_THE_TREE) or isinstance(error, NotSentError)):
        yield f"raises {type(error).__name__}, which is not of the tree or not the adapter's to raise"
    elif error is not None and rest.some:
        yield f"raises {type(error).__name__}: one damaged record costs its whole page"
    elif error is None and rest.outcome is not None:
        lost = _gone(undamaged, rest.outcome, outcome)
        if lost:
            yield f"{lost} undamaged records of the same page are gone"
    if any(CANARY in text for text in (*outcome.told, *map(str, error.args if error else ()))):
        yield "the reason tells what stood in the payload"
    if outcome.cpu > MOST_CPU:
        yield f"takes {outcome.cpu:.1f} s of the processor"


def _gone(undamaged: Outcome, remaining: Outcome, outcome: Outcome) -> int:
    """How many records did not come that come with the damaged one as well as without it.

    Not their keys; nor, where a damage makes two records share a key that is made of what they say, they themselves.
    """
    if outcome.set_aside == undamaged.set_aside + 1 and len(outcome.keys) >= len(undamaged.keys) - 1:
        # A part of a record that stands in a list of its own: the record that it belongs to is what is damaged.
        return 0
    lost = (Counter(remaining.keys) & Counter(undamaged.keys)) - Counter(outcome.keys)
    if not lost:
        return 0
    came = {said for key, body in zip(outcome.keys, outcome.bodies, strict=False) for said in _said(key, body)}
    bodies = dict(zip(remaining.keys, remaining.bodies, strict=False))
    return sum(count for key, count in lost.items() if key not in bodies or came.isdisjoint(_said(key, bodies[key])))


def _said(key: str, body: Body) -> tuple[str, str]:
    """What a record says, and what it says but for its key, which may stand in it as a code."""
    said = body.model_dump_json(context=KEEP)
    return said, said.replace(key, "")
