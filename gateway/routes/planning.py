"""Plans and proposals: public lists; a resident's own proposals."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from gateway.policy.asking import narrow_own
from gateway.routes.answers import Answer
from gateway.routes.callers import ProposalsReader
from gateway.routes.context import TheContext
from gateway.routes.describing import PERSONAL, SOURCES, answers, listed, signed_in
from gateway.routes.listing import personal_list
from gateway.routes.offering import filters_of, offer, parameters_of
from gateway.routes.parts import TheParts
from schemas.planning import PLAN, PROPOSAL

router = APIRouter(prefix="/v1", tags=["planning"])

offer(
    router,
    "/plans",
    PLAN,
    operation_id="listPlans",
    summary="Rencana kerja · Plans",
    text="Program, kegiatan, dan subkegiatan RKPD beserta pagunya.\n\nThe yearly plan's lines with their ceilings.",
)
offer(
    router,
    "/proposals",
    PROPOSAL,
    operation_id="listProposals",
    summary="Usulan · Proposals",
    text="Usulan warga tanpa nama pengusul.\n\nProposals of residents; their proposers are not named.",
)

OwnProposals: Any = parameters_of(PROPOSAL)


@router.get(
    "/me/proposals",
    operation_id="listMyProposals",
    summary="Usulan saya · My proposals",
    description="Usulan pemegang token, ditanyakan langsung.\n\nProposals of the caller, asked live.",
    responses=answers(
        listed(PROPOSAL), *PERSONAL, *SOURCES, "cursor-invalid", "cursor-expired", "too-many", private=True
    ),
    openapi_extra=signed_in("proposals.read"),
)
async def list_my_proposals(
    request: Request,
    parts: TheParts,
    context: TheContext,
    principal: ProposalsReader,
    asked: Annotated[OwnProposals, Query()],
) -> Answer:
    """The caller's proposals."""
    terms = narrow_own(principal, PROPOSAL, filters_of(PROPOSAL, asked))
    return await personal_list(request, parts, context, terms, asked)
