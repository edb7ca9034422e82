"""Health facilities and queues (public); appointments and visits (for the patient only, never held)."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from gateway.api.answers import Answer
from gateway.api.callers import HealthReader, VisitsReader
from gateway.api.context import ContextDep
from gateway.api.dependencies import ApiDeps
from gateway.api.detail import RecordId, personal_record
from gateway.api.formats.negotiation import formats_of
from gateway.api.lists import NO_PARAMETERS, Paging, filters_of, personal_list, public_list
from gateway.api.nested_lists import nested_list, record_place
from gateway.api.openapi.list_operations import own_list_answers, public_list_answers
from gateway.api.openapi.models import record_answer_model, resource_list_model
from gateway.api.openapi.operations import PERSONAL, PUBLIC, SOURCES, answers, required_sign_in
from gateway.policy.narrowing import narrow_own, narrow_public
from gateway.policy.permissions import OWN_LIST, OWN_LIST_STRONG, OWN_RECORD
from schemas.facility import FACILITY, QUEUE, FacilityQuery, QueueQuery
from schemas.health import APPOINTMENT, VISIT, AppointmentQuery, VisitQuery

router = APIRouter(prefix="/v1/health", tags=["health"])


class FacilityParameters(FacilityQuery, Paging):
    """Filters and paging of health facilities."""


@router.get(
    "/facilities",
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
    "/facilities/{facility_id}/queue",
    operation_id="getHealthFacilityQueue",
    summary="Antrean hari ini · Queue of today",
    description="Antrean tiap poli; tanpa nama siapa pun.\n\nThe queue of each clinic, without names.",
    responses=answers(resource_list_model(QUEUE), "not-found", *SOURCES),
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
    permitted = narrow_public(QUEUE, QueueQuery(facility_key=place.key))
    return nested_list(request, deps, context, place, permitted)


class AppointmentParameters(AppointmentQuery, Paging):
    """Filters and paging of appointments."""


@router.get(
    "/appointments",
    operation_id="listHealthAppointments",
    summary="Janji temu saya · My appointments",
    description=(
        "Janji temu pemegang token, ditanyakan langsung dan tidak pernah disimpan; satu halaman saja.\n\n"
        "Appointments of the caller, queried live and never held; one page only."
    ),
    responses=own_list_answers(APPOINTMENT),
    openapi_extra=required_sign_in("health.read", reach=OWN_LIST),
)
async def list_health_appointments(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: HealthReader,
    parameters: Annotated[AppointmentParameters, Query()],
) -> Answer:
    """Return the caller's own appointments, queried live."""
    permitted = narrow_own(principal, APPOINTMENT, filters_of(APPOINTMENT, parameters))
    return await personal_list(request, deps, context, permitted, parameters, formats_of(APPOINTMENT))


@router.get(
    "/appointments/{appointment_id}",
    operation_id="getHealthAppointment",
    summary="Satu janji temu saya · One of my appointments",
    description=(
        "Satu janji temu pemegang token, ditanyakan langsung ke puskesmasnya.\n\n"
        "One appointment of the caller, queried live at its health centre."
    ),
    responses=answers(record_answer_model(APPOINTMENT), *PERSONAL, *SOURCES, "not-found", private=True),
    openapi_extra=required_sign_in("health.read", reach=OWN_RECORD),
    dependencies=NO_PARAMETERS,
)
async def get_health_appointment(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: HealthReader,
    appointment_id: RecordId,
) -> Answer:
    """Return one of the caller's appointments."""
    permitted = narrow_own(principal, APPOINTMENT, AppointmentQuery())
    return await personal_record(request, deps, context, permitted, appointment_id)


class VisitParameters(VisitQuery, Paging):
    """Filters and paging of visits."""


@router.get(
    "/visits",
    operation_id="listHealthVisits",
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
async def list_health_visits(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    principal: VisitsReader,
    parameters: Annotated[VisitParameters, Query()],
) -> Answer:
    """Return the caller's own visits, queried live."""
    permitted = narrow_own(principal, VISIT, filters_of(VISIT, parameters))
    return await personal_list(request, deps, context, permitted, parameters, formats_of(VISIT))
