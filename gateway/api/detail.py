"""One record on its own: a public one from the snapshots, a personal one asked of its system."""

from typing import Annotated, Any, Final, TypeVar

from fastapi import Path, Request

from gateway.api.answers import Answer, single
from gateway.api.context import RequestContext
from gateway.api.dependencies import ApiDependencies
from gateway.api.lists import occasion
from gateway.api.problems.errors import ProblemError
from gateway.federation.gathered import CombinedAnswer, NoSourceAnsweredError
from gateway.policy.narrowing import PermittedQuery, narrow_public
from gateway.records.ids import RecordPlace
from gateway.snapshots.store import PublicList
from schemas.envelope import Source, SourceState
from schemas.records import Body, Record
from schemas.resources import Resource

B = TypeVar("B", bound=Body)

LONGEST_ID: Final = 512
RecordId = Annotated[str, Path(max_length=LONGEST_ID)]
"""The id of a record in a path. What parameters say to people stands in `gateway.api.openapi.titles`."""


def public_found(deps: ApiDependencies, resource: Resource[B, Any], public_id: str) -> tuple[Record[B], Source]:
    """The public record with this id, and the account of its source.

    Where it is not among what is shown, it may be in a snapshot that has nothing to show: that is no "not found".
    """
    shown: PublicList[B] = deps.snapshots.public(resource)
    found = next((record for record in shown.records if record.id == public_id), None)
    place = deps.ids.open(resource, public_id)
    if found is None:
        failed = tuple(s for s in shown.sources if s.state is SourceState.FAILED and _is_at(s, place))
        if failed:
            raise NoSourceAnsweredError(failed)
        raise ProblemError("not-found")
    where = (found.provenance.system, found.provenance.office)
    return found, next(source for source in shown.sources if (source.system, source.office) == where)


def _is_at(source: Source, place: RecordPlace | None) -> bool:
    return place is not None and (source.system, source.office) == (place.system, place.office)


def public_record(
    request: Request, deps: ApiDependencies, context: RequestContext, resource: Resource[Any, Any], public_id: str
) -> Answer:
    """One public record."""
    record, source = public_found(deps, resource, public_id)
    asked = narrow_public(resource, resource.query())
    disclosed = deps.gate.disclose_public(asked, (record,), language=context.language)
    return single(request, disclosed, source, language=context.language, max_age=5)


async def personal_found(
    request: Request, deps: ApiDependencies, context: RequestContext, asked: PermittedQuery[B, Any], public_id: str
) -> tuple[RecordPlace, CombinedAnswer[B]]:
    """The one record with this id, if the one who asks may see it; else 404, with the attempt on record."""
    place = deps.ids.open(asked.resource, public_id)
    if place is None:
        raise ProblemError("not-found")
    gathered = await deps.federation.ask_record(asked, place, context.deadline)
    context.note(gathered.seconds)
    gathered.require_answer()
    shown, _ = deps.gate.filter_visible(asked, gathered.records)
    if not shown:
        await deps.gate.log_empty_access(
            asked,
            occasion=occasion(deps, context, request),
            systems=(place.system,),
            result="refused" if gathered.records else "nothing-found",
            about=[record.body for record in gathered.records],
        )
        raise ProblemError("not-found")
    return place, gathered


async def personal_record(
    request: Request, deps: ApiDependencies, context: RequestContext, asked: PermittedQuery[Any, Any], public_id: str
) -> Answer:
    """One record of somebody, in full."""
    _, gathered = await personal_found(request, deps, context, asked, public_id)
    source = gathered.sources[0]
    disclosed = await deps.gate.disclose(
        asked,
        gathered.records,
        language=context.language,
        occasion=occasion(deps, context, request),
        systems=(source.system,),
    )
    return single(request, disclosed, source, language=context.language)
