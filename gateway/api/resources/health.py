"""Health facilities and queues (public); appointments and visits (for the patient only, never held)."""

from typing import Annotated

from fastapi import Query, Request

from gateway.api.answers import Answer
from gateway.api.callers import HealthReader, VisitsReader, api_router
from gateway.api.context import ContextDep
from gateway.api.dependencies import ApiDeps
from gateway.api.detail import RecordId, own_record, public_record
from gateway.api.lists import NO_PARAMETERS, Paging, own_list, public_list
from gateway.api.nested_lists import nested_list, record_place
from gateway.api.openapi.list_operations import (
    own_list_answers,
    own_record_answers,
    public_list_answers,
    public_record_answers,
)
from gateway.api.openapi.models import resource_list_model
from gateway.api.openapi.operations import PUBLIC, SOURCES, answers, required_sign_in
from gateway.policy.narrowing import narrow_public
from gateway.policy.permissions import OWN_LIST, OWN_LIST_STRONG, OWN_RECORD, OWN_RECORD_STRONG
from schemas.facility import FACILITY, QUEUE, FacilityQuery, QueueQuery
from schemas.health import APPOINTMENT, VISIT, AppointmentQuery, VisitQuery

router = api_router(prefix="/v1", tags=["health"])


class FacilityParameters(FacilityQuery, Paging):
    """Filters and paging of health facilities."""


@router.get(
    "/health/facilities",
    operation_id="listHealthFacilities",
    summary="Daftar fasilitas kesehatan · List health facilities",
    description="Puskesmas dan fasilitas lain.\n\nHealth centres and other facilities.",
    responses=public_list_answers(FACILITY),
    openapi_extra=PUBLIC,
)
async def list_health_facilities(
    request: Request, deps: ApiDeps, context: ContextDep, parameters: Annotated[FacilityParameters, Query()]
) -> Answer:
    """Return a page of health facilities from the snapshots."""
    return await public_list(request, deps, context, FACILITY, parameters)


@router.get(
    "/health/facilities/{facility_id}",
    operation_id="getHealthFacility",
    summary="Satu fasilitas kesehatan · One health facility",
    description="Satu puskesmas atau fasilitas lain.\n\nOne health centre or another facility.",
    responses=public_record_answers(FACILITY),
    openapi_extra=PUBLIC,
    dependencies=NO_PARAMETERS,
)
async def get_health_facility(request: Request, deps: ApiDeps, context: ContextDep, facility_id: RecordId) -> Answer:
    """Return one health facility from the snapshots."""
    return public_record(request, deps, context, FACILITY, facility_id)


@router.get(
    "/health/facilities/{facility_id}/queue",
    operation_id="getHealthFacilityQueue",
    summary="Antrean hari ini · Queue of today",
    description="Antrean tiap poli; tanpa nama siapa pun.\n\nThe queue of each clinic, without names.",
    responses=answers(lambda: resource_list_model(QUEUE), "not-found", *SOURCES),
    openapi_extra=PUBLIC,
    dependencies=NO_PARAMETERS,
)
async def get_health_facility_queue(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    facility_id: RecordId,
) -> Answer:
    """Return the queues of one facility from its office's snapshot."""
    place = record_place(deps, FACILITY, facility_id)
    permitted = narrow_public(QUEUE, QueueQuery(facility=facility_id))
    return nested_list(request, deps, context, place, permitted)


class AppointmentParameters(AppointmentQuery, Paging):
    """Filters and paging of appointments."""


@router.get(
    "/me/appointments",
    operation_id="listMyAppointments",
    summary="Janji temu saya · My appointments",
    description=(
        "Janji temu pemegang token, ditanyakan langsung dan tidak pernah disimpan; satu halaman saja.\n\n"
        "Appointments of the caller, queried live and never held; one page only."
    ),
    responses=own_list_answers(APPOINTMENT),
    openapi_extra=required_sign_in("health.read", reach=OWN_LIST),
)
async def list_my_appointments(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: HealthReader,
    parameters: Annotated[AppointmentParameters, Query()],
) -> Answer:
    """Return the caller's own appointments, queried live."""
    return await own_list(request, deps, context, principal, APPOINTMENT, parameters)


@router.get(
    "/me/appointments/{appointment_id}",
    operation_id="getMyAppointment",
    summary="Satu janji temu saya · One of my appointments",
    description=(
        "Satu janji temu pemegang token, ditanyakan langsung ke puskesmasnya.\n\n"
        "One appointment of the caller, queried live at its health centre."
    ),
    responses=own_record_answers(APPOINTMENT),
    openapi_extra=required_sign_in("health.read", reach=OWN_RECORD),
    dependencies=NO_PARAMETERS,
)
async def get_my_appointment(
    request: Request, deps: ApiDeps, context: ContextDep, principal: HealthReader, appointment_id: RecordId
) -> Answer:
    """Return one of the caller's appointments."""
    return await own_record(request, deps, context, principal, APPOINTMENT, appointment_id)


class VisitParameters(VisitQuery, Paging):
    """Filters and paging of visits."""


@router.get(
    "/me/visits",
    operation_id="listMyVisits",
    summary="Kunjungan saya · My visits",
    description=(
        "Kunjungan pemegang token ke puskesmas, tanpa diagnosis; ditanyakan langsung, tidak pernah disimpan. Perlu "
        "masuk dengan faktor kedua (acr 2).\n\n"
        "Visits of the caller to health centres, without diagnoses; queried live and never held. Requires a sign-in "
        "with a second factor (acr 2)."
    ),
    responses=own_list_answers(VISIT, strong=True),
    openapi_extra=required_sign_in("health.read", reach=OWN_LIST_STRONG),
)
async def list_my_visits(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: VisitsReader,
    parameters: Annotated[VisitParameters, Query()],
) -> Answer:
    """Return the caller's own visits, queried live."""
    return await own_list(request, deps, context, principal, VISIT, parameters)


@router.get(
    "/me/visits/{visit_id}",
    operation_id="getMyVisit",
    summary="Satu kunjungan saya · One of my visits",
    description=(
        "Satu kunjungan pemegang token; perlu masuk dengan faktor kedua (acr 2).\n\n"
        "One visit of the caller; requires a sign-in with a second factor (acr 2)."
    ),
    responses=own_record_answers(VISIT, strong=True),
    openapi_extra=required_sign_in("health.read", reach=OWN_RECORD_STRONG),
    dependencies=NO_PARAMETERS,
)
async def get_my_visit(
    request: Request, deps: ApiDeps, context: ContextDep, principal: VisitsReader, visit_id: RecordId
) -> Answer:
    """Return one of the caller's visits."""
    return await own_record(request, deps, context, principal, VISIT, visit_id)
