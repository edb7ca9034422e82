"""Public consultations, and what was contributed to them."""

from fastapi import APIRouter

from gateway.routes.offering import offer
from schemas.consultation import CONSULTATION

router = APIRouter(prefix="/v1", tags=["consultations"])

offer(
    router,
    "/consultations",
    CONSULTATION,
    operation_id="listConsultations",
    summary="Konsultasi publik · Public consultations",
    text="Forum konsultasi publik beserta masukan dan jawabannya.\n\nConsultations, with contributions and answers.",
)
