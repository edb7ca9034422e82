"""Full-text search over the public snapshots and, for a resident who has signed in, over their own records.

The result is one page, the best matches first. Queries are not stored: the words are in the query string, which is not
logged, and personal numbers are refused.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict, Field

from gateway.api.answers import Answer, Caller, list_answer
from gateway.api.callers import OptionalCaller, api_router
from gateway.api.context import ContextDep, RequestContext
from gateway.api.dependencies import ApiDependencies, ApiDeps
from gateway.api.formats.page import ListPage
from gateway.api.lists import access_context
from gateway.api.openapi.models import counted_list_model, mixed_list_model
from gateway.api.openapi.operations import SOURCES, answers, optional_sign_in
from gateway.api.own_records import (
    OWN_RESOURCES,
    OwnRecords,
    disclose_own_records,
    fetch_all_own_records,
    unqueried_sources,
    unqueried_visits,
)
from gateway.api.sources import public_sources, with_item_counts
from gateway.federation.combined_answer import CombinedAnswer
from gateway.policy.access_log.entries import AccessContext
from gateway.policy.disclosure import Disclosed
from gateway.policy.narrowing import narrow_public
from gateway.policy.permissions import EVERYBODY_AND_OWN
from gateway.policy.principal import Principal, Role
from gateway.snapshots.search.index import Index
from schemas.complaint import COMPLAINT
from schemas.consultation import CONSULTATION
from schemas.enterprise import ENTERPRISE
from schemas.envelope import Cause, OfficeSource, SourceState
from schemas.facility import FACILITY, PLACE
from schemas.filters import Words
from schemas.folding import folded
from schemas.notice import NOTICE
from schemas.planning import PLAN, PROPOSAL
from schemas.programme import PROGRAMME
from schemas.records import Record
from schemas.resident import RESIDENT
from schemas.resources import Resource
from schemas.service import SERVICE
from schemas.texts import Language
from schemas.traffic import CAMERA, INCIDENT
from schemas.transit import ROUTE, STOP

router = api_router(prefix="/v1/search", tags=["search"])

PUBLIC_RESOURCES: Final[tuple[Resource[Any, Any], ...]] = (
    SERVICE,
    FACILITY,
    PLACE,
    PROGRAMME,
    CONSULTATION,
    INCIDENT,
    NOTICE,
    ROUTE,
    STOP,
    CAMERA,
    COMPLAINT,
    PROPOSAL,
    PLAN,
    ENTERPRISE,
)
"""Public resources that can be searched, in the order of matches with equal scores."""
SEARCHED_OWN_RESOURCES: Final = tuple(resource for resource in OWN_RESOURCES if resource.searched is not None)
"""Own resources that are searched. The civil register is not searched: it has one record per person, and a quota."""
_SEARCHED_RESOURCES: Final = (
    *PUBLIC_RESOURCES,
    *(resource for resource in SEARCHED_OWN_RESOURCES if resource not in PUBLIC_RESOURCES),
)


class SearchParameters(BaseModel):
    """The words to search for."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    q: Annotated[Words, Field(repr=False)]
    limit: Annotated[int, Field(ge=1, le=100)] = 20


@dataclass(frozen=True, slots=True)
class _Match:
    """A matching record. `own` is the result that it belongs to, if it is one of the resident's own records."""

    score: float
    rank: int
    position: int
    record: Record[Any]
    resource: Resource[Any, Any]
    own: OwnRecords | None

    @property
    def order(self) -> tuple[float, bool, int, int, str]:
        """Sort key: score, own records before public ones, resource, position in the resource's list."""
        return (-self.score, self.own is None, self.rank, self.position, self.record.id)


@dataclass(frozen=True, slots=True)
class _Matches:
    """Matches among public or own records. `own_records` are the results of the own resources that were queried."""

    matches: tuple[_Match, ...]
    sources: tuple[OfficeSource, ...]
    own_records: tuple[OwnRecords, ...] = ()


