"""Plans and proposals: public lists, and a resident's own proposals."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from gateway.api.answers import Answer
from gateway.api.callers import ProposalsReader
from gateway.api.context import ContextDep
from gateway.api.dependencies import ApiDeps
from gateway.api.formats.negotiation import formats_of
from gateway.api.lists import Paging, filters_of, personal_list, public_list
from gateway.api.openapi.list_operations import own_list_answers, public_list_answers
from gateway.api.openapi.operations import PUBLIC, required_sign_in
from gateway.policy.narrowing import narrow_own
from gateway.policy.permissions import OWN_LIST
from schemas.planning import PLAN, PROPOSAL, PlanQuery, ProposalQuery

router = APIRouter(prefix="/v1", tags=["planning"])


class PlanParameters(PlanQuery, Paging):
    """Filters and paging of plans."""


@router.get(
    "/plans",
    operation_id="listPlans",
    summary="Rencana kerja · Plans",
    description=(
        "Program, kegiatan, dan subkegiatan RKPD beserta pagunya.\n\n"
        "Items of the yearly plan with their budget ceilings."
    ),
    responses=public_list_answers(PLAN),
    openapi_extra=PUBLIC,
)
async def list_plans(
    request: Request, deps: ApiDeps, context: ContextDep, parameters: Annotated[PlanParameters, Query()]
) -> Answer:
    """Return a page of plans from the snapshots."""
    return await public_list(request, deps, context, PLAN, parameters)


class ProposalParameters(ProposalQuery, Paging):
    """Filters and paging of proposals."""


@router.get(
    "/proposals",
    operation_id="listProposals",
    summary="Usulan · Proposals",
    description="Usulan warga tanpa nama pengusul.\n\nProposals of residents, without the names of the proposers.",
    responses=public_list_answers(PROPOSAL),
    openapi_extra=PUBLIC,
)
async def list_proposals(
    request: Request, deps: ApiDeps, context: ContextDep, parameters: Annotated[ProposalParameters, Query()]
) -> Answer:
    """Return a page of proposals from the snapshots."""
    return await public_list(request, deps, context, PROPOSAL, parameters)


@router.get(
    "/me/proposals",
    operation_id="listMyProposals",
    summary="Usulan saya · My proposals",
    description="Usulan pemegang token, ditanyakan langsung.\n\nProposals of the caller, queried live.",
    responses=own_list_answers(PROPOSAL),
    openapi_extra=required_sign_in("proposals.read", reach=OWN_LIST),
)
async def list_my_proposals(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: ProposalsReader,
    parameters: Annotated[ProposalParameters, Query()],
) -> Answer:
    """Return a page of the caller's own proposals, queried live."""
    permitted = narrow_own(principal, PROPOSAL, filters_of(PROPOSAL, parameters))
    return await personal_list(request, deps, context, permitted, parameters, formats_of(PROPOSAL))
