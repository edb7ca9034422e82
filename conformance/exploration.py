"""Exploration: ask every row about every known person once, while the simulator is undisturbed."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ValidationError

from adapters.contract import Need, Subject
from adapters.errors import QueryRefusedError
from conformance.outcomes import Outcome
from conformance.question_route import QuestionRoute
from conformance.questions import (
    Question,
    QuestionKind,
    Row,
    document_question,
    feed_question,
    list_question,
    probe_question,
    record_question,
)
from conformance.rules import NotApplicableError
from conformance.simulator_process import SimulatorOffice
from schemas.records import Body
from schemas.resources import Query

if TYPE_CHECKING:
    from conformance.check_context import CheckContext

_RECORDS: Final = 3
_DOCUMENTS: Final = 12


@dataclass(frozen=True, slots=True)
class ExploredQuestion:
    """A question, the office that was asked, and the outcome."""

    office: SimulatorOffice
    question: Question
    outcome: Outcome


async def explore(context: "CheckContext") -> tuple[ExploredQuestion, ...]:
    """Ask every applicable question of every office of the simulator."""
    explored: list[ExploredQuestion] = []
    for office in context.offices:
        async with context.route(office) as route:
            explorer = _Explorer(context, office, route)
            explored.append(await explorer.ask(probe_question(context.spec)))
            for row in context.spec.reads:
                explored.extend([explored async for explored in explorer.row(row)])
    return tuple(explored)


def subjects(context: "CheckContext") -> Mapping[str, Subject]:
    """Return the known people by name, as subjects with a NIK. Empty when the adapter does not need the NIK."""
    if context.simulator is None or Need.NIK not in context.spec.needs:
        return {}
    return {name: Subject(nik=nik) for name, nik in context.simulator.people.items() if nik}


@dataclass(frozen=True, slots=True)
class _Explorer:
    """Asks questions of one office."""

    context: "CheckContext"
    office: SimulatorOffice
    route: QuestionRoute

    async def ask(self, question: Question) -> ExploredQuestion:
        return ExploredQuestion(self.office, question, await self.context.ask(question, self.route))

    async def row(self, row: Row) -> AsyncIterator[ExploredQuestion]:
        """Ask every question that one row supports."""
        if row.feed is not None:
            yield await self.ask(feed_question(row))
        if row.ask is None:
            return
        lists = [await self.ask(question) for question in self._lists(row)]
        lists.extend([await self._by_filter(row, *found) for found in list(_filtered(row, lists))])
        for explored in lists:
            yield explored
        full = next((explored for explored in lists if explored.outcome.found), None)
        if full is not None:
            async for explored in self._ask_by_key(row, full):
                yield explored

    async def _by_filter(self, row: Row, name: str, query: Query, known_question: Question) -> ExploredQuestion:
        """Ask by filter without a subject, as officers do.

        A system that refuses such a question is asked about the person of the known record.
        """
        about_nobody = await self.ask(list_question(row, None, query=query, by=name))
        if row.resource.public or not isinstance(about_nobody.outcome.error, QueryRefusedError):
            return about_nobody
        return await self.ask(list_question(row, known_question.subject, known_question.person, query, by=name))

    def _lists(self, row: Row) -> Iterator[Question]:
        people = subjects(self.context)
        for name, subject in people.items():
            yield list_question(row, subject, name)
        if not people:
            yield list_question(row, None)

    async def _ask_by_key(self, row: Row, full: ExploredQuestion) -> AsyncIterator[ExploredQuestion]:
        keys, subject = full.outcome.keys, full.question.subject
        if row.one is None:
            return
        documents: list[tuple[str, str]] = []
        for number, key in enumerate(keys[:_DOCUMENTS]):
            if number >= _RECORDS and (row.content is None or documents):
                break
            explored = await self.ask(record_question(row, key, subject))
            documents += [(key, one) for body in explored.outcome.bodies for one in _document_ids(body)]
            if number < _RECORDS:
                yield explored
        if row.content is not None:
            for key, document_id in documents[:_DOCUMENTS]:
                explored = await self.ask(document_question(row, key, document_id, subject))
                yield explored
                if explored.outcome.found or explored.outcome.error is not None:
                    return


def _document_ids(body: Body) -> tuple[str, ...]:
    return tuple(document.id for document in getattr(body, "documents", ()))


def _filtered(row: Row, lists: list[ExploredQuestion]) -> Iterator[tuple[str, Query, Question]]:
    """Yield each pushed filter with a value of a known record, and the question that returned that record."""
    for name in sorted(row.pushes):
        known = ((one.question, body) for one in lists for body in one.outcome.bodies)
        found = ((name, query, question) for question, body in known for query in _queries(row, name, body))
        yield from islice(found, 1)


def _queries(row: Row, name: str, body: Any) -> Iterator[Query]:  # noqa: ANN401 - a body of any resource
    """Yield queries by one filter that this record matches, one for each of its values that the filter accepts."""
    for value in _values(body):
        try:
            query: Query = row.resource.query.model_validate({name: value})
        except ValidationError:
            continue
        if row.resource.matches(body, query):
            yield query


def _values(value: Any) -> Iterator[Any]:  # noqa: ANN401 - any value of a body
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _values(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _values(item)
    elif value is not None:
        yield value


def by_kind(explored: tuple[ExploredQuestion, ...], *kinds: QuestionKind) -> tuple[ExploredQuestion, ...]:
    """Return the explored questions of the given kinds."""
    return tuple(one for one in explored if one.question.kind in kinds)


def best_office(explored: tuple[ExploredQuestion, ...]) -> tuple[SimulatorOffice, tuple[ExploredQuestion, ...]]:
    """Return the office with the most kinds of questions that found something, and one question per kind.

    Raises `NotApplicableError` when no question found anything.
    """
    offices: dict[int, tuple[SimulatorOffice, dict[Any, ExploredQuestion]]] = {}
    for one in explored:
        if one.outcome.found:
            _, kinds = offices.setdefault(id(one.office), (one.office, {}))
            kinds.setdefault(one.question.name, one)
    if not offices:
        raise NotApplicableError("no row returns anything even from the undamaged simulator")
    office, kinds = max(offices.values(), key=lambda held: len(held[1]))
    return office, tuple(kinds.values())
