"""Public transport: routes, stops, departures, vehicles; all public."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict

from gateway.api.answers import Answer
from gateway.api.callers import api_router
from gateway.api.context import ContextDep
from gateway.api.dependencies import ApiDeps
from gateway.api.detail import RecordId, public_record
from gateway.api.lists import NO_PARAMETERS, Paging, public_list
from gateway.api.nested_lists import nested_list, record_place
from gateway.api.openapi.list_operations import public_list_answers, public_record_answers
from gateway.api.openapi.models import resource_list_model
from gateway.api.openapi.operations import PUBLIC, SOURCES, answers
from gateway.policy.narrowing import narrow_public
from schemas.dates import Moment, first_instant, last_instant
from schemas.transit import DEPARTURE, ROUTE, STOP, VEHICLE, DepartureQuery, RouteQuery, StopQuery, VehicleQuery

router = api_router(prefix="/v1/transit", tags=["transit"])


class DepartureParameters(BaseModel):
    """The time range of the departures."""

    model_config = ConfigDict(extra="forbid")

    departs_from: Moment | None = None
    departs_until: Moment | None = None


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
    request: Request, deps: ApiDeps, context: ContextDep, parameters: Annotated[RouteParameters, Query()]
) -> Answer:
    """Return a page of transit routes from the snapshots."""
    return await public_list(request, deps, context, ROUTE, parameters)


@router.get(
    "/routes/{route_id}",
    operation_id="getTransitRoute",
    summary="Satu rute angkutan · One transit route",
    description="Satu rute bus atau kelotok.\n\nOne route of a bus or a river boat.",
    responses=public_record_answers(ROUTE),
    openapi_extra=PUBLIC,
    dependencies=NO_PARAMETERS,
)
async def get_transit_route(request: Request, deps: ApiDeps, context: ContextDep, route_id: RecordId) -> Answer:
    """Return one transit route from the snapshots."""
    return public_record(request, deps, context, ROUTE, route_id)


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
    request: Request, deps: ApiDeps, context: ContextDep, parameters: Annotated[StopParameters, Query()]
) -> Answer:
    """Return a page of transit stops from the snapshots."""
    return await public_list(request, deps, context, STOP, parameters)


@router.get(
    "/stops/{stop_id}",
    operation_id="getTransitStop",
    summary="Satu halte atau dermaga · One stop or pier",
    description="Satu halte bus atau dermaga.\n\nOne bus stop or pier.",
    responses=public_record_answers(STOP),
    openapi_extra=PUBLIC,
    dependencies=NO_PARAMETERS,
)
async def get_transit_stop(request: Request, deps: ApiDeps, context: ContextDep, stop_id: RecordId) -> Answer:
    """Return one transit stop from the snapshots."""
    return public_record(request, deps, context, STOP, stop_id)


class VehicleParameters(VehicleQuery, Paging):
    """Filters and paging of vehicles."""


@router.get(
    "/vehicles",
    operation_id="listTransitVehicles",
    summary="Posisi kendaraan · Vehicle positions",
    description=(
        "Posisi terakhir tiap kendaraan, tanpa nomor polisi.\n\n"
        "Last known position of each vehicle, without its number plate."
    ),
    responses=public_list_answers(VEHICLE),
    openapi_extra=PUBLIC,
)
async def list_transit_vehicles(
    request: Request, deps: ApiDeps, context: ContextDep, parameters: Annotated[VehicleParameters, Query()]
) -> Answer:
    """Return a page of vehicles from the snapshots."""
    return await public_list(request, deps, context, VEHICLE, parameters)


@router.get(
    "/vehicles/{vehicle_id}",
    operation_id="getTransitVehicle",
    summary="Posisi satu kendaraan · Position of one vehicle",
    description="Posisi terakhir satu kendaraan.\n\nLast known position of one vehicle.",
    responses=public_record_answers(VEHICLE),
    openapi_extra=PUBLIC,
    dependencies=NO_PARAMETERS,
)
async def get_transit_vehicle(request: Request, deps: ApiDeps, context: ContextDep, vehicle_id: RecordId) -> Answer:
    """Return the last known position of one vehicle from the snapshots."""
    return public_record(request, deps, context, VEHICLE, vehicle_id)


@router.get(
    "/stops/{stop_id}/departures",
    operation_id="listTransitDepartures",
    summary="Keberangkatan dari halte · Departures from a stop",
    description=(
        "Keberangkatan terjadwal, dua jam ke depan bila tidak disebut lain.\n\n"
        "Scheduled departures; by default those of the next two hours."
    ),
    responses=answers(lambda: resource_list_model(DEPARTURE), "not-found", *SOURCES),
    openapi_extra=PUBLIC,
)
async def list_transit_departures(
    request: Request,
    deps: ApiDeps,
    context: ContextDep,
    stop_id: RecordId,
    parameters: Annotated[DepartureParameters, Query()],
) -> Answer:
    """Return the departures from one stop, in the order of their times."""
    place = record_place(deps, STOP, stop_id)
    first = first_instant(parameters.departs_from or deps.clock())
    last = last_instant(parameters.departs_until or min(first, _LATEST) + _AHEAD)
    query = DepartureQuery(stop=stop_id, departs_from=first, departs_until=last)
    return nested_list(request, deps, context, place, narrow_public(DEPARTURE, query))
