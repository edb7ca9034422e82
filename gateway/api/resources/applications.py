"""Applications: a resident's own, or those of an officer's kelurahan; and their documents."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request, Response

from gateway.api.answers import Answer, document_answer
from gateway.api.callers import ApplicationsReader, StatedPurpose
from gateway.api.context import ContextDep
from gateway.api.dependencies import ApiDeps
from gateway.api.detail import RecordId, find_personal_record, personal_record
from gateway.api.formats.negotiation import formats_of
from gateway.api.lists import NO_PARAMETERS, Paging, access_context, filters_of, personal_list
from gateway.api.openapi.models import record_answer_model, resource_list_model
from gateway.api.openapi.operations import PERSONAL, SOURCES, answers, problem_answers, references, required_sign_in
from gateway.api.problems.errors import ProblemError
from gateway.policy.narrowing import PermittedQuery, narrow_office, narrow_own
from gateway.policy.permissions import OWN_OR_REGION_LIST, OWN_OR_REGION_RECORD
from gateway.policy.principal import Principal, Role
from gateway.policy.purposes import Purpose
from schemas.application import APPLICATION, Application, ApplicationQuery

router = APIRouter(prefix="/v1/applications", tags=["applications"])

_FORMATS: Final = formats_of(APPLICATION)


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
        "Your own applications; for an officer, those of their kelurahan."
    ),
    responses=answers(
        resource_list_model(APPLICATION),
        *PERSONAL,
        *SOURCES,
        "purpose-required",
        "cursor-invalid",
        "cursor-expired",
        "too-many",
        private=True,
        formats=_FORMATS,
    ),
    openapi_extra=required_sign_in("applications.read", reach=OWN_OR_REGION_LIST),
)
async def list_applications(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: ApplicationsReader,
    parameters: Annotated[ApplicationParameters, Query()],
    purpose: StatedPurpose = None,
) -> Answer:
    """Return a page of applications."""
    permitted = _narrow(principal, filters_of(APPLICATION, parameters), purpose)
    return await personal_list(request, deps, context, permitted, parameters, _FORMATS)


@router.get(
    "/{application_id}",
    operation_id="getApplication",
    summary="Satu permohonan · One application",
    description="Permohonan lengkap dengan riwayat dan dokumen.\n\nAn application with its history and documents.",
    responses=answers(
        record_answer_model(APPLICATION), *PERSONAL, *SOURCES, "purpose-required", "not-found", private=True
    ),
    openapi_extra=required_sign_in("applications.read", reach=OWN_OR_REGION_RECORD),
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
    """Return one application with its history and documents."""
    permitted = _narrow(principal, ApplicationQuery(), purpose)
    return await personal_record(request, deps, context, permitted, application_id)


@router.get(
    "/{application_id}/documents/{document_id}",
    operation_id="getApplicationDocument",
    response_class=Response,
    summary="Dokumen permohonan · Document of an application",
    description="Berkas satu dokumen, menurut id-nya.\n\nThe content of one document, by its id.",
    responses={
        200: {
            "description": "Berkas · The document",
            "headers": references("headers", ("X-Request-Id", "Server-Timing", "Cache-Control", "Content-Disposition")),
            "content": {"application/pdf": {"schema": {"type": "string", "contentMediaType": "application/pdf"}}},
        },
        **problem_answers(*PERSONAL, *SOURCES, "purpose-required", "not-found"),
    },
    openapi_extra=required_sign_in("applications.read", reach=OWN_OR_REGION_RECORD),
    dependencies=NO_PARAMETERS,
)
async def get_application_document(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: ApplicationsReader,
    application_id: RecordId,
    document_id: Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,80}$")],
    purpose: StatedPurpose = None,
) -> Answer:
    """Return the contents of one document."""
    permitted = _narrow(principal, ApplicationQuery(), purpose)
    place, gathered = await find_personal_record(request, deps, context, permitted, application_id)
    content = await deps.federation.document(permitted, place, document_id, context.deadline)
    access, record = access_context(deps, context, request), gathered.records[0]
    if content is None:
        await deps.gate.log_empty_access(
            permitted, occasion=access, systems=(place.system,), result="nothing-found", about=(record.body,)
        )
        raise ProblemError("not-found")
    disclosed = await deps.gate.disclose_document(permitted, record, content, occasion=access)
    return document_answer(disclosed)
