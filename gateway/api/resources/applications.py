"""Applications: a resident's own, or those of an officer's kelurahan; and their documents."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request, Response

from gateway.api.answers import Answer, document
from gateway.api.callers import ApplicationsReader, StatedPurpose
from gateway.api.context import ContextDep
from gateway.api.dependencies import ApiDeps
from gateway.api.detail import RecordId, personal_found, personal_record
from gateway.api.formats.negotiation import forms_of
from gateway.api.lists import NO_PARAMETERS, Paging, filters_of, occasion, personal_list
from gateway.api.openapi.operations import (
    PERSONAL,
    SOURCES,
    alone,
    answers,
    listed,
    problem_answers,
    referred,
    signed_in,
)
from gateway.api.problems.errors import ProblemError
from gateway.policy.narrowing import PermittedQuery, narrow_office, narrow_own
from gateway.policy.permissions import OWN_OR_REGION_LIST, OWN_OR_REGION_RECORD
from gateway.policy.principal import Principal, Role
from gateway.policy.purposes import Purpose
from schemas.application import APPLICATION, Application, ApplicationQuery

router = APIRouter(prefix="/v1/applications", tags=["applications"])

_FORMS: Final = forms_of(APPLICATION)


class ApplicationParameters(ApplicationQuery, Paging):
    """Filters and paging of applications."""


def _narrow(
    principal: Principal, query: ApplicationQuery, purpose: Purpose | None
) -> PermittedQuery[Application, ApplicationQuery]:
    if Role.OFFICER in principal.roles:
        return narrow_office(principal, APPLICATION, query, purpose)
    return narrow_own(principal, APPLICATION, query)


@router.get(
    "",
    operation_id="listApplications",
    summary="Daftar permohonan · List applications",
    description=(
        "Permohonan sendiri; bagi petugas, permohonan di kelurahannya.\n\n"
        "One's own applications; for an officer, those of their kelurahan."
    ),
    responses=answers(
        listed(APPLICATION),
        *PERSONAL,
        *SOURCES,
        "purpose-required",
        "cursor-invalid",
        "cursor-expired",
        "too-many",
        private=True,
        forms=_FORMS,
    ),
    openapi_extra=signed_in("applications.read", reach=OWN_OR_REGION_LIST),
)
async def list_applications(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: ApplicationsReader,
    asked: Annotated[ApplicationParameters, Query()],
    purpose: StatedPurpose = None,
) -> Answer:
    """A page of applications."""
    terms = _narrow(principal, filters_of(APPLICATION, asked), purpose)
    return await personal_list(request, deps, context, terms, asked, _FORMS)


@router.get(
    "/{application_id}",
    operation_id="getApplication",
    summary="Satu permohonan · One application",
    description="Permohonan lengkap dengan riwayat dan dokumen.\n\nAn application with its history and documents.",
    responses=answers(alone(APPLICATION), *PERSONAL, *SOURCES, "purpose-required", "not-found", private=True),
    openapi_extra=signed_in("applications.read", reach=OWN_OR_REGION_RECORD),
    dependencies=NO_PARAMETERS,
)
async def get_application(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: ApplicationsReader,
    application_id: RecordId,
    purpose: StatedPurpose = None,
) -> Answer:
    """One application in full."""
    asked = _narrow(principal, ApplicationQuery(), purpose)
    return await personal_record(request, deps, context, asked, application_id)


@router.get(
    "/{application_id}/documents/{n}",
    operation_id="getApplicationDocument",
    response_class=Response,
    summary="Dokumen permohonan · Document of an application",
    description="Berkas dokumen ke-n, dihitung dari 0.\n\nThe n-th document, counted from 0.",
    responses={
        200: {
            "description": "Berkas · The document",
            "headers": referred("headers", ("X-Request-Id", "Server-Timing", "Cache-Control", "Content-Disposition")),
            "content": {"application/pdf": {"schema": {"type": "string", "contentMediaType": "application/pdf"}}},
        },
        **problem_answers(*PERSONAL, *SOURCES, "purpose-required", "not-found"),
    },
    openapi_extra=signed_in("applications.read", reach=OWN_OR_REGION_RECORD),
    dependencies=NO_PARAMETERS,
)
async def get_application_document(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: ApplicationsReader,
    application_id: RecordId,
    number: Annotated[int, Path(alias="n", ge=0, le=999)],
    purpose: StatedPurpose = None,
) -> Answer:
    """The bytes of one document."""
    asked = _narrow(principal, ApplicationQuery(), purpose)
    place, gathered = await personal_found(request, deps, context, asked, application_id)
    content = await deps.federation.document(asked, place, number, context.deadline)
    told, record = occasion(deps, context, request), gathered.records[0]
    if content is None:
        await deps.gate.log_empty_access(
            asked, occasion=told, systems=(place.system,), result="nothing-found", about=(record.body,)
        )
        raise ProblemError("not-found")
    disclosed = await deps.gate.disclose_document(asked, record, content, occasion=told)
    return document(disclosed)
