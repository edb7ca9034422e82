"""Programmes for new entrepreneurs, the caller's enrolments, and the participants' enterprises."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request

from gateway.api.answers import Answer
from gateway.api.callers import ProgrammesReader
from gateway.api.context import ContextDep
from gateway.api.dependencies import ApiDeps
from gateway.api.detail import RecordId, find_public_record, public_record
from gateway.api.formats.negotiation import formats_of
from gateway.api.lists import NO_PARAMETERS, Paging, PagingOnly, personal_list, public_list
from gateway.api.openapi.list_operations import public_list_answers, public_record_answers
from gateway.api.openapi.models import resource_list_model
from gateway.api.openapi.operations import PERSONAL, PUBLIC, SOURCES, answers, required_sign_in
from gateway.policy.narrowing import check_resident, narrow_own
from gateway.policy.permissions import OWN_LIST
from schemas.enterprise import ENTERPRISE, EnterpriseQuery
from schemas.programme import ENROLMENT, PROGRAMME, EnrolmentQuery, ProgrammeQuery

router = APIRouter(prefix="/v1", tags=["enterprise"])

_ENROLMENT_FORMATS: Final = formats_of(ENROLMENT)


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
    request: Request, deps: ApiDeps, context: ContextDep, parameters: Annotated[ProgrammeParameters, Query()]
) -> Answer:
    """Return a page of programmes from the snapshots."""
    return await public_list(request, deps, context, PROGRAMME, parameters)


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
    """Return one programme from the snapshots."""
    return public_record(request, deps, context, PROGRAMME, programme_id)


class EnterpriseParameters(EnterpriseQuery, Paging):
    """Filters and paging of enterprises."""


@router.get(
    "/enterprises",
    operation_id="listEnterprises",
    summary="Daftar usaha · List enterprises",
    description=(
        "Usaha dari program wirausaha baru; tanpa data pemilik.\n\n"
        "Enterprises from the programmes, without data about their owners."
    ),
    responses=public_list_answers(ENTERPRISE),
    openapi_extra=PUBLIC,
)
async def list_enterprises(
    request: Request, deps: ApiDeps, context: ContextDep, parameters: Annotated[EnterpriseParameters, Query()]
) -> Answer:
    """Return a page of enterprises from the snapshots."""
    return await public_list(request, deps, context, ENTERPRISE, parameters)


@router.get(
    "/programmes/{programme_id}/enrolments",
    operation_id="listProgrammeEnrolments",
    summary="Kepesertaan saya dalam program · My enrolment in a programme",
    description=(
        "Kepesertaan pemegang token dalam program ini; peserta lain tidak ditampilkan.\n\n"
        "The caller's enrolment in this programme; other participants are not shown."
    ),
    responses=answers(
        resource_list_model(ENROLMENT),
        *PERSONAL,
        *SOURCES,
        "not-found",
        "cursor-invalid",
        "cursor-expired",
        "too-many",
        private=True,
        formats=_ENROLMENT_FORMATS,
    ),
    openapi_extra=required_sign_in("programmes.read", reach=OWN_LIST),
)
async def list_programme_enrolments(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: ProgrammesReader,
    programme_id: RecordId,
    paging: PagingOnly,
) -> Answer:
    """Return the caller's enrolments in one programme. Agency and year identify a programme."""
    check_resident(principal)
    programme = find_public_record(deps, PROGRAMME, programme_id)[0].body
    permitted = narrow_own(principal, ENROLMENT, EnrolmentQuery(year=programme.year, agency=programme.agency.id))
    return await personal_list(request, deps, context, permitted, paging, _ENROLMENT_FORMATS)
