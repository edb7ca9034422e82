"""Search: over the public snapshots; for a resident who is signed in, over what systems hold about them too.

One page, the best first. Nothing of it is remembered: the words stand in the address, which no log line holds, and
personal numbers are refused there.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from gateway.api.answers import Answer, Caller, listing
from gateway.api.callers import Whoever
from gateway.api.context import ContextDep, RequestContext
from gateway.api.dependencies import ApiDependencies, ApiDeps
from gateway.api.formats.page import ListPage
from gateway.api.lists import counted, occasion
from gateway.api.openapi.operations import SOURCES, answers, counting, mixed, perhaps_signed_in
from gateway.api.own_records import OWN, OwnRecords, disclose_own, own_parts, unasked, visits_left_out
from gateway.federation.gathered import CombinedAnswer
from gateway.policy.access_log.entries import AccessContext
from gateway.policy.disclosure import Disclosed
from gateway.policy.narrowing import narrow_public
from gateway.policy.permissions import EVERYBODY_AND_OWN
from gateway.policy.principal import Principal, Role
from gateway.snapshots.search.index import Index
from schemas.complaint import COMPLAINT
from schemas.consultation import CONSULTATION
from schemas.enterprise import ENTERPRISE
from schemas.envelope import Source, SourceState
from schemas.facility import FACILITY
from schemas.filters import Words
from schemas.folding import folded
from schemas.planning import PLAN, PROPOSAL
from schemas.programme import PROGRAMME
from schemas.records import Record
from schemas.resident import RESIDENT
from schemas.resources import Resource
from schemas.service import SERVICE
from schemas.texts import Language
from schemas.traffic import CAMERA, INCIDENT
from schemas.transit import ROUTE, STOP

router = APIRouter(prefix="/v1/search", tags=["search"])

PUBLIC_RESOURCES: Final[tuple[Resource[Any, Any], ...]] = (
    SERVICE,
    FACILITY,
    PROGRAMME,
    CONSULTATION,
    INCIDENT,
    ROUTE,
    STOP,
    CAMERA,
    COMPLAINT,
    PROPOSAL,
    PLAN,
    ENTERPRISE,
)
"""What is public and can be searched, in the order in which equally good finds are shown."""
OWN_RESOURCES: Final = tuple(resource for resource in OWN if resource.searched is not None)
"""What of a resident's own is searched. The civil register is left out: it has one record of a person, and a quota."""
_FOUND: Final = (*PUBLIC_RESOURCES, *(resource for resource in OWN_RESOURCES if resource not in PUBLIC_RESOURCES))


class SearchParameters(BaseModel):
    """What to look for."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    q: Annotated[Words, Field(repr=False)]
    limit: Annotated[int, Field(ge=1, le=100)] = 20


@dataclass(frozen=True, slots=True)
class _Find:
    """A record that has the words; `own` is the part of the resident's own things that it belongs to."""

    score: float
    rank: int
    position: int
    record: Record[Any]
    resource: Resource[Any, Any]
    own: OwnRecords | None

    @property
    def order(self) -> tuple[float, bool, int, int, str]:
        """The best first; of equally good ones the resident's own, then by resource, then as in that one's list."""
        return (-self.score, self.own is None, self.rank, self.position, self.record.id)


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found in one part of the search; `parts` are those of the resident's own that were asked."""

    finds: tuple[_Find, ...]
    sources: tuple[Source, ...]
    parts: tuple[OwnRecords, ...] = ()


