"""The rows against the simulator: each must return records that can be normalised."""

from collections import Counter

from conformance.check_context import CheckContext
from conformance.exploration import ExploredQuestion, by_kind
from conformance.questions import QuestionKind, Row
from conformance.rules import NotApplicableError, Violations


def needs_simulator(context: CheckContext) -> str | None:
    """Applies when a simulator runs."""
    return None if context.offices else "no simulator runs for this adapter"


async def answer(context: CheckContext) -> str:
    """Require that every row returns records that can be normalised, in at least one office."""
    explored, violations = await context.explored(), Violations()
    for one in by_kind(explored, QuestionKind.FEED, QuestionKind.ASK, QuestionKind.ONE):
        violations.extend(_violations(one))
    for row in context.spec.reads:
        for kind, given in ((QuestionKind.FEED, row.feed), (QuestionKind.ASK, row.ask), (QuestionKind.ONE, row.one)):
            violations.require(
                given is None or any(one.outcome.found for one in _of(explored, row, kind)),
                f"{kind} of {row.resource.name}: no office of the simulator returns a record",
            )
    questions = len(by_kind(explored, QuestionKind.FEED, QuestionKind.ASK, QuestionKind.ONE))
    return violations.finish(f"{questions} questions, {sum(len(one.outcome.keys) for one in explored)} records")


async def keys(context: CheckContext) -> str:
    """Require that keys are unique within an answer, and that a fetched record has the requested key."""
    explored, violations = await context.explored(), Violations()
    seen = 0
    for one in by_kind(explored, QuestionKind.FEED, QuestionKind.ASK):
        counted = Counter(one.outcome.keys)
        seen += len(counted)
        doubled = sum(1 for count in counted.values() if count > 1)
        violations.require(not doubled, f"{one.question.name}: {doubled} keys are shared by several records")
        violations.require("" not in counted, f"{one.question.name}: a key is empty")
    for one in by_kind(explored, QuestionKind.ONE):
        another = set(one.outcome.keys) - {one.question.key}
        violations.require(not another, f"{one.question.name}: the record has another key than the requested one")
    return violations.finish(f"{seen} keys")


async def documents(context: CheckContext) -> str:
    """Require that every row with documents returns at least one."""
    rows = [row for row in context.spec.reads if row.content is not None]
    if not rows:
        raise NotApplicableError("no row has documents")
    explored, violations = await context.explored(), Violations()
    for row in rows:
        asked = _of(explored, row, QuestionKind.CONTENT)
        violations.extend(violation for one in asked for violation in _violations(one))
        violations.require(
            any(one.outcome.found for one in asked),
            f"{row.resource.name}: none of {len(asked)} records of known people has a document",
        )
    return violations.finish(f"{len(rows)} rows")


async def filters(context: CheckContext) -> str:
    """Require that a pushed filter returns every matching record and no other."""
    pushing = [row for row in context.spec.reads if row.pushes]
    if not pushing:
        raise NotApplicableError("no row declares pushed filters")
    explored, violations = await context.explored(), Violations()
    for row in pushing:
        for name in sorted(row.pushes):
            asked = [one for one in _of(explored, row, QuestionKind.ASK) if one.question.filter == name]
            violations.require(asked, f"{row.resource.name}: no known record has a value for the filter {name}")
            for one in asked:
                violations.extend(_filter_violations(one, row, _of(explored, row, QuestionKind.ASK)))
    return violations.finish(f"{sum(len(row.pushes) for row in pushing)} filters")


def _of(explored: tuple[ExploredQuestion, ...], row: Row | None, kind: QuestionKind) -> list[ExploredQuestion]:
    return [one for one in by_kind(explored, kind) if one.question.row is row]


def _violations(one: ExploredQuestion) -> list[str]:
    where, outcome = _where(one), one.outcome
    if outcome.error is not None:
        return [f"{where}: raises {type(outcome.error).__name__}"]
    violations = [f"{where}: the adapter fails on a record with {fault}" for fault in outcome.faults]
    if one.question.kind is QuestionKind.ONE and not outcome.found:
        violations.append(f"{where}: a record that was listed cannot be fetched by its key")
    if outcome.set_aside and not outcome.found:
        violations.append(f"{where}: every record is set aside")
    return violations


def _filter_violations(one: ExploredQuestion, row: Row, lists: list[ExploredQuestion]) -> list[str]:
    outcome, query = one.outcome, one.question.query
    if outcome.error is not None:
        return []
    others = sum(not row.resource.matches(body, query) for body in outcome.bodies)
    meeting = {
        key
        for other in lists
        if other.office is one.office and not other.question.filter
        if one.question.person in ("", other.question.person)
        for key, body in zip(other.outcome.keys, other.outcome.bodies, strict=True)
        if row.resource.matches(body, query)
    }
    missed = len(meeting - set(outcome.keys))
    counted = ((others, "returned records do not match it"), (missed, "known matching records are missing"))
    return [f"{one.question.name}: {count} {what}" for count, what in counted if count]


def _where(one: ExploredQuestion) -> str:
    return f"{one.question.name}{f' ({one.question.person})' if one.question.person else ''}" + (
        f" in {one.office.id}" if one.office.id else ""
    )
