"""Lists below one public record, from its office's snapshot: a facility's queues, a stop's departures."""

from typing import Any, TypeVar

from fastapi import Request

from gateway.api.answers import Answer, listing
from gateway.api.context import RequestContext
from gateway.api.dependencies import ApiDependencies
from gateway.api.formats.page import ListPage
from gateway.api.lists import counted
from gateway.api.problems.errors import ProblemError
from gateway.policy.narrowing import PermittedQuery
from gateway.records.ids import RecordPlace
from schemas.envelope import SourceState
from schemas.records import Body
from schemas.resources import Query, Resource

B = TypeVar("B", bound=Body)
Q = TypeVar("Q", bound=Query)


def place_of(deps: ApiDependencies, resource: Resource[Any, Any], public_id: str) -> RecordPlace:
    """Where the record with this id is at home; the problem `not-found` for what is no id of this resource."""
    place = deps.ids.open(resource, public_id)
    if place is None:
        raise ProblemError("not-found")
    return place


def list_below(
    request: Request, deps: ApiDependencies, context: RequestContext, place: RecordPlace, asked: PermittedQuery[B, Q]
) -> Answer:
    """All of the public records that meet the question and come from the same office as `place`, on one page.

    A snapshot that has nothing to show is the problem of its cause, and never an empty list.
    """
    shown = deps.snapshots.public(asked.resource)
    here = (place.system, place.office)
    sources = tuple(source for source in shown.sources if (source.system, source.office) == here)
    if not sources:
        raise ProblemError("not-found")
    if sources[0].state is SourceState.FAILED:
        raise ProblemError(sources[0].cause or "unavailable", sources=sources)
    records = tuple(
        record
        for record in shown.records
        if (record.provenance.system, record.provenance.office) == here
        and asked.resource.matches(record.body, asked.query)
    )
    disclosed = deps.gate.disclose_public(asked, records, language=context.language)
    return listing(request, ListPage(disclosed, counted(sources, records)), language=context.language)
