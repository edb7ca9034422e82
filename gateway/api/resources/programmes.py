"""Programmes for new entrepreneurs, the caller's part in them, and the enterprises that came out of them."""

from typing import Final

from fastapi import APIRouter, Request

from gateway.api.answers import Answer
from gateway.api.callers import ProgrammesReader
from gateway.api.context import TheContext
from gateway.api.dependencies import TheParts
from gateway.api.detail import RecordId, public_found
from gateway.api.forms import chosen, forms_of
from gateway.api.list_routes import offer, offer_one
from gateway.api.lists import PagingOnly, personal_list
from gateway.api.openapi.operations import PERSONAL, SOURCES, answers, listed, signed_in
from gateway.policy.narrowing import check_resident, narrow_own
from gateway.policy.permissions import OWN_LIST
from schemas.enterprise import ENTERPRISE
from schemas.programme import ENROLMENT, PROGRAMME, EnrolmentQuery

router = APIRouter(prefix="/v1", tags=["enterprise"])

_ENROLMENT_FORMS: Final = forms_of(ENROLMENT)

offer(
    router,
    "/programmes",
    PROGRAMME,
    operation_id="listProgrammes",
    summary="Daftar program · List programmes",
    text="Program wirausaha baru.\n\nProgrammes for new entrepreneurs.",
)
offer_one(
    router,
    "/programmes/{programme_id}",
    PROGRAMME,
    operation_id="getProgramme",
    summary="Satu program · One programme",
    text="Satu program wirausaha baru.\n\nOne programme for new entrepreneurs.",
)
offer(
    router,
    "/enterprises",
    ENTERPRISE,
    operation_id="listEnterprises",
    summary="Daftar usaha · List enterprises",
    text=(
        "Usaha dari program wirausaha baru; tanpa data pemilik.\n\n"
        "Enterprises from the programmes; nothing about their owners."
    ),
)


@router.get(
    "/programmes/{programme_id}/enrolments",
    operation_id="listProgrammeEnrolments",
    summary="Kepesertaan saya dalam program · My enrolment in a programme",
    description=(
        "Kepesertaan pemegang token dalam program ini; peserta lain tidak ditampilkan.\n\n"
        "The caller's enrolment in this programme; no other participant is shown."
    ),
    responses=answers(
        listed(ENROLMENT),
        *PERSONAL,
        *SOURCES,
        "not-found",
        "cursor-invalid",
        "cursor-expired",
        "too-many",
        private=True,
        forms=_ENROLMENT_FORMS,
    ),
    openapi_extra=signed_in("programmes.read", reach=OWN_LIST),
)
async def list_enrolments(
    request: Request,
    parts: TheParts,
    context: TheContext,
    principal: ProgrammesReader,
    programme_id: RecordId,
    paging: PagingOnly,
) -> Answer:
    """The caller's enrolments in one programme, which its agency and its year tell apart from every other."""
    check_resident(principal)
    choice = await chosen(request, _ENROLMENT_FORMS)
    programme = public_found(parts, PROGRAMME, programme_id)[0].body
    asked = narrow_own(principal, ENROLMENT, EnrolmentQuery(year=programme.year, agency=programme.agency))
    return await personal_list(request, parts, context, asked, paging, choice)
