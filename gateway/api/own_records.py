"""A resident's own records of one resource, asked on the way to an answer that mixes several."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gateway.api.callers import VISITS_ACR
from gateway.api.context import RequestContext
from gateway.api.dependencies import ApiDependencies
from gateway.api.lists import systems_of, with_withheld
from gateway.policy.access_log.entries import AccessContext
from gateway.policy.disclosure import Disclosed
from gateway.policy.narrowing import PermittedQuery, narrow_own
from gateway.policy.principal import Principal
from schemas.application import APPLICATION
from schemas.bill import BILL
from schemas.complaint import COMPLAINT
from schemas.envelope import Source, SourceState
from schemas.health import APPOINTMENT, VISIT
from schemas.planning import PROPOSAL
from schemas.programme import ENROLMENT
from schemas.records import Record
from schemas.resident import RESIDENT
from schemas.resources import Resource
from schemas.texts import Language

OWN: tuple[Resource[Any, Any], ...] = (RESIDENT, APPLICATION, APPOINTMENT, ENROLMENT, BILL, COMPLAINT, PROPOSAL)
"""What systems hold about a resident and an ordinary sign-in opens, in the order in which it is shown. Visits to health
centres are not here: they need a second factor and have a list of their own."""


@dataclass(frozen=True, slots=True)
class OwnRecords:
    """What came of one resource: the records that the resident may see, and an account of each source, which names it.

    `asked` are the terms on which they may be shown; None when the token lacks the scope and nobody was asked.
    """

    resource: Resource[Any, Any]
    asked: PermittedQuery[Any, Any] | None
    records: tuple[Record[Any], ...]
    sources: tuple[Source, ...]


async def own_part(
    deps: ApiDependencies, context: RequestContext, principal: Principal, resource: Resource[Any, Any]
) -> OwnRecords:
    """Ask every office that reads a resource about the caller, or say that the token does not entitle them."""
    if resource.scope is not None and resource.scope not in principal.scopes:
        return OwnRecords(resource, None, (), unasked(deps, resource, SourceState.DENIED))
    asked = narrow_own(principal, resource, resource.query())
    gathered = await deps.federation.ask(asked, context.deadline)
    context.note(gathered.seconds)
    records, sifted = deps.gate.filter_visible(asked, gathered.records)
    named = tuple(source.model_copy(update={"resource": resource.name}) for source in gathered.sources)
    return OwnRecords(resource, asked, records, with_withheld(asked.view, named, records, sifted))


async def own_parts(
    deps: ApiDependencies, context: RequestContext, principal: Principal, resources: Iterable[Resource[Any, Any]] = OWN
) -> tuple[OwnRecords, ...]:
    """The same of several resources, all at once."""
    return tuple(await asyncio.gather(*(own_part(deps, context, principal, one) for one in resources)))


def unasked(deps: ApiDependencies, resource: Resource[Any, Any], state: SourceState) -> tuple[Source, ...]:
    """Every office that reads a resource, each in the same state, since none was asked."""
    return tuple(
        Source(system=live.spec.id, office=office.id, resource=resource.name, state=state)
        for live, office, _ in deps.registry.reading(resource.name)
    )


def visits_left_out(deps: ApiDependencies, principal: Principal) -> tuple[Source, ...]:
    """Visits are left out and said to be: this sign-in does not open them, or they have a list of their own."""
    entitled = principal.acr >= VISITS_ACR and VISIT.scope in principal.scopes
    return unasked(deps, VISIT, SourceState.NOT_ASKED if entitled else SourceState.DENIED)


async def disclose_own(
    deps: ApiDependencies,
    own: OwnRecords,
    records: tuple[Record[Any], ...],
    *,
    language: Language,
    occasion: AccessContext,
) -> Disclosed | None:
    """Some of the part's records, each with its kind, once the access is on record; None where nobody was asked."""
    if own.asked is None:
        return None
    return await deps.gate.disclose(
        own.asked,
        records,
        language=language,
        occasion=occasion,
        systems=systems_of(own.sources),
        kind=own.resource.name,
    )
