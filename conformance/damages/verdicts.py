"""Decide whether the outcome of a damaged answer is allowed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from adapters.errors import AdapterError, NotSentError
from conformance.outcomes import Outcome
from conformance.questions import QuestionKind
from schemas.records import Body

_MEANWHILE: Final = timedelta(minutes=1)

Errors = frozenset[type[AdapterError]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """The allowed results of a damage.

    `errors`: the allowed exceptions. `not_found`: "not found" is allowed, where that does no harm. `survives`: the
    damage may have no effect, or cost single records if each is set aside. `changes`: the remaining records may have
    other values.
    """

    errors: Errors
    not_found: bool = False
    survives: bool = False
    changes: bool = False


def violations_of(kind: QuestionKind, allowed: Allowed, undamaged: Outcome, damaged: Outcome) -> Iterator[str]:
    """Yield the violations in the outcome of a damaged answer."""
    for fault in damaged.faults:
        yield f"the adapter fails on a record with {fault}"
    if damaged.error is not None:
        yield from _error_violations(damaged.error, allowed)
    elif not damaged.keys and allowed.not_found and kind.may_find_nothing:
        return
    elif not allowed.survives:
        yield "is not detected" if damaged.keys == undamaged.keys else "is taken for a valid answer"
    else:
        yield from _record_violations(allowed, undamaged, damaged)


def _error_violations(error: Exception, allowed: Allowed) -> Iterator[str]:
    name = type(error).__name__
    if not isinstance(error, AdapterError):
        yield f"raises {name}, which is no AdapterError"
    elif isinstance(error, NotSentError):
        yield "raises NotSentError, which only the upstream stack may raise"
    elif not isinstance(error, tuple(allowed.errors)):
        yield f"raises {name} instead of {' or '.join(sorted(one.__name__ for one in allowed.errors))}"


def _record_violations(allowed: Allowed, undamaged: Outcome, damaged: Outcome) -> Iterator[str]:
    lost = len(set(undamaged.keys) - set(damaged.keys))
    noted = damaged.set_aside - undamaged.set_aside
    if lost > max(0, noted):
        yield f"{lost} records are missing and {max(0, noted)} of them set aside"
    elif not allowed.changes:
        before = dict(zip(undamaged.keys, undamaged.bodies, strict=False))
        after = dict(zip(damaged.keys, damaged.bodies, strict=False))
        changed = sum(key in before and not _equal(before[key], body) for key, body in after.items())
        if changed:
            yield f"{changed} records have other values, without an error or a doubt"


def _equal(before: Body, after: Body) -> bool:
    """Whether two bodies are equal, except for times that differ by up to a minute, such as a camera's last check."""
    if type(before) is not type(after):
        return False
    pairs = ((value, getattr(after, name)) for name, value in before)
    return all(
        abs(one - other) <= _MEANWHILE if isinstance(one, datetime) and isinstance(other, datetime) else one == other
        for one, other in pairs
    )
