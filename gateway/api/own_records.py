"""A resident's own records, fetched resource by resource, for answers that mix several resources."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gateway.api.callers import VISITS_ACR
from gateway.api.context import RequestContext
from gateway.api.dependencies import ApiDependencies
from gateway.api.sources import queried_systems, with_withheld
from gateway.policy.access_log.entries import AccessContext
from gateway.policy.disclosure import Disclosed
from gateway.policy.narrowing import PermittedQuery, narrow_own
from gateway.policy.principal import Principal
from schemas.application import APPLICATION
from schemas.bill import BILL
from schemas.booking import BOOKING
from schemas.case import CASE
from schemas.complaint import COMPLAINT
from schemas.entitlement import ENTITLEMENT
from schemas.envelope import Cause, OfficeSource, SourceState
from schemas.health import APPOINTMENT, VISIT
from schemas.planning import PROPOSAL
from schemas.programme import ENROLMENT
from schemas.records import Record
from schemas.resident import RESIDENT
from schemas.resources import Query, Resource
from schemas.texts import Language

OWN_RESOURCES: tuple[Resource[Any, Any], ...] = (
    RESIDENT,
    APPLICATION,
    APPOINTMENT,
    ENROLMENT,
    BILL,
    COMPLAINT,
    PROPOSAL,
    CASE,
    ENTITLEMENT,
    BOOKING,
)
"""Resources with a resident's own records, in display order. Visits to health centres are missing: they need a second
factor and have a separate list."""


@dataclass(frozen=True, slots=True)
class OwnRecords:
    """The result for one resource: the records that the resident may see, and the state of each source.

    `permitted` is the query that was sent; None if the token lacks the scope, so that no system was queried.
    """

    resource: Resource[Any, Any]
    permitted: PermittedQuery[Any, Any] | None
    records: tuple[Record[Any], ...]
    sources: tuple[OfficeSource, ...]


async def fetch_own_records(
    deps: ApiDependencies,
    context: RequestContext,
    principal: Principal,
    resource: Resource[Any, Any],
    query: Query | None = None,
) -> OwnRecords:
    """Fetch the caller's records of one resource from every office; all are `denied` if the token lacks the scope."""
    if resource.scope is not None and resource.scope not in principal.scopes:
        return OwnRecords(
            resource, None, (), unqueried_sources(deps, resource, SourceState.DENIED, Cause.INSUFFICIENT_SCOPE)
        )
    permitted = narrow_own(principal, resource, query or resource.query())
    gathered = await deps.federation.ask(permitted, context.deadline)
    context.add_timings(gathered.seconds)
    records, withheld_counts = deps.gate.filter_visible(permitted, gathered.records)
    named_sources = tuple(source.model_copy(update={"resource": resource.name}) for source in gathered.sources)
    return OwnRecords(
        resource, permitted, records, with_withheld(permitted.view, named_sources, records, withheld_counts)
    )


async def fetch_all_own_records(
    deps: ApiDependencies,
    context: RequestContext,
    principal: Principal,
    resources: Iterable[Resource[Any, Any]] = OWN_RESOURCES,
) -> tuple[OwnRecords, ...]:
    """Fetch the caller's records of several resources concurrently."""
    return tuple(await asyncio.gather(*(fetch_own_records(deps, context, principal, one) for one in resources)))


def unqueried_sources(
    deps: ApiDependencies, resource: Resource[Any, Any], state: SourceState, cause: Cause | None = None
) -> tuple[OfficeSource, ...]:
    """Return a source in `state` for every office that reads a resource; none was queried."""
    return tuple(
        OfficeSource(system=live.spec.id, office=office.id, resource=resource.name, state=state, cause=cause)
        for live, office, _ in deps.registry.reading(resource.name)
    )


def unqueried_visits(deps: ApiDependencies, principal: Principal) -> tuple[OfficeSource, ...]:
    """Return the sources of visits, which mixed answers omit: `denied`, or `not-asked` if the caller may list them."""
    if VISIT.scope not in principal.scopes:
        return unqueried_sources(deps, VISIT, SourceState.DENIED, Cause.INSUFFICIENT_SCOPE)
    if principal.acr < VISITS_ACR:
        return unqueried_sources(deps, VISIT, SourceState.DENIED, Cause.STRONGER_SIGN_IN_NEEDED)
    return unqueried_sources(deps, VISIT, SourceState.NOT_ASKED)


async def disclose_own_records(
    deps: ApiDependencies,
    parts: Iterable[tuple[OwnRecords, tuple[Record[Any], ...]]],
    *,
    language: Language,
    occasion: AccessContext,
) -> tuple[Disclosed | None, ...]:
    """Log the accesses and disclose some of the records of each part. None for a part for which no system was queried.

    The entries of all parts are committed together.
    """
    given = tuple(parts)
    queried = [
        (own.permitted, records, queried_systems(own.sources)) for own, records in given if own.permitted is not None
    ]
    disclosed = iter(await deps.gate.disclose_parts(queried, language=language, occasion=occasion))
    return tuple(None if own.permitted is None else next(disclosed) for own, _ in given)
