"""Fields that are missing or new, zero dates, doubled keys: each ends as the contract says, whatever the transport."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel

from adapters.errors import AdapterError, UpstreamMalformedError
from conformance.damages.verdicts import Allowed, Errors, flaws
from conformance.leaks import CANARY
from conformance.mutation.list_damages import GONE, MORE, TWICE, ZERO, Damaged, damaged
from conformance.mutation.recordings import RecordedQuestion, off_the_tape
from conformance.outcomes import Outcome
from conformance.questions import QuestionKind
from conformance.rules import Flaws, NotApplicableError

if TYPE_CHECKING:
    from conformance.check_context import CheckContext

_ERRORS: Final[Mapping[str, Errors]] = {
    GONE: frozenset({AdapterError}),
    MORE: frozenset(),
    ZERO: frozenset(),
    TWICE: frozenset({UpstreamMalformedError}),  # of a page that says how many there are
}
_FIRST_YEAR: Final = 1850


async def fields(context: "CheckContext") -> str:
    """A field that every record has lost, one that nobody knows, a date of zeros, and one record twice."""
    found, cases = Flaws(), 0
    for one in await context.recorded():
        seen: set[tuple[str, str]] = set()
        known = {day for body in one.undamaged.bodies for day in _days(body)}
        for place, payload in one.payloads() if one.question.kind is not QuestionKind.PROBE else ():
            for case in damaged(payload, seen, context.fields):
                outcome = await one.again(place, case.payload)
                if not off_the_tape(outcome):
                    cases += 1
                    found.extend(f"{_where(one, case)}: {flaw}" for flaw in _flaws(one, case, outcome, known))
    found.settle("")
    if not cases:
        raise NotApplicableError("nothing was recorded that has records")
    return f"{cases} damaged payloads"


def _where(one: RecordedQuestion, case: Damaged) -> str:
    name = case.name.replace("\0", ".")
    return f"{one.question.name}, {case.what}{f' ({name})' if name else ''}"


def _flaws(one: RecordedQuestion, case: Damaged, outcome: Outcome, known: set[date]) -> Iterator[str]:
    # A date of zeros is a doubt, an additional field nothing; what is missing may be what a page cannot do without.
    allowed = Allowed(errors=_ERRORS[case.what], survives=True, changes=case.what == TWICE)
    if outcome.error is None and case.what in {GONE, ZERO}:
        yield from _lost(one.undamaged, outcome)
    else:
        yield from flaws(one.question.kind, allowed, one.undamaged, outcome)
    if any(CANARY in text for text in outcome.told):
        yield "the reason tells what stood in the payload"
    if any(day not in known and _invented(day) for body in outcome.bodies for day in _days(body)):
        yield "a date of zeros is read as a day"


def _lost(undamaged: Outcome, outcome: Outcome) -> Iterator[str]:
    """Keys may be made of what is gone, and rows of several tables: so records are only counted."""
    yield from (f"the adapter fails on a record with {fault}" for fault in outcome.faults)
    lost = len(undamaged.keys) - len(outcome.keys)
    if lost > 0 and outcome.set_aside <= undamaged.set_aside:
        yield f"{lost} records are gone and none is set aside"


def _days(value: Any) -> Iterator[date]:  # noqa: ANN401 - any value of a body
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _days(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _days(item)
    elif isinstance(value, date):
        yield value


def _invented(day: date) -> bool:
    """Whether a day is what arithmetic makes of nothing."""
    return day.year < _FIRST_YEAR or (day.year, day.month, day.day) == (1970, 1, 1)
