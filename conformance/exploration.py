"""Explores the simulator: every row is asked for every known person, once, while nothing is disturbed."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ValidationError

from adapters.contract import Need, Subject
from adapters.errors import QueryRefusedError
from conformance.outcomes import Outcome
from conformance.question_route import QuestionRoute
from conformance.questions import Question, QuestionKind, Row, asked, document, fed, probing
from conformance.questions import one as one_record
from conformance.rules import NotApplicableError
from conformance.simulator_process import SimulatorOffice
from schemas.resources import Query

if TYPE_CHECKING:
    from conformance.check_context import CheckContext

_RECORDS: Final = 3
_DOCUMENTS: Final = 12


@dataclass(frozen=True, slots=True)
class Explored:
    """A question, the office that it was put to, and what came of it."""

    office: SimulatorOffice
    question: Question
    outcome: Outcome


async def explore(context: "CheckContext") -> tuple[Explored, ...]:
    """Put every question that makes sense to every office of the simulator."""
    found: list[Explored] = []
    for office in context.offices:
        async with context.way(office) as way:
            explorer = _Explorer(context, office, way)
            found.append(await explorer.put(probing(context.spec)))
            for row in context.spec.reads:
                found.extend([explored async for explored in explorer.row(row)])
    return tuple(found)


def subjects(context: "CheckContext") -> Mapping[str, Subject]:
    """The known people who can be asked about, by their names: those whom the adapter may know by NIK."""
    if context.simulator is None or Need.NIK not in context.spec.needs:
        return {}
    return {name: Subject(nik=nik) for name, nik in context.simulator.people.items() if nik}


@dataclass(frozen=True, slots=True)
class _Explorer:
    """Puts questions to one office."""

    context: "CheckContext"
    office: SimulatorOffice
    way: QuestionRoute

    async def put(self, question: Question) -> Explored:
        return Explored(self.office, question, await self.context.put(question, self.way))

    async def row(self, row: Row) -> AsyncIterator[Explored]:
        """What one row has to tell."""
        if row.feed is not None:
            yield await self.put(fed(row))
        if row.ask is None:
            return
        lists = [await self.put(question) for question in self._lists(row)]
        lists.extend([await self._by_filter(row, *found) for found in list(_filtered(row, lists))])
        for explored in lists:
            yield explored
        full = next((explored for explored in lists if explored.outcome.found), None)
        if full is not None:
            async for explored in self._of_records(row, full):
                yield explored

    async def _by_filter(self, row: Row, name: str, query: Query, known: Question) -> Explored:
        """Asked about nobody, as officers ask; of a system that answers about one resident only, about that one."""
        about_nobody = await self.put(asked(row, None, query=query, by=name))
        if row.resource.public or not isinstance(about_nobody.outcome.error, QueryRefusedError):
            return about_nobody
        return await self.put(asked(row, known.subject, known.person, query, by=name))

    def _lists(self, row: Row) -> Iterator[Question]:
        people = subjects(self.context)
        for name, subject in people.items():
            yield asked(row, subject, name)
        if not people:
            yield asked(row, None)

    async def _of_records(self, row: Row, full: Explored) -> AsyncIterator[Explored]:
        keys, subject = full.outcome.keys, full.question.subject
        if row.one is not None:
            for key in keys[:_RECORDS]:
                yield await self.put(one_record(row, key, subject))
        if row.content is not None:
            for key in keys[:_DOCUMENTS]:
                explored = await self.put(document(row, key, 0, subject))
                yield explored
                if explored.outcome.found or explored.outcome.error is not None:
                    return


def _filtered(row: Row, lists: list[Explored]) -> Iterator[tuple[str, Query, Question]]:
    """Each filter that the row pushes, with a value that a known record has, and the question that brought that one."""
    for name in sorted(row.pushes):
        known = ((one.question, body) for one in lists for body in one.outcome.bodies)
        found = ((name, query, question) for question, body in known for query in _queries(row, name, body))
        yield from islice(found, 1)


def _queries(row: Row, name: str, body: Any) -> Iterator[Query]:  # noqa: ANN401 - a body of any resource
    """Queries by one filter that this record meets: whichever of its values the filter takes, and means."""
    for value in _leaves(body):
        try:
            query: Query = row.resource.query.model_validate({name: value})
        except ValidationError:
            continue
        if row.resource.matches(body, query):
            yield query


def _leaves(value: Any) -> Iterator[Any]:  # noqa: ANN401 - any value of a body
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _leaves(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _leaves(item)
    elif value is not None:
        yield value


def by_kind(explored: tuple[Explored, ...], *kinds: QuestionKind) -> tuple[Explored, ...]:
    """Those whose question is of one of the kinds."""
    return tuple(one for one in explored if one.question.kind in kinds)


def best_office(explored: tuple[Explored, ...]) -> tuple[SimulatorOffice, tuple[Explored, ...]]:
    """The office in which the most kinds of questions found something, and one question of each kind there.

    Raises `NotApplicableError` when none found anything.
    """
    offices: dict[int, tuple[SimulatorOffice, dict[Any, Explored]]] = {}
    for one in explored:
        if one.outcome.found:
            _, kinds = offices.setdefault(id(one.office), (one.office, {}))
            kinds.setdefault(one.question.name, one)
    if not offices:
        raise NotApplicableError("no row answers even when nothing is wrong")
    office, kinds = max(offices.values(), key=lambda held: len(held[1]))
    return office, tuple(kinds.values())
