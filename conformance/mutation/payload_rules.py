"""Generated damage to recorded payloads may raise only `AdapterError`, and may cost only the damaged record."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, Final

from adapters.errors import AdapterError, NotSentError
from conformance.leaks import CANARY
from conformance.mutation.mutants import Mutant, mutant, without_record
from conformance.mutation.payloads import tables_of
from conformance.mutation.recordings import PayloadPlace, RecordedQuestion, left_recording
from conformance.outcomes import Outcome
from conformance.questions import EndlessError, QuestionKind
from conformance.rules import NotApplicableError, Violations
from schemas.records import Body
from schemas.texts import KEEP

if TYPE_CHECKING:
    from conformance.check_context import CheckContext

MAX_CPU: Final = 2.0
_MIN_SECONDS: Final = 0.01
_SEALED_SHARE: Final = 0.8
"""Share of damages to the sealed content rather than to the seal, which merely fails to open when damaged."""
_ALLOWED_ERRORS: Final = (AdapterError, EndlessError)


@dataclass(frozen=True, slots=True)
class _WithoutRecord:
    """The outcome without the damaged record, if available, and whether other records remain."""

    has_other_records: bool = False
    outcome: Outcome | None = None


@dataclass(slots=True)
class _Progress:
    damages: int = 0
    unrecorded: int = 0
    single_record_damages: int = 0
    outcomes_without: dict[tuple[int, PayloadPlace, tuple[int, int]], _WithoutRecord] = field(
        default_factory=dict, repr=False
    )


async def mutation(context: "CheckContext") -> str:
    """Run `context.damages` damages, spread over all payloads; slow questions get fewer."""
    recorded = [one for one in await context.recorded() if one.payloads()]
    if not recorded:
        raise NotApplicableError("no recorded answer can be damaged")
    violations, count = Violations(), _Progress()
    # The damages are the same in each run; how many of them each question gets depends on its speed.
    turns, *randoms = (Random(f"{context.spec.id}/{number}") for number in range(len(recorded) + 1))  # noqa: S311 - same each time
    weights = [await _weight(one) for one in recorded]
    while count.damages < context.damages:
        number = turns.choices(range(len(recorded)), weights)[0]
        one, random = recorded[number], randoms[number]
        place, payload = random.choice(one.innermost_payloads() if random.random() < _SEALED_SHARE else one.payloads())
        damage = mutant(payload, random)
        count.damages += 1
        if damage is None:
            continue
        outcome = await one.replay(place, damage.payload)
        if left_recording(outcome):
            count.unrecorded += 1
            continue
        rest = await _outcome_without(one, (number, place), damage, payload, count)
        wrong = _violations(one.undamaged, rest, outcome)
        violations.extend(f"{one.question.name}, {damage.kind}: {violation}" for violation in wrong)
    return violations.finish(
        f"{count.damages} damages to {sum(len(one.payloads()) for one in recorded)} payloads, "
        f"{count.single_record_damages} of them to one record of several; "
        f"{count.unrecorded} led the adapter to send another request"
    )


async def _weight(one: RecordedQuestion) -> float:
    place, payload = one.payloads()[-1]
    began = time.perf_counter()
    await one.replay(place, payload)
    return 1 / max(time.perf_counter() - began, _MIN_SECONDS)


async def _outcome_without(
    one: RecordedQuestion,
    place: tuple[int, PayloadPlace],
    damage: Mutant,
    payload: Any,  # noqa: ANN401 - bytes, or rows
    count: _Progress,
) -> _WithoutRecord:
    """Return the outcome without the damaged record; empty where the damage is not limited to one record."""
    if damage.record is None or one.question.kind is QuestionKind.PROBE:
        return _WithoutRecord()
    where = (*place, damage.record)
    if where not in count.outcomes_without:
        count.outcomes_without[where] = await _replay_without(one, place[1], payload, damage.record)
    rest = count.outcomes_without[where]
    count.single_record_damages += rest.has_other_records
    return rest


async def _replay_without(
    one: RecordedQuestion,
    place: PayloadPlace,
    payload: Any,  # noqa: ANN401 - bytes, or rows
    record: tuple[int, int],
) -> _WithoutRecord:
    unrecorded = False
    for others in without_record(payload, record):
        outcome = await one.replay(place, others)
        if outcome.error is None:
            return _WithoutRecord(bool(outcome.keys), outcome)
        unrecorded = unrecorded or left_recording(outcome)
    # The list is shorter than the system states, so the adapter requests more: the other records are valid. They
    # cannot be listed, because this adapter does not accept the empty record either.
    return _WithoutRecord(unrecorded and tables_of(payload)[record[0]].size() > 1 and len(one.undamaged.keys) > 1)


def _violations(undamaged: Outcome, rest: _WithoutRecord, outcome: Outcome) -> Iterator[str]:
    for fault in outcome.faults:
        yield f"the adapter fails on a record with {fault}"
    error = outcome.error
    # An endless list is cut off by the gateway.
    if error is not None and (not isinstance(error, _ALLOWED_ERRORS) or isinstance(error, NotSentError)):
        yield f"raises {type(error).__name__}, which is no AdapterError, or reserved for the gateway"
    elif error is not None and rest.has_other_records:
        yield f"raises {type(error).__name__}: one damaged record costs its whole page"
    elif error is None and rest.outcome is not None:
        lost = _missing_count(undamaged, rest.outcome, outcome)
        if lost:
            yield f"{lost} undamaged records of the same page are missing"
    if any(CANARY in text for text in (*outcome.texts, *map(str, error.args if error else ()))):
        yield "the reason contains text of the payload"
    if outcome.cpu > MAX_CPU:
        yield f"uses {outcome.cpu:.1f} s of CPU time"


def _missing_count(undamaged: Outcome, remaining: Outcome, outcome: Outcome) -> int:
    """Return how many undamaged records are missing.

    Records are compared by key, then by content, because a damage may change keys, or make two records share one.
    """
    if outcome.set_aside == undamaged.set_aside + 1 and len(outcome.keys) >= len(undamaged.keys) - 1:
        # The damage is in a nested list: the record that contains it is the damaged one.
        return 0
    lost = (Counter(remaining.keys) & Counter(undamaged.keys)) - Counter(outcome.keys)
    if not lost:
        return 0
    came = {
        content for key, body in zip(outcome.keys, outcome.bodies, strict=False) for content in _contents(key, body)
    }
    bodies = dict(zip(remaining.keys, remaining.bodies, strict=False))
    return sum(
        count for key, count in lost.items() if key not in bodies or came.isdisjoint(_contents(key, bodies[key]))
    )


def _contents(key: str, body: Body) -> tuple[str, str]:
    """Return the content of a record, and the content without its key, which may also be a code in the body."""
    content = body.model_dump_json(context=KEEP)
    return content, content.replace(key, "")
