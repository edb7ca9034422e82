"""The rows against the simulator: each answers, and what it answers can be normalised."""

from collections import Counter

from conformance.check_context import CheckContext
from conformance.exploration import Explored, by_kind
from conformance.questions import QuestionKind, Row
from conformance.rules import Flaws, NotApplicableError


def needs_simulator(context: CheckContext) -> str | None:
    """For rules that ask a simulator."""
    return None if context.offices else "no simulator runs for this adapter"


async def answer(context: CheckContext) -> str:
    """Every row answers with records that can be normalised, in at least one office."""
    explored, flaws = await context.explored(), Flaws()
    for one in by_kind(explored, QuestionKind.FEED, QuestionKind.ASK, QuestionKind.ONE):
        flaws.extend(_flaws(one))
    for row in context.spec.reads:
        for kind, given in ((QuestionKind.FEED, row.feed), (QuestionKind.ASK, row.ask), (QuestionKind.ONE, row.one)):
            flaws.unless(
                given is None or any(one.outcome.found for one in _of(explored, row, kind)),
                f"{row.resource.name} {kind}: no office of the simulator has anything to tell",
            )
    questions = len(by_kind(explored, QuestionKind.FEED, QuestionKind.ASK, QuestionKind.ONE))
    return flaws.settle(f"{questions} questions, {sum(len(one.outcome.keys) for one in explored)} records")


async def keys(context: CheckContext) -> str:
    """No key stands for two records of one answer, and a record fetched by its key is the one that was asked for."""
    explored, flaws = await context.explored(), Flaws()
    seen = 0
    for one in by_kind(explored, QuestionKind.FEED, QuestionKind.ASK):
        counted = Counter(one.outcome.keys)
        seen += len(counted)
        doubled = sum(1 for count in counted.values() if count > 1)
        flaws.unless(not doubled, f"{one.question.name}: {doubled} keys stand for more than one record")
        flaws.unless("" not in counted, f"{one.question.name}: a key is empty")
    for one in by_kind(explored, QuestionKind.ONE):
        another = set(one.outcome.keys) - {one.question.key}
        flaws.unless(not another, f"{one.question.name}: another record came than was asked for")
    return flaws.settle(f"{seen} keys")


async def documents(context: CheckContext) -> str:
    """Every row that has documents gives one of them."""
    rows = [row for row in context.spec.reads if row.content is not None]
    if not rows:
        raise NotApplicableError("no row has documents")
    explored, flaws = await context.explored(), Flaws()
    for row in rows:
        asked = _of(explored, row, QuestionKind.CONTENT)
        flaws.extend(flaw for one in asked for flaw in _flaws(one))
        flaws.unless(
            any(one.outcome.found for one in asked),
            f"{row.resource.name}: none of {len(asked)} records of known people gives a document",
        )
    return flaws.settle(f"{len(rows)} rows")


async def filters(context: CheckContext) -> str:
    """A filter that the system is said to honour brings what meets it, and nothing else."""
    pushing = [row for row in context.spec.reads if row.pushes]
    if not pushing:
        raise NotApplicableError("no row pushes a filter")
    explored, flaws = await context.explored(), Flaws()
    for row in pushing:
        for name in sorted(row.pushes):
            asked = [one for one in _of(explored, row, QuestionKind.ASK) if one.question.filter == name]
            flaws.unless(asked, f"{row.resource.name}: no known record has a value for the filter {name}")
            for one in asked:
                flaws.extend(_filter_flaws(one, row, _of(explored, row, QuestionKind.ASK)))
    return flaws.settle(f"{sum(len(row.pushes) for row in pushing)} filters")


def _of(explored: tuple[Explored, ...], row: Row | None, kind: QuestionKind) -> list[Explored]:
    return [one for one in by_kind(explored, kind) if one.question.row is row]


def _flaws(one: Explored) -> list[str]:
    where, outcome = _where(one), one.outcome
    if outcome.error is not None:
        return [f"{where}: raises {type(outcome.error).__name__}"]
    flaws = [f"{where}: the adapter fails on a record with {fault}" for fault in outcome.faults]
    if one.question.kind is QuestionKind.ONE and not outcome.found:
        flaws.append(f"{where}: a record that was listed cannot be fetched by its key")
    if outcome.set_aside and not outcome.found:
        flaws.append(f"{where}: every record is set aside")
    return flaws


def _filter_flaws(one: Explored, row: Row, lists: list[Explored]) -> list[str]:
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
    counted = ((others, "records came that do not meet it"), (missed, "known records that meet it did not come"))
    return [f"{one.question.name}: {count} {what}" for count, what in counted if count]


def _where(one: Explored) -> str:
    return f"{one.question.name}{f' ({one.question.person})' if one.question.person else ''}" + (
        f" in {one.office.id}" if one.office.id else ""
    )
