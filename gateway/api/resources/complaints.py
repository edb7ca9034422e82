"""Complaints: what is public of them, and a resident's own."""

from fastapi import APIRouter

from gateway.api.list_routes import offer, offer_one, offer_own
from schemas.complaint import COMPLAINT

router = APIRouter(prefix="/v1", tags=["complaints"])

offer(
    router,
    "/complaints",
    COMPLAINT,
    operation_id="listComplaints",
    summary="Aduan · Complaints",
    text="Aduan yang tidak rahasia, tanpa nama pelapor.\n\nComplaints that are not confidential; no names.",
)
offer_one(
    router,
    "/complaints/{complaint_id}",
    COMPLAINT,
    operation_id="getComplaint",
    summary="Satu aduan · One complaint",
    text="Bagian umum dari satu aduan.\n\nThe public part of one complaint.",
)
offer_own(
    router,
    "/me/complaints",
    COMPLAINT,
    operation_id="listMyComplaints",
    summary="Aduan saya · My complaints",
    text="Aduan pemegang token, ditanyakan langsung.\n\nComplaints of the caller, asked live.",
)
