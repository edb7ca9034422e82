"""Whose records come: the subject's own, nobody's for a stranger, and nothing unfit for whoever has no number."""

from collections.abc import Callable, Iterator
from typing import Final

from adapters.contract import Subject
from adapters.errors import AdapterError, QueryRefusedError
from conformance.check_context import CheckContext
from conformance.exploration import Explored, by_kind, subjects
from conformance.outcomes import Outcome
from conformance.question_route import QuestionRoute
from conformance.questions import Question, QuestionKind, Row, asked, document, one
from conformance.rules import Flaws, NotApplicableError

STRANGER: Final = "6371994101900010"
"""A well-formed synthetic NIK of somebody whom no system knows."""

_ODD_KEYS: Final = ("", "/", "..", "../../etc/passwd", "%00", "\x00", "0", "☃", "a" * 4000, "' OR 1=1 --")


def owned(context: CheckContext) -> str | None:
    """For rules about records that belong to somebody, however they come."""
    if not context.offices:
        return "no simulator runs for this adapter"
    return None if _owned_rows(context) else "every record is public"


def personal(context: CheckContext) -> str | None:
    """For rules about records that belong to somebody and are asked for live."""
    if not context.offices:
        return "no simulator runs for this adapter"
    return None if _personal_rows(context) else "no row is asked about a person"


async def owners(context: CheckContext) -> str:
    """What comes for a resident is theirs, as far as it states without doubt whose it is."""
    people, flaws = subjects(context), Flaws()
    if not people:
        raise NotApplicableError("the known people of the simulator are known by NIK only")
    kinds = by_kind(await context.explored(), QuestionKind.ASK, QuestionKind.ONE, QuestionKind.FEED)
    explored = [each for each in kinds if each.question.subject or each.question.kind is QuestionKind.FEED]
    for row in _owned_rows(context):
        flaws.extend(_owner_flaws(row, [each for each in explored if each.question.row is row]))
    return flaws.settle(f"{len(_owned_rows(context))} rows")


async def strangers(context: CheckContext) -> str:
    """A stranger, and whoever has no number, gets an empty answer; a question about nobody brings nobody's records."""
    flaws = Flaws()
    for office in context.offices:
        async with context.way(office) as way:
            for row in _personal_rows(context):
                name = row.resource.name
                for who, subject in (("a stranger", Subject(nik=STRANGER)), ("somebody without a number", Subject())):
                    outcome = await context.put(asked(row, subject), way)
                    flaws.extend(f"{name} of {who}: {flaw}" for flaw in _not_empty(outcome))
                outcome = await context.put(asked(row, None), way)
                if not isinstance(outcome.error, QueryRefusedError):
                    flaws.extend(f"{name} of nobody: {flaw}" for flaw in _not_empty(outcome))
    return flaws.settle("a stranger, somebody without a number, nobody")


async def unknown_keys(context: CheckContext) -> str:
    """A key that never existed brings nothing; one that is no key at all brings nothing, or an error of the tree."""
    rows = [row for row in context.spec.reads if row.one is not None or row.content is not None]
    if not rows:
        raise NotApplicableError("no row fetches a single record")
    explored, flaws, tried = await context.explored(), Flaws(), 0
    for row in rows:
        listed = [
            each for each in by_kind(explored, QuestionKind.ASK) if each.question.row is row and each.outcome.found
        ]
        for known in listed[:1]:
            async with context.way(known.office) as way:
                flaws.extend(await _key_flaws(context, row, known, way))
            tried += 1 + len(_ODD_KEYS)
    return flaws.settle(f"{tried} keys")


def _personal_rows(context: CheckContext) -> list[Row]:
    return [row for row in context.spec.reads if row.ask is not None and not row.resource.public]


def _owned_rows(context: CheckContext) -> list[Row]:
    return [row for row in context.spec.reads if not row.resource.public]


def _owner_flaws(row: Row, explored: list[Explored]) -> Iterator[str]:
    """Somebody else's records among a resident's; or none at all that says whose it is."""
    stated = [(each, nik) for each in explored for nik in _stated(row, each)]
    for each, nik in stated:
        if each.question.subject is not None and nik not in (None, each.question.subject.nik):
            yield f"{each.question.name} ({each.question.person}): a record of somebody else came"
    if stated and not any(nik for _, nik in stated):
        yield f"{row.resource.name}: no record states without doubt whose it is"


def _stated(row: Row, each: Explored) -> Iterator[str | None]:
    """Whose each record is, None where it does not say so without doubt."""
    for body in each.outcome.bodies:
        owner = row.resource.owner(body) if row.resource.owner is not None else None
        yield owner.nik if owner is not None else None


def _not_empty(outcome: Outcome) -> Iterator[str]:
    if outcome.error is not None:
        yield f"raises {type(outcome.error).__name__} in place of an empty answer"
    if outcome.keys or outcome.set_aside:
        yield f"{len(outcome.keys) + outcome.set_aside} records came"


async def _key_flaws(context: CheckContext, row: Row, known: Explored, way: QuestionRoute) -> list[str]:
    """What is wrong with how a row takes keys that do not exist."""
    name, key, subject = row.resource.name, known.outcome.keys[0], known.question.subject
    never = "".join("9" if letter.isdigit() else letter for letter in key)
    never = never if never != key else f"{key}9"
    found: list[str] = []
    if row.content is not None:
        outcome = await context.put(document(row, key, 9999, subject), way)
        found += [f"document of {name} after the last: {flaw}" for flaw in _not_empty(outcome)]
    for make in _makers(row, subject):
        where = make(never).name
        outcome = await context.put(make(never), way)
        if outcome.error is not None or outcome.keys not in ((), (never,)):
            found += [f"{where} by a key that never existed: {flaw}" for flaw in _not_empty(outcome)]
        for odd in _ODD_KEYS:
            found += [f"{where} by what is no key {flaw}" for flaw in _odd(await context.put(make(odd), way))]
    return found


def _makers(row: Row, subject: Subject | None) -> Iterator[Callable[[str], Question]]:
    if row.one is not None:
        yield lambda key: one(row, key, subject)
    if row.content is not None:
        yield lambda key: document(row, key, 0, subject)


def _odd(outcome: Outcome) -> Iterator[str]:
    if outcome.error is not None and not isinstance(outcome.error, AdapterError):
        yield f"raises {type(outcome.error).__name__}, which is not of the tree"
    if outcome.keys:
        yield "brings something"
