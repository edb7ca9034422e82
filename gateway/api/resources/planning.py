"""Plans and proposals: public lists; a resident's own proposals."""

from fastapi import APIRouter

from gateway.api.list_routes import offer, offer_own
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

offer_own(
    router,
    "/me/proposals",
    PROPOSAL,
    operation_id="listMyProposals",
    summary="Usulan saya · My proposals",
    text="Usulan pemegang token, ditanyakan langsung.\n\nProposals of the caller, asked live.",
)
