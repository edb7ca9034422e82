"""Public consultations, and what was contributed to them."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request

from gateway.api.answers import Answer, listing
from gateway.api.context import ContextDep
from gateway.api.dependencies import ApiDeps
from gateway.api.detail import RecordId, public_found, public_record
from gateway.api.formats.calendar import CALENDAR
from gateway.api.formats.negotiation import forms_of
from gateway.api.formats.page import ListPage
from gateway.api.lists import NO_PARAMETERS, Paging, PagingOnly, public_list
from gateway.api.openapi.list_operations import public_list_answers, public_record_answers
from gateway.api.openapi.operations import PUBLIC, SOURCES, answers, list_model
from gateway.federation.paging import Cursor, CursorRefusedError, question_digest
from gateway.policy.narrowing import narrow_public
from schemas.consultation import CONSULTATION, ConsultationQuery, Contribution

router = APIRouter(prefix="/v1", tags=["consultations"])

_CONSULTATION_FORMS: Final = forms_of(CONSULTATION, CALENDAR)


class ConsultationParameters(ConsultationQuery, Paging):
    """Filters and paging of consultations."""


@router.get(
    "/consultations",
    operation_id="listConsultations",
    summary="Konsultasi publik · Public consultations",
    description=(
        "Forum konsultasi publik beserta masukan dan jawabannya.\n\nConsultations, with contributions and answers."
    ),
    responses=public_list_answers(CONSULTATION, forms=_CONSULTATION_FORMS),
    openapi_extra=PUBLIC,
)
async def list_consultations(
    request: Request, deps: ApiDeps, context: ContextDep, asked: Annotated[ConsultationParameters, Query()]
) -> Answer:
    """A page of consultations, from the snapshots."""
    return await public_list(request, deps, context, CONSULTATION, asked, forms=_CONSULTATION_FORMS)


@router.get(
    "/consultations/{consultation_id}",
    operation_id="getConsultation",
    summary="Satu konsultasi publik · One public consultation",
    description="Satu forum konsultasi publik.\n\nOne public consultation.",
    responses=public_record_answers(CONSULTATION),
    openapi_extra=PUBLIC,
    dependencies=NO_PARAMETERS,
)
async def get_consultation(request: Request, deps: ApiDeps, context: ContextDep, consultation_id: RecordId) -> Answer:
    """One consultation, from the snapshots."""
    return public_record(request, deps, context, CONSULTATION, consultation_id)


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
async def list_consultation_contributions(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    consultation_id: RecordId,
    paging: PagingOnly,
) -> Answer:
    """A page of the contributions to one consultation, from the snapshots."""
    question = question_digest("contributions", consultation_id)
    begin = _begin(deps.cursors.open(paging.cursor, question)) if paging.cursor is not None else 0
    record, source = public_found(deps, CONSULTATION, consultation_id)
    asked = narrow_public(CONSULTATION, ConsultationQuery())
    every = deps.gate.disclose_public(asked, (record,), language=context.language).elements_of("contributions")
    end, number = begin + paging.limit, len(every.items)
    more = deps.cursors.make(Cursor((end,), ""), question) if end < number else None
    shown = every.reorder(range(begin, min(end, number)))
    account = (source.model_copy(update={"items": number}),)
    return listing(request, ListPage(shown, account, more), language=context.language)


def _begin(cursor: Cursor) -> int:
    """Where a page begins: contributions are only ever added at the end, so that their number tells it."""
    match cursor.position:
        case (int(begin),) if begin >= 0:
            return begin
    raise CursorRefusedError
