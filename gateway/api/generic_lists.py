"""Public lists of a generic resource: its own records and those of its profiles, each with the generic fields only.

A member of such a list is queried, filtered and disclosed under its own resource, so that its access rules, its scope
and its data classes are those of its typed list.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from fastapi import Request

from gateway.api.answers import Answer, list_answer
from gateway.api.context import RequestContext
from gateway.api.dependencies import ApiDependencies
from gateway.api.detail import public_record
from gateway.api.formats.negotiation import generic_formats, negotiate_format
from gateway.api.formats.page import ListPage
from gateway.api.lists import Paging, filters_of
from gateway.api.problems.errors import ProblemError
from gateway.api.sources import public_sources, with_item_counts
from gateway.federation.combined_answer import NoSourceAnsweredError
from gateway.federation.paging import question_digest
from gateway.policy.disclosure import Disclosed
from gateway.policy.narrowing import narrow_public
from gateway.records.ids import prefix_of
from gateway.records.matching import matching_records
from gateway.records.merge_order import merge_records
from gateway.snapshots.store import PublicList
from gateway.snapshots.validity import Edition
from schemas.catalogue import family_of
from schemas.envelope import SourceState
from schemas.records import Record
from schemas.resources import Query, Resource

_AND: Final = "|"
"""Separates the names of the members' lists in a cursor."""

Member = Resource[Any, Any]
"""A generic resource, or one of its profiles."""


async def public_generic_list(
    request: Request, deps: ApiDependencies, context: RequestContext, generic: Member, paging: Paging
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
            records_of(member, page.records),
            language=context.language,
        )
        for member in family
    ]
    listed = ListPage(
        in_order(family, page.records, disclosed),
        public_sources(counted, deps.registry.title, context.language),
        page.next,
        edition=Edition.of_all(shown.edition for shown in lists),
    )
    return list_answer(request, listed, language=context.language, choice=choice)


def public_generic_record(
    request: Request, deps: ApiDependencies, context: RequestContext, generic: Member, public_id: str
) -> Answer:
    """Answer with the generic fields of one public record of a generic resource or of one of its profiles."""
    member = member_of(generic, public_id)
    return public_record(request, deps, context, member, public_id, shown_as=generic.body)


def member_of(generic: Member, public_id: str) -> Member:
    """Return the member to which an id belongs. Raises `ProblemError` if there is none."""
    member = next((one for one in family_of(generic) if one.prefix == prefix_of(public_id)), None)
    if member is None:
        raise ProblemError("not-found")
    return member


def query_of(member: Member, query: Query) -> Query:
    """Return the filters of the generic resource as those of a member, which has all of them."""
    asked: Query = member.query.model_validate({name: getattr(query, name) for name in type(query).model_fields})
    return asked


def _matching(member: Member, shown: PublicList[Any], query: Query) -> tuple[Record[Any], ...]:
    return matching_records(member, shown.records, query_of(member, query))


def _earlier_lists(
    deps: ApiDependencies, family: tuple[Member, ...], snapshot: str
) -> tuple[PublicList[Any], ...] | None:
    """Return the lists that a cursor points into; None if one of them has expired."""
    names = snapshot.split(_AND)
    if len(names) != len(family):
        return None
    lists = [deps.snapshots.earlier(member, name) for member, name in zip(family, names, strict=True)]
    found = tuple(shown for shown in lists if shown is not None)
    return found if len(found) == len(family) else None


def records_of(member: Member, records: Iterable[Record[Any]]) -> tuple[Record[Any], ...]:
    """Return the records of one member, in the same order."""
    return tuple(record for record in records if prefix_of(record.id) == member.prefix)


def in_order(
    members: Iterable[Member], records: tuple[Record[Any], ...], parts: Iterable[Disclosed | None]
) -> Disclosed:
    """Return the members' disclosed records in the order of the page."""
    places = [at for member in members for at, record in enumerate(records) if prefix_of(record.id) == member.prefix]
    combined = Disclosed.combine(part for part in parts if part is not None)
    return combined.reorder(sorted(range(len(places)), key=places.__getitem__))
