"""Lists of a generic resource: its own records and those of its profiles, each with the generic fields only.

A member of such a list is queried, filtered and disclosed under its own resource, so that its access rules, its scope
and its data classes are those of its typed list.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from fastapi import Request

from gateway.api.answers import Answer, list_answer
from gateway.api.context import RequestContext
from gateway.api.dependencies import ApiDependencies
from gateway.api.detail import personal_record, public_record
from gateway.api.formats.negotiation import generic_formats, negotiate_format
from gateway.api.formats.page import ListPage
from gateway.api.lists import Paging, access_context, filters_of, with_item_counts
from gateway.api.own_records import OwnRecords, disclose_own_records, fetch_own_records
from gateway.api.problems.errors import ProblemError
from gateway.api.sources import public_sources
from gateway.authentication.bearer import require
from gateway.federation.combined_answer import CombinedAnswer, NoSourceAnsweredError, TooManyError
from gateway.federation.paging import CursorExpiredError, CursorRefusedError, question_digest
from gateway.ground.sealing import UnsealError
from gateway.policy.disclosure import Disclosed
from gateway.policy.narrowing import narrow_own, narrow_public
from gateway.policy.principal import Principal
from gateway.records.ids import prefix_of, start_of_ids
from gateway.records.matching import matching_records
from gateway.records.merge_order import merge_records
from gateway.snapshots.store import PublicList
from gateway.snapshots.validity import Edition
from schemas.catalogue import family_of
from schemas.envelope import OfficeSource, SourceState
from schemas.records import Record
from schemas.resources import Query, Resource

_AND: Final = "|"
"""Separates the names of the members' lists in a cursor."""

_Member = Resource[Any, Any]


@dataclass(frozen=True, slots=True)
class _OwnResult:
    """Records in the generic order, what each member returned, and the name of the result if it is held."""

    records: tuple[Record[Any], ...]
    sources: tuple[OfficeSource, ...]
    parts: tuple[OwnRecords, ...]
    name: str = ""


async def public_generic_list(
    request: Request, deps: ApiDependencies, context: RequestContext, generic: _Member, paging: Paging
) -> Answer:
    """Answer with a page of public records of a generic resource and its profiles, from the snapshots."""
    choice = await negotiate_format(request, generic_formats(generic))
    query = filters_of(generic, paging)
    question = question_digest("generic", generic.name, query.model_dump_json())
    cursor = deps.cursors.open(paging.cursor, question) if paging.cursor is not None else None
    family = family_of(generic)
    lists = _earlier_lists(deps, family, cursor.snapshot) if cursor else None
    lists = lists or tuple(deps.snapshots.public(member) for member in family)
    sources = tuple(source for shown in lists for source in shown.sources)
    if sources and all(source.state is SourceState.FAILED for source in sources):
        raise NoSourceAnsweredError(sources)
    found = [_matching(member, shown, query) for member, shown in zip(family, lists, strict=True)]
    counted = tuple(
        source.model_copy(update={"resource": member.name})
        for member, shown, records in zip(family, lists, found, strict=True)
        for source in with_item_counts(shown.sources, records)
    )
    records = merge_records(generic, (record for part in found for record in part))
    name = _AND.join(shown.id for shown in lists)
    page = deps.cursors.page(generic, records, after=cursor, limit=paging.limit, snapshot=name, question=question)
    disclosed = [
        deps.gate.disclose_public(
            replace(narrow_public(member, member.query()), shown_as=generic.body),
            _of_member(member, page.records),
            language=context.language,
        )
        for member in family
    ]
    listed = ListPage(
        _in_order(family, page.records, disclosed),
        public_sources(counted, deps.registry.title, context.language),
        page.next,
        edition=Edition.of_all(shown.edition for shown in lists),
    )
    return list_answer(request, listed, language=context.language, choice=choice)


def public_generic_record(
    request: Request, deps: ApiDependencies, context: RequestContext, generic: _Member, public_id: str
) -> Answer:
    """Answer with the generic fields of one public record of a generic resource or of one of its profiles."""
    member = _member_of(generic, public_id)
    return public_record(request, deps, context, member, public_id, shown_as=generic.body)


