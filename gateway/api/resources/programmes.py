"""Programmes for new entrepreneurs, the caller's enrolments, and the participants' enterprises."""

from typing import Annotated

from fastapi import Query, Request

from gateway.api.answers import Answer
from gateway.api.callers import ProgrammesReader, api_router
from gateway.api.context import ContextDep
from gateway.api.dependencies import ApiDeps
from gateway.api.detail import RecordId, own_record, public_record
from gateway.api.lists import NO_PARAMETERS, Paging, own_list, public_list
from gateway.api.openapi.list_operations import (
    own_list_answers,
    own_record_answers,
    public_list_answers,
    public_record_answers,
)
from gateway.api.openapi.operations import PUBLIC, required_sign_in
from gateway.policy.permissions import OWN_LIST, OWN_RECORD
from schemas.enterprise import ENTERPRISE, EnterpriseQuery
from schemas.programme import ENROLMENT, PROGRAMME, EnrolmentQuery, ProgrammeQuery

router = api_router(prefix="/v1", tags=["enterprise"])


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
    "/enterprises/{enterprise_id}",
    operation_id="getEnterprise",
    summary="Satu usaha · One enterprise",
    description="Satu usaha dari program, tanpa data pemilik.\n\nOne enterprise, without data about its owner.",
    responses=public_record_answers(ENTERPRISE),
    openapi_extra=PUBLIC,
    dependencies=NO_PARAMETERS,
)
async def get_enterprise(request: Request, deps: ApiDeps, context: ContextDep, enterprise_id: RecordId) -> Answer:
    """Return one enterprise from the snapshots."""
    return public_record(request, deps, context, ENTERPRISE, enterprise_id)


class EnrolmentParameters(EnrolmentQuery, Paging):
    """Filters and paging of enrolments."""


@router.get(
    "/me/enrolments",
    operation_id="listMyEnrolments",
    summary="Kepesertaan saya · My enrolments",
    description=(
        "Kepesertaan pemegang token dalam program; peserta lain tidak ditampilkan.\n\n"
        "Enrolments of the caller in programmes; other participants are not shown."
    ),
    responses=own_list_answers(ENROLMENT),
    openapi_extra=required_sign_in("programmes.read", reach=OWN_LIST),
)
async def list_my_enrolments(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: ProgrammesReader,
    parameters: Annotated[EnrolmentParameters, Query()],
) -> Answer:
    """Return a page of the caller's own enrolments, from the lists of the agencies."""
    return await own_list(request, deps, context, principal, ENROLMENT, parameters)


@router.get(
    "/me/enrolments/{enrolment_id}",
    operation_id="getMyEnrolment",
    summary="Satu kepesertaan saya · One of my enrolments",
    description="Satu kepesertaan pemegang token.\n\nOne enrolment of the caller.",
    responses=own_record_answers(ENROLMENT),
    openapi_extra=required_sign_in("programmes.read", reach=OWN_RECORD),
    dependencies=NO_PARAMETERS,
)
async def get_my_enrolment(
    request: Request, deps: ApiDeps, context: ContextDep, principal: ProgrammesReader, enrolment_id: RecordId
) -> Answer:
    """Return one of the caller's own enrolments."""
    return await own_record(request, deps, context, principal, ENROLMENT, enrolment_id)
