"""Answers with lists: public lists from the snapshots; personal lists from the systems, held for paging."""

from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar

from fastapi import Depends, Request
from fastapi import Query as Parameter
from pydantic import BaseModel, ConfigDict, Field

from gateway.api.answers import Answer, list_answer
from gateway.api.context import RequestContext
from gateway.api.dependencies import ApiDependencies
from gateway.api.formats.headers import relative_url
from gateway.api.formats.negotiation import JSON_ONLY, Formats, formats_of, negotiate_format
from gateway.api.formats.page import ListPage
from gateway.api.sources import public_sources, queried_systems, with_item_counts, with_withheld
from gateway.federation.combined_answer import NoSourceAnsweredError, TooManyError
from gateway.federation.paging import CursorExpiredError, CursorRefusedError, question_digest
from gateway.ground.sealing import UnsealError
from gateway.policy.access_log.entries import AccessContext
from gateway.policy.narrowing import CallerView, PermittedQuery, narrow_own, narrow_public
from gateway.policy.principal import Principal
from gateway.records.matching import matching_records
from schemas.envelope import OfficeSource, SourceState
from schemas.records import Body, Record
from schemas.resources import Query, Resource

B = TypeVar("B", bound=Body)
Q = TypeVar("Q", bound=Query)


class Paging(BaseModel):
    """Paging parameters of a list."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str | None, Field(max_length=2048)] = None


PagingOnly = Annotated[Paging, Parameter()]


class _NoParameters(BaseModel):
    model_config = ConfigDict(extra="forbid")


async def _refuse_parameters(_asked: Annotated[_NoParameters, Parameter()]) -> None:
    """Refuse every query parameter, and name it in the problem."""


NO_PARAMETERS: Final = (Depends(_refuse_parameters),)
"""Dependency of operations without query parameters: unknown parameters are refused there too."""


@dataclass(frozen=True, slots=True)
class _OwnResult:
    """A personal result: ordered records that the caller may see, their sources, and its name if it is held."""

    records: tuple[Record[Any], ...]
    sources: tuple[OfficeSource, ...]
    name: str = ""


def access_context(deps: ApiDependencies, context: RequestContext, request: Request) -> AccessContext:
    """Return what the access log records of the request. The digest identifies equal requests, but hides them."""
    route = request.scope.get("route")
    address = relative_url(request)
    question = f"{request.method} {address.path}?{address.query}"
    return AccessContext(
        request_id=context.request_id,
        request_digest=deps.sealer.fingerprint("request", question),
        operation=getattr(route, "operation_id", None) or "unknown",
    )


def filters_of(resource: Resource[B, Q], parameters: BaseModel) -> Q:
    """Return the filters of the resource from the parameters of a list."""
    return resource.query.model_validate({name: getattr(parameters, name) for name in resource.query.model_fields})


async def public_list(
    request: Request,
    deps: ApiDependencies,
    context: RequestContext,
    resource: Resource[B, Q],
    paging: Paging,
    formats: Formats | None = None,
) -> Answer:
    """Answer with a page of public records from the snapshots. `paging` contains the resource's filters too."""
    choice = await negotiate_format(request, formats or formats_of(resource))
    query = filters_of(resource, paging)
    permitted = narrow_public(resource, query)
    question = question_digest(resource.name, query.model_dump_json())
    cursor = deps.cursors.open(paging.cursor, question) if paging.cursor is not None else None
    shown = (deps.snapshots.earlier(resource, cursor.snapshot) if cursor else None) or deps.snapshots.public(resource)
    _raise_if_all_failed(shown.sources)
    records = matching_records(resource, shown.records, query)
    sources = (
        shown.sources
        if len(records) == len(shown.records) and cursor is None
        else with_item_counts(shown.sources, records)
    )
    page = deps.cursors.page(resource, records, after=cursor, limit=paging.limit, snapshot=shown.id, question=question)
    disclosed = deps.gate.disclose_public(permitted, page.records, language=context.language)
    states = public_sources(sources, deps.registry.title, context.language)
    listed = ListPage(disclosed, states, page.next, edition=shown.edition)
    return list_answer(request, listed, language=context.language, choice=choice)


async def personal_list(
    request: Request,
    deps: ApiDependencies,
    context: RequestContext,
    permitted: PermittedQuery[B, Q],
    paging: Paging,
    formats: Formats = (),
) -> Answer:
    """Answer with a page of the records that `permitted` covers, in one of `formats`; without `formats`, in JSON.

    Raises `TooManyError` if the result exceeds `limit` and may not be held for paging, or is too large to be held.
    """
    choice = await negotiate_format(request, formats) if formats else JSON_ONLY
    principal = permitted.principal
    account = principal.account_id if principal else None
    question = question_digest(permitted.resource.name, permitted.view, permitted.query.model_dump_json(), account)
    cursor = deps.cursors.open(paging.cursor, question) if paging.cursor is not None else None
    if cursor is None:
        result = await _fresh_result(deps, context, permitted, paging, question)
    else:
        result = await _held_result(deps, permitted.resource, cursor.snapshot, question)
    page = deps.cursors.page(
        permitted.resource, result.records, after=cursor, limit=paging.limit, snapshot=result.name, question=question
    )
    disclosed = await deps.gate.disclose(
        permitted,
        page.records,
        language=context.language,
        occasion=access_context(deps, context, request),
        systems=queried_systems(result.sources),
    )
    listed = ListPage(disclosed, public_sources(result.sources, deps.registry.title, context.language), page.next)
    return list_answer(
        request,
        listed,
        language=context.language,
        choice=choice,
        own_records=has_own_records_only(permitted),
    )


async def own_list(
    request: Request,
    deps: ApiDependencies,
    context: RequestContext,
    principal: Principal,
    resource: Resource[B, Q],
    parameters: Paging,
) -> Answer:
    """Answer with a page of the caller's own records. `parameters` contains the resource's filters too."""
    permitted = narrow_own(principal, resource, filters_of(resource, parameters))
    return await personal_list(request, deps, context, permitted, parameters, formats_of(resource))


def has_own_records_only(permitted: PermittedQuery[Any, Any]) -> bool:
    """Return whether an answer has only the caller's own records, chosen by no words of the request."""
    return permitted.view is CallerView.SELF and getattr(permitted.query, "text", None) is None


async def _fresh_result(
    deps: ApiDependencies, context: RequestContext, permitted: PermittedQuery[B, Q], paging: Paging, question: str
) -> _OwnResult:
    gathered = await deps.federation.ask(permitted, context.deadline)
    context.add_timings(gathered.seconds)
    gathered.require_answer()
    records, withheld_counts = deps.gate.filter_visible(permitted, gathered.records)
    sources = with_withheld(permitted.view, gathered.sources, records, withheld_counts)
    if len(records) <= paging.limit:
        return _OwnResult(records, sources)
    if not permitted.resource.may_be_held:
        raise TooManyError(sources)
    name = await deps.results.put(records, sources, question)
    if name is None:
        raise TooManyError(sources)
    return _OwnResult(records, sources, name)


async def _held_result(deps: ApiDependencies, resource: Resource[B, Q], name: str, question: str) -> _OwnResult:
    try:
        held = await deps.results.get((resource,), name, question)
    except UnsealError:
        raise CursorRefusedError from None
    if held is None:
        raise CursorExpiredError
    # The states of the sources stay those of the first page; fetched_at has its time.
    return _OwnResult(*held, name)


def _raise_if_all_failed(sources: tuple[OfficeSource, ...]) -> None:
    if sources and all(source.state is SourceState.FAILED for source in sources):
        raise NoSourceAnsweredError(sources)
