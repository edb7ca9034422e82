"""Lists nested under one public record, from the same office's snapshot: a facility's queues, a stop's departures."""

from typing import Any, TypeVar

from fastapi import Request

from gateway.api.answers import Answer, list_answer
from gateway.api.context import RequestContext
from gateway.api.dependencies import ApiDependencies
from gateway.api.formats.page import ListPage
from gateway.api.problems.errors import ProblemError
from gateway.api.sources import public_sources, with_item_counts
from gateway.policy.narrowing import PermittedQuery
from gateway.records.ids import RecordPlace
from schemas.envelope import SourceState
from schemas.records import Body
from schemas.resources import Query, Resource

B = TypeVar("B", bound=Body)
Q = TypeVar("Q", bound=Query)


def record_place(deps: ApiDependencies, resource: Resource[Any, Any], public_id: str) -> RecordPlace:
    """Return the place in a record id. Raises the problem `not-found` if it is not a valid id of this resource."""
    place = deps.ids.open(resource, public_id)
    if place is None:
        raise ProblemError("not-found")
    return place


def nested_list(
    request: Request,
    deps: ApiDependencies,
    context: RequestContext,
    place: RecordPlace,
    permitted: PermittedQuery[B, Q],
) -> Answer:
    """Answer with all public records that match the query and come from the office of `place`, on one page.

    Raises the problem of the cause if the snapshot has failed, and `not-found` if no such snapshot exists.
    """
    shown = deps.snapshots.public(permitted.resource)
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
        and permitted.resource.matches(record.body, permitted.query)
    )
    disclosed = deps.gate.disclose_public(permitted, records, language=context.language)
    counted = public_sources(with_item_counts(sources, records), deps.registry.title, context.language)
    return list_answer(request, ListPage(disclosed, counted, edition=shown.edition), language=context.language)
