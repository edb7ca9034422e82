"""Programmes for new entrepreneurs, the caller's part in them, and the enterprises that came out of them."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request

from gateway.api.answers import Answer
from gateway.api.callers import ProgrammesReader
from gateway.api.context import ContextDep
from gateway.api.dependencies import ApiDeps
from gateway.api.detail import RecordId, public_found, public_record
from gateway.api.formats.negotiation import forms_of
from gateway.api.lists import NO_PARAMETERS, Paging, PagingOnly, personal_list, public_list
from gateway.api.openapi.list_operations import public_list_answers, public_record_answers
from gateway.api.openapi.operations import PERSONAL, PUBLIC, SOURCES, answers, listed, signed_in
from gateway.policy.narrowing import check_resident, narrow_own
from gateway.policy.permissions import OWN_LIST
from schemas.enterprise import ENTERPRISE, EnterpriseQuery
from schemas.programme import ENROLMENT, PROGRAMME, EnrolmentQuery, ProgrammeQuery

router = APIRouter(prefix="/v1", tags=["enterprise"])

_ENROLMENT_FORMS: Final = forms_of(ENROLMENT)


class ProgrammeParameters(ProgrammeQuery, Paging):
    """Filters and paging of programmes."""


@router.get(
    "/programmes",
    operation_id="listProgrammes",
    summary="Daftar program · List programmes",
    description="Program wirausaha baru.\n\nProgrammes for new entrepreneurs.",
    responses=public_list_answers(PROGRAMME),
    openapi_extra=PUBLIC,
)
async def list_programmes(
    request: Request, deps: ApiDeps, context: ContextDep, asked: Annotated[ProgrammeParameters, Query()]
) -> Answer:
    """A page of programmes, from the snapshots."""
    return await public_list(request, deps, context, PROGRAMME, asked)


@router.get(
    "/programmes/{programme_id}",
    operation_id="getProgramme",
    summary="Satu program · One programme",
    description="Satu program wirausaha baru.\n\nOne programme for new entrepreneurs.",
    responses=public_record_answers(PROGRAMME),
    openapi_extra=PUBLIC,
    dependencies=NO_PARAMETERS,
)
async def get_programme(request: Request, deps: ApiDeps, context: ContextDep, programme_id: RecordId) -> Answer:
    """One programme, from the snapshots."""
    return public_record(request, deps, context, PROGRAMME, programme_id)


class EnterpriseParameters(EnterpriseQuery, Paging):
    """Filters and paging of enterprises."""


@router.get(
    "/enterprises",
    operation_id="listEnterprises",
    summary="Daftar usaha · List enterprises",
    description=(
        "Usaha dari program wirausaha baru; tanpa data pemilik.\n\n"
        "Enterprises from the programmes; nothing about their owners."
    ),
    responses=public_list_answers(ENTERPRISE),
    openapi_extra=PUBLIC,
)
async def list_enterprises(
    request: Request, deps: ApiDeps, context: ContextDep, asked: Annotated[EnterpriseParameters, Query()]
) -> Answer:
    """A page of enterprises, from the snapshots."""
    return await public_list(request, deps, context, ENTERPRISE, asked)


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
async def list_programme_enrolments(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: ProgrammesReader,
    programme_id: RecordId,
    paging: PagingOnly,
) -> Answer:
    """The caller's enrolments in one programme, which its agency and its year tell apart from every other."""
    check_resident(principal)
    programme = public_found(deps, PROGRAMME, programme_id)[0].body
    asked = narrow_own(principal, ENROLMENT, EnrolmentQuery(year=programme.year, agency=programme.agency))
    return await personal_list(request, deps, context, asked, paging, _ENROLMENT_FORMS)
