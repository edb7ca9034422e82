"""Public transport: routes, stops, departures, vehicles; all public."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict

from gateway.api.answers import Answer
from gateway.api.context import TheContext
from gateway.api.dependencies import TheParts
from gateway.api.detail import RecordId
from gateway.api.list_routes import offer
from gateway.api.nested_lists import list_below, place_of
from gateway.api.openapi.operations import PUBLIC, SOURCES, answers, listed
from gateway.policy.narrowing import narrow_public
from schemas.dates import Instant
from schemas.transit import DEPARTURE, ROUTE, STOP, VEHICLE, DepartureQuery

router = APIRouter(prefix="/v1/transit", tags=["transit"])


class DepartureParameters(BaseModel):
    """From when until when."""

    model_config = ConfigDict(extra="forbid")

    departs_from: Instant | None = None
    departs_until: Instant | None = None


_AHEAD = timedelta(hours=2)
_LATEST = datetime.max.replace(tzinfo=UTC) - timedelta(days=2)

offer(
    router,
    "/routes",
    ROUTE,
    operation_id="listTransitRoutes",
    summary="Rute angkutan · Transit routes",
    text="Rute bus dan kelotok.\n\nRoutes of buses and river boats.",
)
offer(
    router,
    "/stops",
    STOP,
    operation_id="listTransitStops",
    summary="Halte dan dermaga · Stops and piers",
    text="Halte bus dan dermaga.\n\nBus stops and piers.",
)
offer(
    router,
    "/vehicles",
    VEHICLE,
    operation_id="listTransitVehicles",
    summary="Posisi kendaraan · Vehicle positions",
    text="Posisi terakhir tiap kendaraan, tanpa nomor polisi.\n\nWhere each was last seen, without its number plate.",
)


@router.get(
    "/stops/{stop_id}/departures",
    operation_id="listTransitDepartures",
    summary="Keberangkatan dari halte · Departures from a stop",
    description=(
        "Keberangkatan terjadwal, dua jam ke depan bila tidak disebut lain.\n\n"
        "Scheduled departures, of the coming two hours unless asked otherwise."
    ),
    responses=answers(listed(DEPARTURE), "not-found", *SOURCES),
    openapi_extra=PUBLIC,
)
async def list_departures(
    request: Request,
    parts: TheParts,
    context: TheContext,
    stop_id: RecordId,
    asked: Annotated[DepartureParameters, Query()],
) -> Answer:
    """Departures from one stop, in the order of their times."""
    place = place_of(parts, STOP, stop_id)
    first = asked.departs_from or parts.clock()
    last = asked.departs_until or min(first, _LATEST) + _AHEAD
    query = DepartureQuery(stop_key=place.key, departs_from=first, departs_until=last)
    return list_below(request, parts, context, place, narrow_public(DEPARTURE, query))
