"""Missing and additional fields, zero dates, duplicate keys: the rule for each, on any transport."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel

from adapters.errors import AdapterError, UpstreamMalformedError
from conformance.damages.verdicts import Allowed, Errors, violations_of
from conformance.leaks import CANARY
from conformance.mutation.list_damages import (
    ADDED_FIELD,
    DUPLICATE_KEY,
    MISSING_FIELD,
    ZERO_DATE,
    DamagedPayload,
    damaged_payloads,
)
from conformance.mutation.recordings import RecordedQuestion, left_recording
from conformance.outcomes import Outcome
from conformance.questions import QuestionKind
from conformance.rules import NotApplicableError, Violations

if TYPE_CHECKING:
    from conformance.check_context import CheckContext

_ERRORS: Final[Mapping[str, Errors]] = {
    MISSING_FIELD: frozenset({AdapterError}),
    ADDED_FIELD: frozenset(),
    ZERO_DATE: frozenset(),
    DUPLICATE_KEY: frozenset({UpstreamMalformedError}),  # of a page that states the number of records
}
_FIRST_YEAR: Final = 1850


async def fields(context: "CheckContext") -> str:
    """Drop a field, add an unknown one, set a date to zeros, and duplicate a record; check each outcome."""
    violations, cases = Violations(), 0
    for one in await context.recorded():
        seen: set[tuple[str, str]] = set()
        known = {day for body in one.undamaged.bodies for day in _dates(body)}
        for place, payload in one.payloads() if one.question.kind is not QuestionKind.PROBE else ():
            for case in damaged_payloads(payload, seen, context.fields):
                outcome = await one.replay(place, case.payload)
                if not left_recording(outcome):
                    cases += 1
                    violations.extend(
                        f"{_where(one, case)}: {violation}" for violation in _violations(one, case, outcome, known)
                    )
    violations.finish("")
    if not cases:
        raise NotApplicableError("no recorded answer contains records")
    return f"{cases} damaged payloads"


def _where(one: RecordedQuestion, case: DamagedPayload) -> str:
    name = case.name.replace("\0", ".")
    return f"{one.question.name}, {case.kind}{f' ({name})' if name else ''}"


def _violations(one: RecordedQuestion, case: DamagedPayload, outcome: Outcome, known: set[date]) -> Iterator[str]:
    # A zero date causes a doubt, an additional field nothing. A missing field may make the whole page unusable.
    allowed = Allowed(errors=_ERRORS[case.kind], survives=True, changes=case.kind == DUPLICATE_KEY)
    if outcome.error is None and case.kind in {MISSING_FIELD, ZERO_DATE}:
        yield from _missing_records(one.undamaged, outcome)
    else:
        yield from violations_of(one.question.kind, allowed, one.undamaged, outcome)
    if any(CANARY in text for text in outcome.texts):
        yield "the reason contains text of the payload"
    if any(day not in known and _from_zero(day) for body in outcome.bodies for day in _dates(body)):
        yield "a zero date is read as a valid date"


def _missing_records(undamaged: Outcome, outcome: Outcome) -> Iterator[str]:
    """Yield violations by counting records: without a field, keys may differ, and rows may join differently."""
    yield from (f"the adapter fails on a record with {fault}" for fault in outcome.faults)
    lost = len(undamaged.keys) - len(outcome.keys)
    if lost > 0 and outcome.set_aside <= undamaged.set_aside:
        yield f"{lost} records are missing and none is set aside"


def _dates(value: Any) -> Iterator[date]:  # noqa: ANN401 - any value of a body
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _dates(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _dates(item)
    elif isinstance(value, date):
        yield value


def _from_zero(day: date) -> bool:
    """Whether a date is one that results from converting zero or nothing."""
    return day.year < _FIRST_YEAR or (day.year, day.month, day.day) == (1970, 1, 1)
