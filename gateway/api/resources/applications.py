"""Applications: a resident's own, and for officers those of their region; and their documents."""

from typing import Annotated, Any, Final

from fastapi import Path, Query, Request, Response

from gateway.api.answers import Answer, document_answer
from gateway.api.callers import ApplicationsReader, StatedPurpose, api_router
from gateway.api.context import ContextDep, RequestContext
from gateway.api.dependencies import ApiDependencies, ApiDeps
from gateway.api.detail import RecordId, find_personal_record, own_record, personal_record
from gateway.api.formats.negotiation import formats_of
from gateway.api.lists import NO_PARAMETERS, Paging, access_context, filters_of, own_list, personal_list
from gateway.api.openapi.deferred import Responses
from gateway.api.openapi.list_operations import own_list_answers, own_record_answers
from gateway.api.openapi.operations import PERSONAL, SOURCES, problem_answers, references, required_sign_in
from gateway.api.problems.errors import ProblemError
from gateway.policy.narrowing import PermittedQuery, narrow_office, narrow_own
from gateway.policy.permissions import OFFICERS_LIST, OFFICERS_RECORD, OWN_LIST, OWN_RECORD
from schemas.application import APPLICATION, ApplicationQuery

router = api_router(prefix="/v1", tags=["applications"])

DocumentId = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,80}$")]


class ApplicationParameters(ApplicationQuery, Paging):
    """Filters and paging of applications."""


def _document_answers(*problems: str) -> Responses:
    return {
        200: {
            "description": "Berkas · The document",
            "headers": references("headers", ("X-Request-Id", "Server-Timing", "Cache-Control", "Content-Disposition")),
            "content": {"application/pdf": {"schema": {"type": "string", "contentMediaType": "application/pdf"}}},
        },
        **problem_answers(*PERSONAL, *SOURCES, *problems, "not-found"),
    }


_OFFICERS_LIST_ANSWERS: Final = own_list_answers(APPLICATION, "purpose-required")
_OFFICERS_RECORD_ANSWERS: Final = own_record_answers(APPLICATION, "purpose-required")


@router.get(
    "/me/applications",
    operation_id="listMyApplications",
    summary="Permohonan saya · My applications",
    description="Permohonan pemegang token, ditanyakan langsung.\n\nApplications of the caller, queried live.",
    responses=own_list_answers(APPLICATION),
    openapi_extra=required_sign_in("applications.read", reach=OWN_LIST),
)
async def list_my_applications(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: ApplicationsReader,
    parameters: Annotated[ApplicationParameters, Query()],
) -> Answer:
    """Return a page of the caller's own applications, queried live."""
    return await own_list(request, deps, context, principal, APPLICATION, parameters)


@router.get(
    "/me/applications/{application_id}",
    operation_id="getMyApplication",
    summary="Satu permohonan saya · One of my applications",
    description="Permohonan lengkap dengan riwayat dan dokumen.\n\nAn application with its history and documents.",
    responses=own_record_answers(APPLICATION),
    openapi_extra=required_sign_in("applications.read", reach=OWN_RECORD),
    dependencies=NO_PARAMETERS,
)
async def get_my_application(
    request: Request, deps: ApiDeps, context: ContextDep, principal: ApplicationsReader, application_id: RecordId
) -> Answer:
    """Return one of the caller's own applications with its history and documents."""
    return await own_record(request, deps, context, principal, APPLICATION, application_id)


@router.get(
    "/me/applications/{application_id}/documents/{document_id}",
    operation_id="getMyApplicationDocument",
    response_class=Response,
    summary="Dokumen permohonan saya · Document of one of my applications",
    description="Berkas satu dokumen, menurut id-nya.\n\nThe content of one document, by its id.",
    responses=_document_answers(),
    openapi_extra=required_sign_in("applications.read", reach=OWN_RECORD),
    dependencies=NO_PARAMETERS,
)
async def get_my_application_document(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: ApplicationsReader,
    application_id: RecordId,
    document_id: DocumentId,
) -> Answer:
    """Return the content of one document of the caller's own application."""
    permitted = narrow_own(principal, APPLICATION, ApplicationQuery())
    return await _document(request, deps, context, permitted, application_id, document_id)


@router.get(
    "/applications",
    operation_id="listApplications",
    summary="Daftar permohonan · List applications",
    description=(
        "Bagi petugas: permohonan di wilayahnya, dengan tujuan.\n\n"
        "For officers: the applications of their region, with a purpose."
    ),
    responses=_OFFICERS_LIST_ANSWERS,
    openapi_extra=required_sign_in("applications.read", reach=OFFICERS_LIST),
)
async def list_applications(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: ApplicationsReader,
    parameters: Annotated[ApplicationParameters, Query()],
    purpose: StatedPurpose = None,
) -> Answer:
    """Return a page of the applications of the officer's region."""
    permitted = narrow_office(principal, APPLICATION, filters_of(APPLICATION, parameters), purpose)
    return await personal_list(request, deps, context, permitted, parameters, formats_of(APPLICATION))


@router.get(
    "/applications/{application_id}",
    operation_id="getApplication",
    summary="Satu permohonan · One application",
    description=(
        "Bagi petugas: permohonan di wilayahnya, dengan riwayat dan dokumen.\n\n"
        "For officers: an application of their region, with its history and documents."
    ),
    responses=_OFFICERS_RECORD_ANSWERS,
    openapi_extra=required_sign_in("applications.read", reach=OFFICERS_RECORD),
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
    """Return one application of the officer's region with its history and documents."""
    permitted = narrow_office(principal, APPLICATION, ApplicationQuery(), purpose)
    return await personal_record(request, deps, context, permitted, application_id)


@router.get(
    "/applications/{application_id}/documents/{document_id}",
    operation_id="getApplicationDocument",
    response_class=Response,
    summary="Dokumen permohonan · Document of an application",
    description=(
        "Bagi petugas: berkas satu dokumen, menurut id-nya.\n\nFor officers: the content of one document, by its id."
    ),
    responses=_document_answers("purpose-required"),
    openapi_extra=required_sign_in("applications.read", reach=OFFICERS_RECORD),
    dependencies=NO_PARAMETERS,
)
async def get_application_document(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: ApplicationsReader,
    application_id: RecordId,
    document_id: DocumentId,
    purpose: StatedPurpose = None,
) -> Answer:
    """Return the content of one document of an application of the officer's region."""
    permitted = narrow_office(principal, APPLICATION, ApplicationQuery(), purpose)
    return await _document(request, deps, context, permitted, application_id, document_id)


async def _document(
    request: Request,
    deps: ApiDependencies,
    context: RequestContext,
    permitted: PermittedQuery[Any, Any],
    application_id: str,
    document_id: str,
) -> Answer:
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
