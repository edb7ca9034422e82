"""Health facilities and their queues, public; appointments, for their own patient only and never held."""

from fastapi import APIRouter, Request

from gateway.api.answers import Answer
from gateway.api.callers import HealthReader
from gateway.api.context import TheContext
from gateway.api.dependencies import TheParts
from gateway.api.detail import RecordId, personal_record
from gateway.api.list_routes import offer, offer_own
from gateway.api.lists import NO_PARAMETERS
from gateway.api.nested_lists import list_below, place_of
from gateway.api.openapi.operations import PERSONAL, PUBLIC, SOURCES, alone, answers, listed, signed_in
from gateway.api.own_records import STRONG
from gateway.policy.narrowing import narrow_own, narrow_public
from gateway.policy.permissions import OWN_RECORD
from schemas.facility import FACILITY, QUEUE, QueueQuery
from schemas.health import APPOINTMENT, VISIT, AppointmentQuery

router = APIRouter(prefix="/v1/health", tags=["health"])


offer(
    router,
    "/facilities",
    FACILITY,
    operation_id="listHealthFacilities",
    summary="Daftar fasilitas kesehatan · List health facilities",
    text="Puskesmas dan fasilitas lain.\n\nHealth centres and other facilities.",
)


@router.get(
    "/facilities/{facility_id}/queue",
    operation_id="getHealthFacilityQueue",
    summary="Antrean hari ini · Queue of today",
    description="Antrean tiap poli; tanpa nama siapa pun.\n\nThe queue of each clinic; nobody is named.",
    responses=answers(listed(QUEUE), "not-found", *SOURCES),
    openapi_extra=PUBLIC,
    dependencies=NO_PARAMETERS,
)
async def get_queue(
    request: Request,
    parts: TheParts,
    context: TheContext,
    facility_id: RecordId,
) -> Answer:
    """The queues of one facility, from its office's copy."""
    place = place_of(parts, FACILITY, facility_id)
    asked = narrow_public(QUEUE, QueueQuery(facility_key=place.key))
    return list_below(request, parts, context, place, asked)


offer_own(
    router,
    "/appointments",
    APPOINTMENT,
    operation_id="listHealthAppointments",
    summary="Janji temu saya · My appointments",
    text=(
        "Janji temu pemegang token, ditanyakan langsung dan tidak pernah disimpan; satu halaman saja.\n\n"
        "Appointments of the caller, asked live and never held; one page only."
    ),
)


@router.get(
    "/appointments/{appointment_id}",
    operation_id="getHealthAppointment",
    summary="Satu janji temu saya · One of my appointments",
    description=(
        "Satu janji temu pemegang token, ditanyakan langsung ke puskesmasnya.\n\n"
        "One appointment of the caller, asked live of its health centre."
    ),
    responses=answers(alone(APPOINTMENT), *PERSONAL, *SOURCES, "not-found", private=True),
    openapi_extra=signed_in("health.read", reach=OWN_RECORD),
    dependencies=NO_PARAMETERS,
)
async def get_appointment(
    request: Request,
    parts: TheParts,
    context: TheContext,
    principal: HealthReader,
    appointment_id: RecordId,
) -> Answer:
    """One of the caller's appointments."""
    asked = narrow_own(principal, APPOINTMENT, AppointmentQuery())
    return await personal_record(request, parts, context, asked, appointment_id)


offer_own(
    router,
    "/visits",
    VISIT,
    acr=STRONG,
    operation_id="listHealthVisits",
    summary="Kunjungan saya · My visits",
    text=(
        "Kunjungan pemegang token ke puskesmas, tanpa diagnosis; ditanyakan langsung, tidak pernah disimpan. Perlu "
        "masuk dengan faktor kedua (acr 2).\n\n"
        "Visits of the caller to health centres, without diagnoses; asked live and never held. Needs a sign-in with a "
        "second factor (acr 2)."
    ),
)
