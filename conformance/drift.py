"""Every change of a system's answers must be detected: as a doubt, a record set aside, an error, or drift.

The rule drops each field of every recorded list, replaces it by an unknown word, and changes its type, in all records.
The gateway's own drift detector receives the usual answer and the changed one, each often enough to compare them.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

from pydantic import BaseModel

from conformance.check_context import CheckContext
from conformance.mutation.list_damages import dropped, names_of, replaced, spread_sample
from conformance.mutation.recordings import RecordedQuestion, left_recording
from conformance.outcomes import Outcome
from conformance.questions import QuestionKind
from conformance.rules import NotApplicableError, Violations
from gateway.ground.clock import now
from gateway.observability.drift.detector import MIN_RECORDS, Drift, DriftDetector
from gateway.records.normaliser import NormalisedAnswer
from schemas.texts import Text

_NEW_WORD: Final = "ZZ-BARU"
_OTHER_TYPE: Final[dict[str, str]] = {"nilai": "lain"}
_EMPTY: Final[tuple[object, ...]] = (None, "", ())

ChangePayload = Callable[..., Any]

_CHANGES: Final[tuple[tuple[str, ChangePayload], ...]] = (
    ("is removed", dropped),
    ("contains a new word", partial(replaced, value=_NEW_WORD)),
    ("has another type", partial(replaced, value=_OTHER_TYPE)),
)


async def drift_detected(context: CheckContext) -> str:
    """Require that no value is lost from a record without a doubt, an error or a drift report."""
    violations, cases, detected = Violations(), 0, 0
    for one in _of_rows(await context.recorded()):
        usual_count = len(_drifts(one, one.undamaged))
        for name in _fields(one, context.fields):
            for change_name, change in _CHANGES:
                outcome = await one.replay_all(partial(change, name=name))
                if left_recording(outcome):
                    continue
                loss = _undetected_loss(one, outcome, usual_count)
                cases, detected = cases + 1, detected + (loss is None)
                where = f"{one.question.name}: the field {name.replace(chr(0), '.')} {change_name}"
                violations.require(not loss, f"{where}, and {loss} is lost undetected")
    violations.finish("")
    if not cases:
        raise NotApplicableError("no recorded answer contains records")
    return f"{cases} changes, {detected} of them detected, the rest harmless"


def _of_rows(recorded: tuple[RecordedQuestion, ...]) -> Iterator[RecordedQuestion]:
    """One question of each kind for each row. Filtered questions return the same records, so they are skipped."""
    seen = set()
    for one in recorded:
        kind = (one.question.kind, one.question.row.resource.name if one.question.row else "")
        if one.question.kind in {QuestionKind.FEED, QuestionKind.ASK} and kind not in seen:
            seen.add(kind)
            yield one


def _fields(one: RecordedQuestion, maximum: int) -> list[str]:
    names = {name: None for _, payload in one.payloads() for name in names_of(payload)}
    return spread_sample(list(names), maximum)


def _undetected_loss(one: RecordedQuestion, outcome: Outcome, usual_count: int) -> str | None:
    """Return the name of a value that was lost undetected, or None."""
    before = one.undamaged
    if outcome.error is not None or outcome.set_aside > before.set_aside or outcome.doubts > before.doubts:
        return None
    lost_name = "a record" if len(outcome.keys) < len(before.keys) else next(_lost_fields(before, outcome), "")
    return None if lost_name and len(_drifts(one, before, outcome)) > usual_count else lost_name


def _drifts(one: RecordedQuestion, *outcomes: Outcome) -> tuple[Drift, ...]:
    detector, resource = DriftDetector(now), one.question.row.resource.name if one.question.row else ""
    for outcome in outcomes:
        for _ in range(MIN_RECORDS):
            detector.compare(NormalisedAnswer("system", resource, outcome.items, outcome.normalised))
    return detector.open("system")


def _lost_fields(before: Outcome, after: Outcome) -> Iterator[str]:
    """The names of fields that had a value before and have none after."""
    bodies = dict(zip(after.keys, after.bodies, strict=False))
    for key, body in zip(before.keys, before.bodies, strict=False):
        if key in bodies and bodies[key] is not body:
            yield from _emptied_fields(body, bodies[key])


def _emptied_fields(before: BaseModel, after: BaseModel) -> Iterator[str]:
    if type(before) is not type(after) or isinstance(before, Text):
        return
    for name in type(before).model_fields:
        old, new = getattr(before, name), getattr(after, name)
        if old not in _EMPTY and new in _EMPTY:
            yield f"{type(before).__name__}.{name}"
        elif isinstance(old, BaseModel) and isinstance(new, BaseModel):
            yield from _emptied_fields(old, new)
