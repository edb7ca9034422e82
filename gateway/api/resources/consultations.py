"""Public consultations and the contributions to them."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import Query, Request

from gateway.api.answers import Answer, list_answer
from gateway.api.callers import api_router
from gateway.api.context import ContextDep
from gateway.api.dependencies import ApiDeps
from gateway.api.detail import RecordId, find_public_record, public_record
from gateway.api.formats.calendar import CALENDAR
from gateway.api.formats.negotiation import formats_of
from gateway.api.formats.page import ListPage
from gateway.api.lists import NO_PARAMETERS, Paging, PagingOnly, public_list
from gateway.api.openapi.list_operations import public_list_answers, public_record_answers
from gateway.api.openapi.models import list_model
from gateway.api.openapi.operations import PUBLIC, SOURCES, answers
from gateway.api.sources import public_sources
from gateway.federation.paging import Cursor, CursorRefusedError, question_digest
from gateway.policy.narrowing import narrow_public
from schemas.consultation import CONSULTATION, ConsultationQuery, Contribution, order_of

router = api_router(prefix="/v1", tags=["consultations"])

_CONSULTATION_FORMATS: Final = formats_of(CONSULTATION, CALENDAR)


class ConsultationParameters(ConsultationQuery, Paging):
    """Filters and paging of consultations."""


@router.get(
    "/consultations",
    operation_id="listConsultations",
    summary="Konsultasi publik · Public consultations",
    description=(
        "Forum konsultasi publik beserta masukan dan jawabannya.\n\n"
        "Public consultations, with contributions and answers."
    ),
    responses=public_list_answers(CONSULTATION, formats=_CONSULTATION_FORMATS),
    openapi_extra=PUBLIC,
)
async def list_consultations(
    request: Request, deps: ApiDeps, context: ContextDep, parameters: Annotated[ConsultationParameters, Query()]
) -> Answer:
    """Return a page of consultations from the snapshots."""
    return await public_list(request, deps, context, CONSULTATION, parameters, formats=_CONSULTATION_FORMATS)


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
    """Return one consultation from the snapshots."""
    return public_record(request, deps, context, CONSULTATION, consultation_id)


@router.get(
    "/consultations/{consultation_id}/contributions",
    operation_id="listConsultationContributions",
    summary="Masukan pada konsultasi · Contributions to a consultation",
    description=(
        "Masukan warga dan jawaban resminya, yang terlama lebih dahulu; tanpa nama siapa pun.\n\n"
        "Contributions of residents and the official answers, oldest first, without names."
    ),
    responses=answers(lambda: list_model("Contribution", Contribution), "not-found", *SOURCES, "cursor-invalid"),
    openapi_extra=PUBLIC,
)
async def list_consultation_contributions(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    consultation_id: RecordId,
    paging: PagingOnly,
) -> Answer:
    """Return a page of the contributions to one consultation from the snapshots."""
    question = question_digest("contributions", consultation_id)
    cursor = deps.cursors.open(paging.cursor, question) if paging.cursor is not None else None
    record, source, edition = find_public_record(deps, CONSULTATION, consultation_id)
    places = [order_of(contribution) for contribution in record.body.contributions]
    first = _first_index(places, cursor)
    permitted = narrow_public(CONSULTATION, ConsultationQuery())
    contributions = deps.gate.disclose_public(permitted, (record,), language=context.language).elements_of(
        "contributions"
    )
    end, number = first + paging.limit, len(contributions.items)
    more = deps.cursors.make(Cursor(places[end - 1], ""), question) if end < number else None
    shown = contributions.reorder(range(first, min(end, number)))
    sources = public_sources((source.model_copy(update={"items": number}),), deps.registry.title, context.language)
    return list_answer(request, ListPage(shown, sources, more, edition=edition), language=context.language)


def _first_index(places: Sequence[tuple[int, int, int, str]], cursor: Cursor | None) -> int:
    """Return the index of the first contribution after that of the cursor, whichever were added or removed since."""
    if cursor is None:
        return 0
    match cursor.position:
        case (int(unknown), int(at), int(length), str(contribution_id)):
            return bisect_right(places, (unknown, at, length, contribution_id))
    raise CursorRefusedError
