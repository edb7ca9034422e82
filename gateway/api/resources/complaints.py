"""Complaints: the public ones, and a resident's own."""

from typing import Annotated

from fastapi import Query, Request

from gateway.api.answers import Answer
from gateway.api.callers import ComplaintsReader, api_router
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
from schemas.complaint import COMPLAINT, ComplaintQuery

router = api_router(prefix="/v1", tags=["complaints"])


class ComplaintParameters(ComplaintQuery, Paging):
    """Filters and paging of complaints."""


@router.get(
    "/complaints",
    operation_id="listComplaints",
    summary="Aduan · Complaints",
    description=(
        "Aduan yang tidak rahasia, tanpa nama pelapor.\n\n"
        "Complaints that are not confidential, without the names of the reporters."
    ),
    responses=public_list_answers(COMPLAINT),
    openapi_extra=PUBLIC,
)
async def list_complaints(
    request: Request, deps: ApiDeps, context: ContextDep, parameters: Annotated[ComplaintParameters, Query()]
) -> Answer:
    """Return a page of complaints from the snapshots."""
    return await public_list(request, deps, context, COMPLAINT, parameters)


@router.get(
    "/complaints/{complaint_id}",
    operation_id="getComplaint",
    summary="Satu aduan · One complaint",
    description="Bagian umum dari satu aduan.\n\nThe public fields of one complaint.",
    responses=public_record_answers(COMPLAINT),
    openapi_extra=PUBLIC,
    dependencies=NO_PARAMETERS,
)
async def get_complaint(request: Request, deps: ApiDeps, context: ContextDep, complaint_id: RecordId) -> Answer:
    """Return one complaint from the snapshots."""
    return public_record(request, deps, context, COMPLAINT, complaint_id)


@router.get(
    "/me/complaints",
    operation_id="listMyComplaints",
    summary="Aduan saya · My complaints",
    description="Aduan pemegang token, ditanyakan langsung.\n\nComplaints of the caller, queried live.",
    responses=own_list_answers(COMPLAINT),
    openapi_extra=required_sign_in("complaints.read", reach=OWN_LIST),
)
async def list_my_complaints(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: ComplaintsReader,
    parameters: Annotated[ComplaintParameters, Query()],
) -> Answer:
    """Return a page of the caller's own complaints, queried live."""
    return await own_list(request, deps, context, principal, COMPLAINT, parameters)


@router.get(
    "/me/complaints/{complaint_id}",
    operation_id="getMyComplaint",
    summary="Satu aduan saya · One of my complaints",
    description=(
        "Satu aduan pemegang token, juga yang rahasia, dengan semua kolomnya.\n\n"
        "One complaint of the caller, also a confidential one, with all its fields."
    ),
    responses=own_record_answers(COMPLAINT),
    openapi_extra=required_sign_in("complaints.read", reach=OWN_RECORD),
    dependencies=NO_PARAMETERS,
)
async def get_my_complaint(
    request: Request, deps: ApiDeps, context: ContextDep, principal: ComplaintsReader, complaint_id: RecordId
) -> Answer:
    """Return one of the caller's own complaints, queried live."""
    return await own_record(request, deps, context, principal, COMPLAINT, complaint_id)
