"""Ownership of records: residents get their own, strangers get none, and invalid keys find nothing."""

from collections.abc import Callable, Iterator
from typing import Final

from adapters.contract import Subject
from adapters.errors import AdapterError, QueryRefusedError
from conformance.check_context import CheckContext
from conformance.exploration import ExploredQuestion, by_kind, subjects
from conformance.outcomes import Outcome
from conformance.question_route import QuestionRoute
from conformance.questions import Question, QuestionKind, Row, document_question, list_question, record_question
from conformance.rules import NotApplicableError, Violations

STRANGER: Final = "6371994101900010"
"""A well-formed synthetic NIK that no system has stored."""

_MALFORMED_KEYS: Final = ("", "/", "..", "../../etc/passwd", "%00", "\x00", "0", "☃", "a" * 4000, "' OR 1=1 --")


def has_owned_rows(context: CheckContext) -> str | None:
    """Applies to adapters with personal records, fed or live."""
    if not context.offices:
        return "no simulator runs for this adapter"
    return None if _owned_rows(context) else "every record is public"


def has_personal_rows(context: CheckContext) -> str | None:
    """Applies to adapters with live lists of personal records."""
    if not context.offices:
        return "no simulator runs for this adapter"
    return None if _personal_rows(context) else "no row has a live list about a person"


async def owners(context: CheckContext) -> str:
    """Require that records returned for a resident belong to them, as far as a record states its owner."""
    people, violations = subjects(context), Violations()
    if not people:
        raise NotApplicableError("the simulator's people can be found by NIK only")
    kinds = by_kind(await context.explored(), QuestionKind.ASK, QuestionKind.ONE, QuestionKind.FEED)
    explored = [each for each in kinds if each.question.subject or each.question.kind is QuestionKind.FEED]
    for row in _owned_rows(context):
        violations.extend(_owner_violations(row, [each for each in explored if each.question.row is row]))
    return violations.finish(f"{len(_owned_rows(context))} rows")


async def strangers(context: CheckContext) -> str:
    """Require an empty answer for an unknown NIK and for a subject without one.

    A question without a subject may be refused or return nothing.
    """
    violations = Violations()
    for office in context.offices:
        async with context.route(office) as route:
            for row in _personal_rows(context):
                name = row.resource.name
                for who, subject in (("an unknown NIK", Subject(nik=STRANGER)), ("a subject without NIK", Subject())):
                    outcome = await context.ask(list_question(row, subject), route)
                    violations.extend(f"{name} for {who}: {violation}" for violation in _not_empty(outcome))
                outcome = await context.ask(list_question(row, None), route)
                if not isinstance(outcome.error, QueryRefusedError):
                    violations.extend(f"{name} without a subject: {violation}" for violation in _not_empty(outcome))
    return violations.finish("an unknown NIK, a subject without NIK, no subject")


async def unknown_keys(context: CheckContext) -> str:
    """Require that an unknown key finds nothing; a malformed key may also raise an `AdapterError`."""
    rows = [row for row in context.spec.reads if row.one is not None or row.content is not None]
    if not rows:
        raise NotApplicableError("no row fetches a single record")
    explored, violations, tried = await context.explored(), Violations(), 0
    for row in rows:
        listed = [
            each for each in by_kind(explored, QuestionKind.ASK) if each.question.row is row and each.outcome.found
        ]
        for known in listed[:1]:
            async with context.route(known.office) as route:
                violations.extend(await _key_violations(context, row, known, route))
            tried += 1 + len(_MALFORMED_KEYS)
    return violations.finish(f"{tried} keys")


def _personal_rows(context: CheckContext) -> list[Row]:
    return [row for row in context.spec.reads if row.ask is not None and not row.resource.public]


def _owned_rows(context: CheckContext) -> list[Row]:
    return [row for row in context.spec.reads if not row.resource.public]


def _owner_violations(row: Row, explored: list[ExploredQuestion]) -> Iterator[str]:
    """Yield a violation for each record of another person, or if no record states its owner."""
    stated = [(each, nik) for each in explored for nik in _stated_owners(row, each)]
    for each, nik in stated:
        if each.question.subject is not None and nik not in (None, each.question.subject.nik):
            yield f"{each.question.name} ({each.question.person}): a record of another person is returned"
    if stated and not any(nik for _, nik in stated):
        yield f"{row.resource.name}: no record states its owner without doubt"


def _stated_owners(row: Row, each: ExploredQuestion) -> Iterator[str | None]:
    """Yield the owner's NIK of each record; None if the record does not state it without doubt."""
    for body in each.outcome.bodies:
        owner = row.resource.owner(body) if row.resource.owner is not None else None
        yield owner.nik if owner is not None else None


def _not_empty(outcome: Outcome) -> Iterator[str]:
    if outcome.error is not None:
        yield f"raises {type(outcome.error).__name__} instead of an empty answer"
    if outcome.keys or outcome.set_aside:
        yield f"{len(outcome.keys) + outcome.set_aside} records are returned"


async def _key_violations(context: CheckContext, row: Row, known: ExploredQuestion, route: QuestionRoute) -> list[str]:
    """Return the violations of a row for keys that do not exist."""
    name, key, subject = row.resource.name, known.outcome.keys[0], known.question.subject
    unknown = "".join("9" if letter.isdigit() else letter for letter in key)
    unknown = unknown if unknown != key else f"{key}9"
    violations: list[str] = []
    if row.content is not None:
        outcome = await context.ask(document_question(row, key, "no-such-document", subject), route)
        violations += [f"unknown document of {name}: {violation}" for violation in _not_empty(outcome)]
    document_id = await _document_id(context, row)
    for make in _question_makers(row, subject, document_id):
        where = make(unknown).name
        outcome = await context.ask(make(unknown), route)
        if outcome.error is not None or outcome.keys not in ((), (unknown,)):
            violations += [f"{where} by an unknown key: {violation}" for violation in _not_empty(outcome)]
        for malformed in _MALFORMED_KEYS:
            violations += [
                f"{where} by a malformed key {violation}"
                for violation in _malformed_key_violations(await context.ask(make(malformed), route))
            ]
    return violations


async def _document_id(context: CheckContext, row: Row) -> str:
    """Return the id of a document that a record of this row has."""
    asked = (each.question for each in by_kind(await context.explored(), QuestionKind.CONTENT))
    return next((question.document_id for question in asked if question.row is row), "no-such-document")


def _question_makers(row: Row, subject: Subject | None, document_id: str) -> Iterator[Callable[[str], Question]]:
    if row.one is not None:
        yield lambda key: record_question(row, key, subject)
    if row.content is not None:
        yield lambda key: document_question(row, key, document_id, subject)


def _malformed_key_violations(outcome: Outcome) -> Iterator[str]:
    if outcome.error is not None and not isinstance(outcome.error, AdapterError):
        yield f"raises {type(outcome.error).__name__}, which is no AdapterError"
    if outcome.keys:
        yield "finds something"
