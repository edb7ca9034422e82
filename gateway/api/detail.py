"""Answers with one record: a public record from the snapshots, a personal record from its system."""

from dataclasses import replace
from hashlib import blake2b
from typing import Annotated, Any, Final, TypeVar

from fastapi import Path, Request

from gateway.api.answers import Answer, record_answer
from gateway.api.context import RequestContext
from gateway.api.dependencies import ApiDependencies
from gateway.api.lists import access_context, has_own_records_only
from gateway.api.problems.errors import ProblemError
from gateway.api.sources import public_sources
from gateway.federation.combined_answer import CombinedAnswer, NoSourceAnsweredError
from gateway.policy.narrowing import PermittedQuery, narrow_own, narrow_public
from gateway.policy.principal import Principal
from gateway.records.ids import RecordPlace
from gateway.snapshots.store import PublicList
from gateway.snapshots.validity import Edition
from schemas.envelope import OfficeSource, SourceState
from schemas.records import Body, Record
from schemas.resources import Resource
from schemas.texts import KEEP

B = TypeVar("B", bound=Body)

MAX_ID_LENGTH: Final = 512
RecordId = Annotated[str, Path(max_length=MAX_ID_LENGTH)]
"""The id of a record in a path. The titles of parameters are in `gateway.api.openapi.titles`."""


def find_public_record(
    deps: ApiDependencies, resource: Resource[B, Any], public_id: str
) -> tuple[Record[B], OfficeSource, Edition]:
    """Return the public record with this id, the state of its source, and the record's edition.

    Raises `NoSourceAnsweredError` if the snapshot that would contain the record has failed, else the problem
    `not-found`.
    """
    shown: PublicList[B] = deps.snapshots.public(resource)
    found = next((record for record in shown.records if record.id == public_id), None)
    place = deps.ids.open(resource, public_id)
    if found is None:
        failed = tuple(s for s in shown.sources if s.state is SourceState.FAILED and _is_source_of(s, place))
        if failed:
            raise NoSourceAnsweredError(failed)
        raise ProblemError("not-found")
    where = (found.provenance.system, found.provenance.office)
    source = next(source for source in shown.sources if (source.system, source.office) == where)
    return found, source, Edition(_digest(found), shown.edition.validity)


def _digest(record: Record[Any]) -> str:
    shown = f"{record.doubts}{record.body.model_dump_json(context=KEEP)}"
    return blake2b(shown.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _is_source_of(source: OfficeSource, place: RecordPlace | None) -> bool:
    return place is not None and (source.system, source.office) == (place.system, place.office)


def public_record(
    request: Request,
    deps: ApiDependencies,
    context: RequestContext,
    resource: Resource[Any, Any],
    public_id: str,
    *,
    shown_as: type[Body] | None = None,
) -> Answer:
    """Answer with one public record; with `shown_as`, only its fields of that generic body."""
    record, source, edition = find_public_record(deps, resource, public_id)
    permitted = replace(narrow_public(resource, resource.query()), shown_as=shown_as)
    disclosed = deps.gate.disclose_public(permitted, (record,), language=context.language)
    sources = public_sources((source,), deps.registry.title, context.language)
    return record_answer(request, disclosed, sources, language=context.language, max_age=5, edition=edition)


async def find_personal_record(
    request: Request, deps: ApiDependencies, context: RequestContext, permitted: PermittedQuery[B, Any], public_id: str
) -> tuple[RecordPlace, CombinedAnswer[B]]:
    """Return the record with this id if the caller may see it.

    Otherwise log the attempt and raise the problem `not-found`. Raises `NoSourceAnsweredError` if the system failed.
    """
    place = deps.ids.open(permitted.resource, public_id)
    if place is None:
        raise ProblemError("not-found")
    gathered = await deps.federation.ask_record(permitted, place, context.deadline)
    context.add_timings(gathered.seconds)
    gathered.require_answer()
    shown, _ = deps.gate.filter_visible(permitted, gathered.records)
    if not shown:
        await deps.gate.log_empty_access(
            permitted,
            occasion=access_context(deps, context, request),
            systems=(place.system,),
            result="refused" if gathered.records else "nothing-found",
            about=[record.body for record in gathered.records],
        )
        raise ProblemError("not-found")
    return place, gathered


async def personal_record(
    request: Request,
    deps: ApiDependencies,
    context: RequestContext,
    permitted: PermittedQuery[Any, Any],
    public_id: str,
) -> Answer:
    """Answer with one personal record, with all of its fields."""
    _, gathered = await find_personal_record(request, deps, context, permitted, public_id)
    disclosed = await deps.gate.disclose(
        permitted,
        gathered.records,
        language=context.language,
        occasion=access_context(deps, context, request),
        systems=(gathered.sources[0].system,),
    )
    sources = public_sources(gathered.sources, deps.registry.title, context.language)
    return record_answer(
        request, disclosed, sources, language=context.language, own_records=has_own_records_only(permitted)
    )


async def own_record(
    request: Request,
    deps: ApiDependencies,
    context: RequestContext,
    principal: Principal,
    resource: Resource[Any, Any],
    public_id: str,
) -> Answer:
    """Answer with one of the caller's own records, queried live or from the snapshot that holds it sealed."""
    permitted = narrow_own(principal, resource, resource.query())
    return await personal_record(request, deps, context, permitted, public_id)
