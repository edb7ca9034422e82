"""Health facilities and their queues, public; appointments, for their own patient only and never held."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from gateway.policy.asking import narrow_own, narrow_public
from gateway.policy.reach import OWN_LIST, OWN_LIST_STRONG
from gateway.problems.errors import ProblemError
from gateway.routes.answers import Answer, listing
from gateway.routes.callers import HealthReader, VisitsReader
from gateway.routes.context import TheContext
from gateway.routes.describing import PERSONAL, PUBLIC, SOURCES, answers, listed, signed_in
from gateway.routes.listing import NO_PARAMETERS, Paging, counted, personal_list, public_list
from gateway.routes.parts import TheParts
from schemas.health import (
    APPOINTMENT,
    FACILITY,
    QUEUE,
    VISIT,
    AppointmentQuery,
    FacilityQuery,
    QueueQuery,
    VisitQuery,
)

router = APIRouter(prefix="/v1/health", tags=["health"])


class FacilityParameters(FacilityQuery, Paging):
    """Filters and paging of facilities."""


class AppointmentParameters(AppointmentQuery, Paging):
    """Filters and limit of appointments; their list has one page only."""


@router.get(
    "/facilities",
    operation_id="listHealthFacilities",
    summary="Daftar fasilitas kesehatan · List health facilities",
    description="Puskesmas dan fasilitas lain.\n\nHealth centres and other facilities.",
    responses=answers(listed(FACILITY), *SOURCES, "cursor-invalid"),
    openapi_extra=PUBLIC,
)
async def list_facilities(
    request: Request, parts: TheParts, context: TheContext, asked: Annotated[FacilityParameters, Query()]
) -> Answer:
    """Facilities, from the copies."""
    return await public_list(request, parts, context, FACILITY, FacilityQuery(region=asked.region), asked)


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
    facility_id: Annotated[str, Path(max_length=512, description="Nomor fasilitas · Id of the facility")],
) -> Answer:
    """The queues of one facility, from its office's copy."""
    place = parts.ids.open(FACILITY, facility_id)
    shown = parts.shelf.public(QUEUE)
    if place is None:
        raise ProblemError("not-found")
    sources = tuple(s for s in shown.sources if (s.system, s.office) == (place.system, place.office))
    asked = narrow_public(QUEUE, QueueQuery(facility_key=place.key))
    records = tuple(
        record
        for record in shown.records
        if (record.provenance.system, record.provenance.office) == (place.system, place.office)
        and QUEUE.matches(record.body, asked.query)
    )
    if not sources:
        raise ProblemError("not-found")
    if sources[0].fetched_at is None:
        raise ProblemError(sources[0].cause or "unavailable", sources=sources)
    disclosed = parts.gate.disclose_public(asked, records, language=context.language)
    return listing(
        request, disclosed, counted(sources, records), next_cursor=None, max_age=5, language=context.language
    )


@router.get(
    "/appointments",
    operation_id="listHealthAppointments",
    summary="Janji temu saya · My appointments",
    description=(
        "Janji temu pemegang token, ditanyakan langsung dan tidak pernah disimpan; satu halaman saja.\n\n"
        "Appointments of the caller, asked live and never held; one page only."
    ),
    responses=answers(listed(APPOINTMENT), *PERSONAL, *SOURCES, "too-many", "cursor-invalid", private=True),
    openapi_extra=signed_in("health.read", reach=OWN_LIST),
)
async def list_appointments(
    request: Request,
    parts: TheParts,
    context: TheContext,
    principal: HealthReader,
    asked: Annotated[AppointmentParameters, Query()],
) -> Answer:
    """The caller's appointments."""
    query = AppointmentQuery(on_from=asked.on_from, on_until=asked.on_until, status=asked.status)
    return await personal_list(request, parts, context, narrow_own(principal, APPOINTMENT, query), asked)


class VisitParameters(VisitQuery, Paging):
    """Filters and limit of visits; their list has one page only."""


@router.get(
    "/visits",
    operation_id="listHealthVisits",
    summary="Kunjungan saya · My visits",
    description=(
        "Kunjungan pemegang token ke puskesmas, tanpa diagnosis; ditanyakan langsung, tidak pernah disimpan. Perlu "
        "masuk dengan faktor kedua (acr 2).\n\n"
        "Visits of the caller to health centres, without diagnoses; asked live and never held. Needs a sign-in with a "
        "second factor (acr 2)."
    ),
    responses=answers(
        listed(VISIT),
        *PERSONAL,
        *SOURCES,
        "stronger-sign-in-needed",
        "too-many",
        "cursor-invalid",
        private=True,
    ),
    openapi_extra=signed_in("health.read", reach=OWN_LIST_STRONG),
)
async def list_visits(
    request: Request,
    parts: TheParts,
    context: TheContext,
    principal: VisitsReader,
    asked: Annotated[VisitParameters, Query()],
) -> Answer:
    """The caller's visits."""
    query = VisitQuery(on_from=asked.on_from, on_until=asked.on_until)
    return await personal_list(request, parts, context, narrow_own(principal, VISIT, query), asked)
