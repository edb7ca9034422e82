"""Public transport: routes, stops, departures, vehicles; all public."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict

from gateway.api.answers import Answer
from gateway.api.context import ContextDep
from gateway.api.dependencies import ApiDeps
from gateway.api.detail import RecordId
from gateway.api.lists import Paging, public_list
from gateway.api.nested_lists import list_below, place_of
from gateway.api.openapi.list_operations import public_list_answers
from gateway.api.openapi.operations import PUBLIC, SOURCES, answers, listed
from gateway.policy.narrowing import narrow_public
from schemas.dates import Instant
from schemas.transit import DEPARTURE, ROUTE, STOP, VEHICLE, DepartureQuery, RouteQuery, StopQuery, VehicleQuery

router = APIRouter(prefix="/v1/transit", tags=["transit"])


class DepartureParameters(BaseModel):
    """From when until when."""

    model_config = ConfigDict(extra="forbid")

    departs_from: Instant | None = None
    departs_until: Instant | None = None


_AHEAD = timedelta(hours=2)
_LATEST = datetime.max.replace(tzinfo=UTC) - timedelta(days=2)


class RouteParameters(RouteQuery, Paging):
    """Filters and paging of transit routes."""


@router.get(
    "/routes",
    operation_id="listTransitRoutes",
    summary="Rute angkutan · Transit routes",
    description="Rute bus dan kelotok.\n\nRoutes of buses and river boats.",
    responses=public_list_answers(ROUTE),
    openapi_extra=PUBLIC,
)
async def list_transit_routes(
    request: Request, deps: ApiDeps, context: ContextDep, asked: Annotated[RouteParameters, Query()]
) -> Answer:
    """A page of transit routes, from the snapshots."""
    return await public_list(request, deps, context, ROUTE, asked)


class StopParameters(StopQuery, Paging):
    """Filters and paging of transit stops."""


@router.get(
    "/stops",
    operation_id="listTransitStops",
    summary="Halte dan dermaga · Stops and piers",
    description="Halte bus dan dermaga.\n\nBus stops and piers.",
    responses=public_list_answers(STOP),
    openapi_extra=PUBLIC,
)
async def list_transit_stops(
    request: Request, deps: ApiDeps, context: ContextDep, asked: Annotated[StopParameters, Query()]
) -> Answer:
    """A page of transit stops, from the snapshots."""
    return await public_list(request, deps, context, STOP, asked)


class VehicleParameters(VehicleQuery, Paging):
    """Filters and paging of vehicles."""


@router.get(
    "/vehicles",
    operation_id="listTransitVehicles",
    summary="Posisi kendaraan · Vehicle positions",
    description=(
        "Posisi terakhir tiap kendaraan, tanpa nomor polisi.\n\nWhere each was last seen, without its number plate."
    ),
    responses=public_list_answers(VEHICLE),
    openapi_extra=PUBLIC,
)
async def list_transit_vehicles(
    request: Request, deps: ApiDeps, context: ContextDep, asked: Annotated[VehicleParameters, Query()]
) -> Answer:
    """A page of vehicles, from the snapshots."""
    return await public_list(request, deps, context, VEHICLE, asked)


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
async def list_transit_departures(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    stop_id: RecordId,
    asked: Annotated[DepartureParameters, Query()],
) -> Answer:
    """Departures from one stop, in the order of their times."""
    place = place_of(deps, STOP, stop_id)
    first = asked.departs_from or deps.clock()
    last = asked.departs_until or min(first, _LATEST) + _AHEAD
    query = DepartureQuery(stop_key=place.key, departs_from=first, departs_until=last)
    return list_below(request, deps, context, place, narrow_public(DEPARTURE, query))
