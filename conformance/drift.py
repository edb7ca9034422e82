"""What a system changes is never lost in silence: it is a doubt, a record set aside, an error, or noticed as drift.

Every field of every recorded list vanishes, holds a word that nobody knows, and has another type, each in all records;
the gateway's own noticer is shown the usual answer and the new one often enough to tell one from the other.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

from pydantic import BaseModel

from conformance.check_context import CheckContext
from conformance.mutation.list_damages import dropped, few, names_of, replaced
from conformance.mutation.recordings import RecordedQuestion, off_the_tape
from conformance.outcomes import Outcome
from conformance.questions import QuestionKind
from conformance.rules import Flaws, NotApplicableError
from gateway.ground.clock import now
from gateway.observability.drift.detector import ENOUGH, Drift, DriftDetector
from gateway.records.normaliser import NormalisedAnswer
from schemas.texts import Text

_NEW_WORD: Final = "ZZ-BARU"
_OTHER_TYPE: Final[dict[str, str]] = {"nilai": "lain"}
_EMPTY: Final[tuple[object, ...]] = (None, "", ())

Change = Callable[..., Any]

_CHANGES: Final[tuple[tuple[str, Change], ...]] = (
    ("vanishes", dropped),
    ("holds a new word", partial(replaced, value=_NEW_WORD)),
    ("has another type", partial(replaced, value=_OTHER_TYPE)),
)


async def noticed(context: CheckContext) -> str:
    """Nothing that is lost from a record is lost without a word."""
    found, cases, told = Flaws(), 0, 0
    for one in _of_rows(await context.recorded()):
        usual = len(_noticed(one, one.undamaged))
        for name in _fields(one, context.fields):
            for what, change in _CHANGES:
                outcome = await one.all_again(partial(change, name=name))
                if off_the_tape(outcome):
                    continue
                silent = _silent(one, outcome, usual)
                cases, told = cases + 1, told + (silent is None)
                where = f"{one.question.name}: the field {name.replace(chr(0), '.')} {what}"
                found.unless(not silent, f"{where}, and {silent} is lost without a word")
    found.settle("")
    if not cases:
        raise NotApplicableError("nothing was recorded that has records")
    return f"{cases} changes, {told} of them noticed, the others harmless"


def _of_rows(recorded: tuple[RecordedQuestion, ...]) -> Iterator[RecordedQuestion]:
    """One question of each kind for each row: filters bring the same records again."""
    seen = set()
    for one in recorded:
        kind = (one.question.kind, one.question.row.resource.name if one.question.row else "")
        if one.question.kind in {QuestionKind.FEED, QuestionKind.ASK} and kind not in seen:
            seen.add(kind)
            yield one


def _fields(one: RecordedQuestion, most: int) -> list[str]:
    found = {name: None for _, payload in one.payloads() for name in names_of(payload)}
    return few(list(found), most)


def _silent(one: RecordedQuestion, outcome: Outcome, usual: int) -> str | None:
    """None when something says that the answer is another one; else what is lost, or nothing."""
    before = one.undamaged
    if outcome.error is not None or outcome.set_aside > before.set_aside or outcome.doubts > before.doubts:
        return None
    lost = "a record" if len(outcome.keys) < len(before.keys) else next(_lost(before, outcome), "")
    return None if lost and len(_noticed(one, before, outcome)) > usual else lost


def _noticed(one: RecordedQuestion, *outcomes: Outcome) -> tuple[Drift, ...]:
    noticer, resource = DriftDetector(now), one.question.row.resource.name if one.question.row else ""
    for came in outcomes:
        for _ in range(ENOUGH):
            noticer.notice(NormalisedAnswer("system", resource, came.items, came.made))
    return noticer.open("system")


def _lost(before: Outcome, after: Outcome) -> Iterator[str]:
    """The names of what stood in a record and stands there no more."""
    bodies = dict(zip(after.keys, after.bodies, strict=False))
    for key, body in zip(before.keys, before.bodies, strict=False):
        if key in bodies and bodies[key] is not body:
            yield from _gone(body, bodies[key])


def _gone(before: BaseModel, after: BaseModel) -> Iterator[str]:
    if type(before) is not type(after) or isinstance(before, Text):
        return
    for name in type(before).model_fields:
        old, new = getattr(before, name), getattr(after, name)
        if old not in _EMPTY and new in _EMPTY:
            yield f"{type(before).__name__}.{name}"
        elif isinstance(old, BaseModel) and isinstance(new, BaseModel):
            yield from _gone(old, new)
