"""How every list is answered: public ones from the snapshots, personal ones asked, held for paging, and disclosed."""

from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar

from fastapi import Depends, Request
from fastapi import Query as Parameter
from pydantic import BaseModel, ConfigDict, Field

from gateway.api.answers import Answer, listing
from gateway.api.context import RequestContext, address_of
from gateway.api.dependencies import ApiDependencies
from gateway.api.formats.negotiation import JSON_ONLY, Forms, chosen, forms_of
from gateway.api.formats.page import ListPage
from gateway.federation.gathered import NoSourceAnsweredError, TooManyError
from gateway.federation.paging import CursorExpiredError, CursorRefusedError, question_digest
from gateway.ground.sealing import UnsealError
from gateway.policy.access_log.entries import AccessContext
from gateway.policy.disclosure import WithheldCounts
from gateway.policy.narrowing import CallerView, PermittedQuery, narrow_public
from schemas.envelope import Source, SourceState
from schemas.records import Body, Record
from schemas.resources import Query, Resource

B = TypeVar("B", bound=Body)
Q = TypeVar("Q", bound=Query)


class Paging(BaseModel):
    """Paging of a list."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str | None, Field(max_length=2048)] = None


PagingOnly = Annotated[Paging, Parameter()]


class _Nothing(BaseModel):
    model_config = ConfigDict(extra="forbid")


async def _nothing(_asked: Annotated[_Nothing, Parameter()]) -> None:
    """Refuse every parameter by its name."""


NO_PARAMETERS: Final = (Depends(_nothing),)
"""For operations without parameters: one that is not known is refused there too."""


@dataclass(frozen=True, slots=True)
class _Result:
    """A caller's own result: in order, sifted, with its name when it is held."""

    records: tuple[Record[Any], ...]
    sources: tuple[Source, ...]
    name: str = ""


def occasion(deps: ApiDependencies, context: RequestContext, request: Request) -> AccessContext:
    """The request as the access log knows it; the digest recognises the question without telling it."""
    route = request.scope.get("route")
    address = address_of(request)
    asked = f"{request.method} {address.path}?{address.query}"
    return AccessContext(
        request_id=context.request_id,
        request_digest=deps.sealer.fingerprint("request", asked),
        operation=getattr(route, "operation_id", None) or "unknown",
    )


def filters_of(resource: Resource[B, Q], asked: BaseModel) -> Q:
    """The filters of the resource, out of the parameters of a list."""
    return resource.query.model_validate({name: getattr(asked, name) for name in resource.query.model_fields})


async def public_list(
    request: Request,
    deps: ApiDependencies,
    context: RequestContext,
    resource: Resource[B, Q],
    paging: Paging,
    forms: Forms | None = None,
) -> Answer:
    """A page of public records, from the snapshots. `paging` holds the filters of the resource as well."""
    choice = await chosen(request, forms or forms_of(resource))
    query = filters_of(resource, paging)
    asked = narrow_public(resource, query)
    question = question_digest(resource.name, query.model_dump_json())
    cursor = deps.cursors.open(paging.cursor, question) if paging.cursor is not None else None
    shown = (deps.snapshots.earlier(resource, cursor.snapshot) if cursor else None) or deps.snapshots.public(resource)
    _fail_when_nothing(shown.sources)
    records = tuple(record for record in shown.records if resource.matches(record.body, query))
    sources = (
        shown.sources if len(records) == len(shown.records) and cursor is None else counted(shown.sources, records)
    )
    page = deps.cursors.page(resource, records, after=cursor, limit=paging.limit, snapshot=shown.id, question=question)
    disclosed = deps.gate.disclose_public(asked, page.records, language=context.language)
    return listing(request, ListPage(disclosed, sources, page.next), language=context.language, choice=choice)


