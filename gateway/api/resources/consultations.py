"""Public consultations, and what was contributed to them."""

from fastapi import APIRouter, Request

from gateway.api.answers import Answer, listing
from gateway.api.context import TheContext
from gateway.api.dependencies import TheParts
from gateway.api.detail import RecordId, public_found
from gateway.api.formats.calendar import CALENDAR
from gateway.api.formats.page import ListPage
from gateway.api.list_routes import offer, offer_one
from gateway.api.lists import PagingOnly
from gateway.api.openapi.operations import PUBLIC, SOURCES, answers, list_model
from gateway.federation.paging import Cursor, CursorRefusedError, question_digest
from gateway.policy.narrowing import narrow_public
from schemas.consultation import CONSULTATION, ConsultationQuery, Contribution

router = APIRouter(prefix="/v1", tags=["consultations"])

offer(
    router,
    "/consultations",
    CONSULTATION,
    CALENDAR,
    operation_id="listConsultations",
    summary="Konsultasi publik · Public consultations",
    text="Forum konsultasi publik beserta masukan dan jawabannya.\n\nConsultations, with contributions and answers.",
)
offer_one(
    router,
    "/consultations/{consultation_id}",
    CONSULTATION,
    operation_id="getConsultation",
    summary="Satu konsultasi publik · One public consultation",
    text="Satu forum konsultasi publik.\n\nOne public consultation.",
)


@router.get(
    "/consultations/{consultation_id}/contributions",
    operation_id="listConsultationContributions",
    summary="Masukan pada konsultasi · Contributions to a consultation",
    description=(
        "Masukan warga dan jawaban resminya, yang terlama lebih dahulu; tanpa nama siapa pun.\n\n"
        "What people contributed and the official answers, oldest first; nobody is named."
    ),
    responses=answers(list_model("Contribution", Contribution), "not-found", *SOURCES, "cursor-invalid"),
    openapi_extra=PUBLIC,
)
async def list_contributions(
    request: Request,
    parts: TheParts,
    context: TheContext,
    consultation_id: RecordId,
    paging: PagingOnly,
) -> Answer:
    """A page of the contributions to one consultation, from the snapshots."""
    question = question_digest("contributions", consultation_id)
    begin = _begin(parts.cursors.open(paging.cursor, question)) if paging.cursor is not None else 0
    record, source = public_found(parts, CONSULTATION, consultation_id)
    asked = narrow_public(CONSULTATION, ConsultationQuery())
    every = parts.gate.disclose_public(asked, (record,), language=context.language).within("contributions")
    end, number = begin + paging.limit, len(every.items)
    more = parts.cursors.make(Cursor((end,), ""), question) if end < number else None
    shown = every.arranged(range(begin, min(end, number)))
    account = (source.model_copy(update={"items": number}),)
    return listing(request, ListPage(shown, account, more), language=context.language)


def _begin(cursor: Cursor) -> int:
    """Where a page begins: contributions are only ever added at the end, so that their number tells it."""
    match cursor.position:
        case (int(begin),) if begin >= 0:
            return begin
    raise CursorRefusedError
