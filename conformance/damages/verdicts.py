"""Whether what came of a damaged answer is right."""

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
    """What a damage may lead to.

    `errors`: those of the tree that say what it is. `nothing`: it may mean "not found", where that does no harm.
    `survives`: it may do no harm at all, or cost single records, as long as each of those is set aside. `changes`: what
    survives may read differently.
    """

    errors: Errors
    nothing: bool = False
    survives: bool = False
    changes: bool = False


def flaws(kind: QuestionKind, allowed: Allowed, undamaged: Outcome, damaged: Outcome) -> Iterator[str]:
    """What is wrong about the outcome of a damaged answer."""
    for fault in damaged.faults:
        yield f"the adapter fails on a record with {fault}"
    if damaged.error is not None:
        yield from _raised(damaged.error, allowed)
    elif not damaged.keys and allowed.nothing and kind.may_find_nothing:
        return
    elif not allowed.survives:
        yield "is not noticed" if damaged.keys == undamaged.keys else "is taken for an answer"
    else:
        yield from _silent(allowed, undamaged, damaged)


def _raised(error: Exception, allowed: Allowed) -> Iterator[str]:
    name = type(error).__name__
    if not isinstance(error, AdapterError):
        yield f"raises {name}, which is not of the tree"
    elif isinstance(error, NotSentError):
        yield "raises NotSentError, which only the upstream stack may do"
    elif not isinstance(error, tuple(allowed.errors)):
        yield f"raises {name} in place of {' or '.join(sorted(one.__name__ for one in allowed.errors))}"


def _silent(allowed: Allowed, undamaged: Outcome, damaged: Outcome) -> Iterator[str]:
    lost = len(set(undamaged.keys) - set(damaged.keys))
    noted = damaged.set_aside - undamaged.set_aside
    if lost > max(0, noted):
        yield f"{lost} records are gone and {max(0, noted)} of them set aside"
    elif not allowed.changes:
        before = dict(zip(undamaged.keys, undamaged.bodies, strict=False))
        after = dict(zip(damaged.keys, damaged.bodies, strict=False))
        changed = sum(key in before and not _alike(before[key], body) for key, body in after.items())
        if changed:
            yield f"{changed} records read differently, and nothing says so"


def _alike(before: Body, after: Body) -> bool:
    """Whether two bodies say the same; when something was looked at (a camera) moves on from reading to reading."""
    if type(before) is not type(after):
        return False
    pairs = ((value, getattr(after, name)) for name, value in before)
    return all(
        abs(one - other) <= _MEANWHILE if isinstance(one, datetime) and isinstance(other, datetime) else one == other
        for one, other in pairs
    )