async def personal_list(
    request: Request,
    deps: ApiDependencies,
    context: RequestContext,
    asked: PermittedQuery[B, Q],
    paging: Paging,
    forms: Forms = (),
) -> Answer:
    """A page of the caller's own bounded result, in one of `forms`, or in JSON where there are none.

    Records that may not be held have one page only.
    """
    choice = await chosen(request, forms) if forms else JSON_ONLY
    principal = asked.principal
    account = principal.account_id if principal else None
    question = question_digest(asked.resource.name, asked.view, asked.query.model_dump_json(), account)
    cursor = deps.cursors.open(paging.cursor, question) if paging.cursor is not None else None
    if cursor is None:
        result = await _fresh_result(deps, context, asked, paging, question)
    else:
        result = await _held_result(deps, asked.resource, cursor.snapshot, question)
    page = deps.cursors.page(
        asked.resource, result.records, after=cursor, limit=paging.limit, snapshot=result.name, question=question
    )
    disclosed = await deps.gate.disclose(
        asked,
        page.records,
        language=context.language,
        occasion=occasion(deps, context, request),
        systems=systems_of(result.sources),
    )
    return listing(request, ListPage(disclosed, result.sources, page.next), language=context.language, choice=choice)


async def _fresh_result(
    deps: ApiDependencies, context: RequestContext, asked: PermittedQuery[B, Q], paging: Paging, question: str
) -> _Result:
    gathered = await deps.federation.ask(asked, context.deadline)
    context.note(gathered.seconds)
    gathered.require_answer()
    records, sifted = deps.gate.filter_visible(asked, gathered.records)
    sources = with_withheld(asked.view, gathered.sources, records, sifted)
    if len(records) <= paging.limit:
        return _Result(records, sources)
    if not asked.resource.may_be_held:
        raise TooManyError(sources)
    name = await deps.results.put(records, sources, question)
    if name is None:
        raise TooManyError(sources)
    return _Result(records, sources, name)


async def _held_result(deps: ApiDependencies, resource: Resource[B, Q], name: str, question: str) -> _Result:
    try:
        held = await deps.results.get(resource, name, question)
    except UnsealError:
        raise CursorRefusedError from None
    if held is None:
        raise CursorExpiredError
    # Seconds have passed since these were asked: the envelope keeps saying when, in fetched_at.
    return _Result(*held, name)


def with_withheld(
    view: CallerView, sources: tuple[Source, ...], shown: tuple[Record[Any], ...], sifted: WithheldCounts
) -> tuple[Source, ...]:
    """The sources, each saying what was withheld; one of which nothing could be shown for that reason is unlinked.

    An officer is not told: that another kelurahan has a record of somebody is no business of theirs.
    """
    if not sifted.withheld:
        return sources
    places = {(record.provenance.system, record.provenance.office) for record in shown}
    return tuple(_account(view, source, sifted, shows=(source.system, source.office) in places) for source in sources)


def _account(view: CallerView, source: Source, sifted: WithheldCounts, *, shows: bool) -> Source:
    withheld = sifted.withheld.get((source.system, source.office), 0)
    if not withheld:
        return source
    changes: dict[str, object] = {"items": (source.items or 0) - withheld}
    if view is not CallerView.SELF:
        return source.model_copy(update=changes)
    changes["withheld"] = withheld
    if source.state is SourceState.FRESH and not shows:
        changes["state"] = SourceState.UNLINKED
    return source.model_copy(update=changes)


def systems_of(sources: tuple[Source, ...]) -> tuple[str, ...]:
    """The systems that were asked."""
    not_asked = {SourceState.DENIED, SourceState.NOT_ASKED}
    return tuple(sorted({source.system for source in sources if source.state not in not_asked}))


def counted(sources: tuple[Source, ...], records: tuple[Record[Any], ...]) -> tuple[Source, ...]:
    """The sources, each with how many of these records it contributed."""
    counts = Counter((record.provenance.system, record.provenance.office) for record in records)
    return tuple(
        source if source.items is None else source.model_copy(update={"items": counts[source.system, source.office]})
        for source in sources
    )


def _fail_when_nothing(sources: tuple[Source, ...]) -> None:
    if sources and all(source.state is SourceState.FAILED for source in sources):
        raise NoSourceAnsweredError(sources)
