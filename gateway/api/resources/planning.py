"""Plans and proposals: public lists, and a resident's own proposals."""

from typing import Annotated

from fastapi import Query, Request

from gateway.api.answers import Answer
from gateway.api.callers import ProposalsReader, api_router
from gateway.api.context import ContextDep
from gateway.api.dependencies import ApiDeps
from gateway.api.detail import RecordId, own_record, public_record
from gateway.api.lists import NO_PARAMETERS, Paging, own_list, public_list
from gateway.api.openapi.list_operations import (
    own_list_answers,
    own_record_answers,
    public_list_answers,
    public_record_answers,
)
from gateway.api.openapi.operations import PUBLIC, required_sign_in
from gateway.policy.permissions import OWN_LIST, OWN_RECORD
from schemas.planning import PLAN, PROPOSAL, PlanQuery, ProposalQuery

router = api_router(prefix="/v1", tags=["planning"])


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


@router.get(
    "/plans/{plan_id}",
    operation_id="getPlan",
    summary="Satu baris rencana · One line of a plan",
    description="Satu program, kegiatan, atau subkegiatan.\n\nOne programme, activity or sub-activity.",
    responses=public_record_answers(PLAN),
    openapi_extra=PUBLIC,
    dependencies=NO_PARAMETERS,
)
async def get_plan(request: Request, deps: ApiDeps, context: ContextDep, plan_id: RecordId) -> Answer:
    """Return one line of a plan from the snapshots."""
    return public_record(request, deps, context, PLAN, plan_id)


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
    "/proposals/{proposal_id}",
    operation_id="getProposal",
    summary="Satu usulan · One proposal",
    description="Bagian umum dari satu usulan.\n\nThe public fields of one proposal.",
    responses=public_record_answers(PROPOSAL),
    openapi_extra=PUBLIC,
    dependencies=NO_PARAMETERS,
)
async def get_proposal(request: Request, deps: ApiDeps, context: ContextDep, proposal_id: RecordId) -> Answer:
    """Return one proposal from the snapshots."""
    return public_record(request, deps, context, PROPOSAL, proposal_id)


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
    return await own_list(request, deps, context, principal, PROPOSAL, parameters)


@router.get(
    "/me/proposals/{proposal_id}",
    operation_id="getMyProposal",
    summary="Satu usulan saya · One of my proposals",
    description="Satu usulan pemegang token, lengkap.\n\nOne proposal of the caller, with all its fields.",
    responses=own_record_answers(PROPOSAL),
    openapi_extra=required_sign_in("proposals.read", reach=OWN_RECORD),
    dependencies=NO_PARAMETERS,
)
async def get_my_proposal(
    request: Request, deps: ApiDeps, context: ContextDep, principal: ProposalsReader, proposal_id: RecordId
) -> Answer:
    """Return one of the caller's own proposals, queried live."""
    return await own_record(request, deps, context, principal, PROPOSAL, proposal_id)
