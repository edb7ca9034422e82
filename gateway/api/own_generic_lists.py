"""Lists of the caller's own records of a generic resource and of its profiles, and one such record."""

import asyncio
from dataclasses import dataclass, replace
from typing import Any

from fastapi import Request

from gateway.api.answers import Answer, list_answer
from gateway.api.context import RequestContext
from gateway.api.dependencies import ApiDependencies
from gateway.api.detail import personal_record
from gateway.api.formats.negotiation import generic_formats, negotiate_format
from gateway.api.formats.page import ListPage
from gateway.api.generic_lists import Member, in_order, member_of, query_of, records_of
from gateway.api.lists import Paging, access_context, filters_of
from gateway.api.own_records import OwnRecords, disclose_own_records, fetch_own_records
from gateway.api.sources import public_sources
from gateway.authentication.bearer import require
from gateway.federation.combined_answer import CombinedAnswer, TooManyError
from gateway.federation.paging import CursorExpiredError, CursorRefusedError, question_digest
from gateway.ground.sealing import UnsealError
from gateway.policy.narrowing import narrow_own
from gateway.policy.principal import Principal
from gateway.records.merge_order import merge_records
from schemas.catalogue import family_of
from schemas.envelope import OfficeSource
from schemas.records import Record
from schemas.resources import Query


@dataclass(frozen=True, slots=True)
class _OwnResult:
    """Records in the generic order, what each member returned, and the name of the result if it is held."""

    records: tuple[Record[Any], ...]
    sources: tuple[OfficeSource, ...]
    parts: tuple[OwnRecords, ...]
    name: str = ""


async def own_generic_list(
    request: Request,
    deps: ApiDependencies,
    context: RequestContext,
    principal: Principal,
    generic: Member,
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
                records_of(part.resource, page.records),
            )
            for part in result.parts
        ),
        language=context.language,
        occasion=occasion,
    )
    members = tuple(part.resource for part in result.parts)
    listed = ListPage(
        in_order(members, page.records, disclosed),
        public_sources(result.sources, deps.registry.title, context.language),
        page.next,
    )
    return list_answer(request, listed, language=context.language, choice=choice, own_records=True)


async def own_generic_record(
    request: Request,
    deps: ApiDependencies,
    context: RequestContext,
    principal: Principal,
    generic: Member,
    public_id: str,
) -> Answer:
    """Answer with the generic fields of one of the caller's own records of a generic resource or of its profiles."""
    member = member_of(generic, public_id)
    if member.scope is not None:
        require(principal, {member.scope})
    permitted = replace(narrow_own(principal, member, member.query()), shown_as=generic.body)
    return await personal_record(request, deps, context, permitted, public_id)


async def _fresh_result(
    deps: ApiDependencies,
    context: RequestContext,
    principal: Principal,
    generic: Member,
    query: Query,
    question: str,
    limit: int,
) -> _OwnResult:
    parts = await asyncio.gather(
        *(fetch_own_records(deps, context, principal, member, query_of(member, query)) for member in family_of(generic))
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
    deps: ApiDependencies, principal: Principal, generic: Member, name: str, question: str
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
        if records_of(member, records)
    )
    return _OwnResult(records, sources, tuple(parts), name)