async def own_generic_list(
    request: Request,
    deps: ApiDependencies,
    context: RequestContext,
    principal: Principal,
    generic: _Member,
    paging: Paging,
) -> Answer:
    """Answer with a page of the caller's own records of a generic resource and its profiles.

    A member whose scope the token lacks contributes `denied` sources. Raises `TooManyError` if the result exceeds
    `limit` and may not be held for paging, or is too large to be held.
    """
    choice = await negotiate_format(request, generic_formats(generic))
    query = filters_of(generic, paging)
    # A cursor is bound to the scopes too: with fewer of them, a held result could show what the token may not see.
    scopes = sorted(member.scope for member in family_of(generic) if member.scope in principal.scopes)
    question = question_digest("generic", generic.name, query.model_dump_json(), principal.account_id, *scopes)
    cursor = deps.cursors.open(paging.cursor, question) if paging.cursor is not None else None
    if cursor is None:
        result = await _fresh_result(deps, context, principal, generic, query, question, paging.limit)
    else:
        result = await _held_result(deps, principal, generic, cursor.snapshot, question)
    page = deps.cursors.page(
        generic, result.records, after=cursor, limit=paging.limit, snapshot=result.name, question=question
    )
    occasion = access_context(deps, context, request)
    disclosed = await disclose_own_records(
        deps,
        (
            (
                replace(part, permitted=part.permitted and replace(part.permitted, shown_as=generic.body)),
                _of_member(part.resource, page.records),
            )
            for part in result.parts
        ),
        language=context.language,
        occasion=occasion,
    )
    members = tuple(part.resource for part in result.parts)
    listed = ListPage(
        _in_order(members, page.records, disclosed),
        public_sources(result.sources, deps.registry.title, context.language),
        page.next,
    )
    return list_answer(request, listed, language=context.language, choice=choice, own_records=True)


async def own_generic_record(
    request: Request,
    deps: ApiDependencies,
    context: RequestContext,
    principal: Principal,
    generic: _Member,
    public_id: str,
) -> Answer:
    """Answer with the generic fields of one of the caller's own records of a generic resource or of its profiles."""
    member = _member_of(generic, public_id)
    if member.scope is not None:
        require(principal, {member.scope})
    permitted = replace(narrow_own(principal, member, member.query()), shown_as=generic.body)
    return await personal_record(request, deps, context, permitted, public_id)


async def _fresh_result(
    deps: ApiDependencies,
    context: RequestContext,
    principal: Principal,
    generic: _Member,
    query: Query,
    question: str,
    limit: int,
) -> _OwnResult:
    parts = await asyncio.gather(
        *(
            fetch_own_records(deps, context, principal, member, _query_of(member, query))
            for member in family_of(generic)
        )
    )
    sources = tuple(source for part in parts for source in part.sources)
    CombinedAnswer((), sources).require_answer()
    records = merge_records(generic, (record for part in parts for record in part.records))
    if len(records) <= limit:
        return _OwnResult(records, sources, tuple(parts))
    may_be_held = all(part.resource.may_be_held for part in parts if part.records)
    name = await deps.results.put(records, sources, question) if may_be_held else None
    if name is None:
        raise TooManyError(sources)
    return _OwnResult(records, sources, tuple(parts), name)


async def _held_result(
    deps: ApiDependencies, principal: Principal, generic: _Member, name: str, question: str
) -> _OwnResult:
    family = family_of(generic)
    try:
        held = await deps.results.get(family, name, question)
    except UnsealError:
        raise CursorRefusedError from None
    if held is None:
        raise CursorExpiredError
    records, sources = held
    # The states of the sources stay those of the first page.
    parts = (
        OwnRecords(
            member,
            narrow_own(principal, member, member.query()),
            (),
            tuple(source for source in sources if source.resource == member.name),
        )
        for member in family
        if _of_member(member, records)
    )
    return _OwnResult(records, sources, tuple(parts), name)


def _member_of(generic: _Member, public_id: str) -> _Member:
    member = next((one for one in family_of(generic) if one.prefix == prefix_of(public_id)), None)
    if member is None:
        raise ProblemError("not-found")
    return member


def _query_of(member: _Member, query: Query) -> Query:
    """Return the filters of the generic resource as those of a member, which has all of them."""
    asked: Query = member.query.model_validate({name: getattr(query, name) for name in type(query).model_fields})
    return asked


def _matching(member: _Member, shown: PublicList[Any], query: Query) -> tuple[Record[Any], ...]:
    return matching_records(member, shown.records, _query_of(member, query))


def _earlier_lists(
    deps: ApiDependencies, family: tuple[_Member, ...], snapshot: str
) -> tuple[PublicList[Any], ...] | None:
    """Return the lists that a cursor points into; None if one of them has expired."""
    names = snapshot.split(_AND)
    if len(names) != len(family):
        return None
    lists = [deps.snapshots.earlier(member, name) for member, name in zip(family, names, strict=True)]
    found = tuple(shown for shown in lists if shown is not None)
    return found if len(found) == len(family) else None


def _of_member(member: _Member, records: Iterable[Record[Any]]) -> tuple[Record[Any], ...]:
    start = start_of_ids(member.prefix)
    return tuple(record for record in records if record.id.startswith(start))


def _in_order(
    members: Iterable[_Member], records: tuple[Record[Any], ...], parts: Iterable[Disclosed | None]
) -> Disclosed:
    """Return the members' disclosed records in the order of the page."""
    starts = [start_of_ids(member.prefix) for member in members]
    places = [at for start in starts for at, record in enumerate(records) if record.id.startswith(start)]
    combined = Disclosed.combine(part for part in parts if part is not None)
    return combined.reorder(sorted(range(len(places)), key=places.__getitem__))