@router.get(
    "",
    operation_id="searchEverything",
    summary="Cari · Search",
    description=(
        "Mencari kata di semua salinan publik; dengan token warga, juga di data sendiri, yang ditanyakan langsung. "
        "Setiap kata harus menjadi awal sebuah kata di catatan; huruf besar, tanda, singkatan (Jl., Sei) tidak "
        "berpengaruh. Satu halaman, yang terbaik lebih dahulu; found menyebut jumlah seluruhnya. Nomor pribadi "
        "ditolak.\n\n"
        "Searches all public snapshots; with a resident's token also their own data, queried live. Every word must be "
        "the beginning of a word in the record; case, punctuation and abbreviations (Jl., Sei) are ignored. One page, "
        "the best matches first; found is the total number. Personal numbers are refused."
    ),
    responses=answers(
        lambda: counted_list_model(mixed_list_model("Search", _SEARCHED_RESOURCES)),
        *SOURCES,
        "not-authenticated",
        "forbidden",
        "access-log-unavailable",
        "personal-number",
        by_caller=True,
    ),
    openapi_extra=optional_sign_in(reach=EVERYBODY_AND_OWN),
)
async def search_everything(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: OptionalCaller,
    parameters: Annotated[SearchParameters, Query()],
) -> Answer:
    """Return the records that contain all the words, ranked."""
    words = folded(parameters.q)
    public, own = await asyncio.gather(_public(deps, words), _own(deps, context, principal, words))
    sources = (*public.sources, *own.sources)
    CombinedAnswer((), sources).require_answer()
    own_ids = {match.record.id for match in own.matches}
    matches = sorted(
        (*own.matches, *(match for match in public.matches if match.record.id not in own_ids)), key=lambda f: f.order
    )
    access = access_context(deps, context, request)
    disclosed = await _disclosed(
        deps, matches[: parameters.limit], own.own_records, language=context.language, access=access
    )
    shown = public_sources(sources, deps.registry.title, context.language)
    page = ListPage(disclosed, shown, found=len(matches))
    caller = Caller.ANONYMOUS if principal is None else Caller.SIGNED_IN
    return list_answer(request, page, language=context.language, caller=caller)


async def _public(deps: ApiDependencies, words: tuple[str, ...]) -> _Matches:
    matches: list[_Match] = []
    sources: list[OfficeSource] = []
    for resource in PUBLIC_RESOURCES:
        shown, index = await deps.indexes.index_of(resource)
        found = _matches(resource, shown.records, index, words)
        matches += found
        sources += _named_sources(resource, shown.sources, found)
    return _Matches(tuple(matches), tuple(sources))


async def _own(
    deps: ApiDependencies, context: RequestContext, principal: Principal | None, words: tuple[str, ...]
) -> _Matches:
    if principal is None:
        return _Matches((), ())
    if Role.RESIDENT not in principal.roles:
        unasked_of = (
            unqueried_sources(deps, resource, SourceState.DENIED, Cause.FORBIDDEN) for resource in OWN_RESOURCES
        )
        return _Matches((), tuple(source for sources in unasked_of for source in sources))
    matches: list[_Match] = []
    sources: list[OfficeSource] = []
    fetched = await fetch_all_own_records(deps, context, principal, SEARCHED_OWN_RESOURCES)
    own_records = tuple(part for part in fetched if part.sources)
    for part in own_records:
        found = _matches(part.resource, part.records, Index(part.resource, part.records), words, own=part)
        matches += found
        sources += _named_sources(part.resource, part.sources, found)
    sources += (*unqueried_sources(deps, RESIDENT, SourceState.NOT_ASKED), *unqueried_visits(deps, principal))
    return _Matches(tuple(matches), tuple(sources), own_records)


def _matches(
    resource: Resource[Any, Any],
    records: tuple[Record[Any], ...],
    index: Index,
    words: tuple[str, ...],
    *,
    own: OwnRecords | None = None,
) -> list[_Match]:
    rank = _SEARCHED_RESOURCES.index(resource)
    found = index.find(words).items()
    return [_Match(score, rank, position, records[position], resource, own) for position, score in found]


def _named_sources(
    resource: Resource[Any, Any], sources: Iterable[OfficeSource], matches: list[_Match]
) -> tuple[OfficeSource, ...]:
    named = tuple(source.model_copy(update={"resource": resource.name}) for source in sources)
    return with_item_counts(named, tuple(match.record for match in matches))


async def _disclosed(
    deps: ApiDependencies,
    matches: list[_Match],
    own_records: tuple[OwnRecords, ...],
    *,
    language: Language,
    access: AccessContext,
) -> Disclosed:
    """Disclose the matches in their order, each group under its own permitted query.

    Every own resource that was queried gets an access entry, even without matches.
    """
    groups: list[tuple[Resource[Any, Any], OwnRecords | None]] = [(part.resource, part) for part in own_records]
    groups += [(resource, None) for resource in PUBLIC_RESOURCES]
    group_positions = [
        [at for at, match in enumerate(matches) if match.resource is resource and match.own is own]
        for resource, own in groups
    ]
    found = [tuple(matches[place].record for place in at) for at in group_positions]
    shown_own = await disclose_own_records(
        deps, zip(own_records, found, strict=False), language=language, occasion=access
    )
    shown_public = (
        deps.gate.disclose_public(narrow_public(resource, resource.query()), records, language=language)
        for resource, records in zip(PUBLIC_RESOURCES, found[len(own_records) :], strict=True)
    )
    shown = (*shown_own, *shown_public)
    shown_at = [place for at in group_positions for place in at]
    combined = Disclosed.combine(part for part in shown if part is not None)
    return combined.reorder(sorted(range(len(shown_at)), key=shown_at.__getitem__))