@router.get(
    "",
    operation_id="searchEverything",
    summary="Cari · Search",
    description=(
        "Mencari kata di semua salinan publik; dengan token warga, juga di data sendiri, yang ditanyakan langsung. "
        "Setiap kata harus menjadi awal sebuah kata di catatan; huruf besar, tanda, singkatan (Jl., Sei) tidak "
        "berpengaruh. Satu halaman, yang terbaik lebih dahulu; found menyebut jumlah seluruhnya. Nomor pribadi "
        "ditolak.\n\n"
        "Looks for words in all public snapshots; with a resident's token in their own data too (live). Every word "
        "must begin a word of the record; case, signs and abbreviations (Jl., Sei) do not count. One page, the best "
        "first; found says how many there are in all. Personal numbers are refused."
    ),
    responses=answers(
        counting(mixed("Search", _FOUND)),
        *SOURCES,
        "not-authenticated",
        "forbidden",
        "access-log-unavailable",
        "personal-number",
        by_caller=True,
    ),
    openapi_extra=perhaps_signed_in(reach=EVERYBODY_AND_OWN),
)
async def search_everything(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: Whoever,
    asked: Annotated[SearchParameters, Query()],
) -> Answer:
    """What has all the words, ranked."""
    words = folded(asked.q)
    public, own = await asyncio.gather(_public(deps, words), _own(deps, context, principal, words))
    sources = (*public.sources, *own.sources)
    CombinedAnswer((), sources).require_answer()
    mine = {find.record.id for find in own.finds}
    finds = sorted((*own.finds, *(find for find in public.finds if find.record.id not in mine)), key=lambda f: f.order)
    told = occasion(deps, context, request)
    disclosed = await _disclosed(deps, finds[: asked.limit], own.parts, language=context.language, told=told)
    page = ListPage(disclosed, sources, found=len(finds))
    caller = Caller.ANONYMOUS if principal is None else Caller.SIGNED_IN
    return listing(request, page, language=context.language, caller=caller)


async def _public(deps: ApiDependencies, words: tuple[str, ...]) -> _Found:
    finds: list[_Find] = []
    sources: list[Source] = []
    for resource in PUBLIC_RESOURCES:
        shown, index = await deps.indexes.index_of(resource)
        found = _finds(resource, shown.records, index, words)
        finds += found
        sources += _counted(resource, shown.sources, found)
    return _Found(tuple(finds), tuple(sources))


async def _own(
    deps: ApiDependencies, context: RequestContext, principal: Principal | None, words: tuple[str, ...]
) -> _Found:
    if principal is None:
        return _Found((), ())
    if Role.RESIDENT not in principal.roles:
        unasked_of = (unasked(deps, resource, SourceState.DENIED) for resource in OWN)
        return _Found((), tuple(source for sources in unasked_of for source in sources))
    finds: list[_Find] = []
    sources: list[Source] = []
    asked = await own_parts(deps, context, principal, OWN_RESOURCES)
    owned = tuple(part for part in asked if part.sources)
    for part in owned:
        found = _finds(part.resource, part.records, Index(part.resource, part.records), words, own=part)
        finds += found
        sources += _counted(part.resource, part.sources, found)
    sources += (*unasked(deps, RESIDENT, SourceState.NOT_ASKED), *visits_left_out(deps, principal))
    return _Found(tuple(finds), tuple(sources), owned)


def _finds(
    resource: Resource[Any, Any],
    records: tuple[Record[Any], ...],
    index: Index,
    words: tuple[str, ...],
    *,
    own: OwnRecords | None = None,
) -> list[_Find]:
    rank = _FOUND.index(resource)
    found = index.find(words).items()
    return [_Find(score, rank, position, records[position], resource, own) for position, score in found]


def _counted(resource: Resource[Any, Any], sources: Iterable[Source], finds: list[_Find]) -> tuple[Source, ...]:
    named = tuple(source.model_copy(update={"resource": resource.name}) for source in sources)
    return counted(named, tuple(find.record for find in finds))


async def _disclosed(
    deps: ApiDependencies,
    finds: list[_Find],
    owned: tuple[OwnRecords, ...],
    *,
    language: Language,
    told: AccessContext,
) -> Disclosed:
    """The finds in their order, each through the gate on the terms of its part.

    Every part of the resident's own that was asked has its access entry, found or not.
    """
    wanted: list[tuple[Resource[Any, Any], OwnRecords | None]] = [(part.resource, part) for part in owned]
    wanted += [(resource, None) for resource in PUBLIC_RESOURCES]
    places = [
        [at for at, find in enumerate(finds) if find.resource is resource and find.own is own]
        for resource, own in wanted
    ]

    async def group(resource: Resource[Any, Any], own: OwnRecords | None, at: list[int]) -> Disclosed | None:
        records = tuple(finds[place].record for place in at)
        if own is not None:
            return await disclose_own(deps, own, records, language=language, occasion=told)
        asked = narrow_public(resource, resource.query())
        return deps.gate.disclose_public(asked, records, language=language, kind=resource.name)

    shown = await asyncio.gather(*(group(*part, at) for part, at in zip(wanted, places, strict=True)))
    came = [place for at in places for place in at]
    together = Disclosed.combine(part for part in shown if part is not None)
    return together.reorder(sorted(range(len(came)), key=came.__getitem__))
