"""Traffic: incidents, cameras, conditions; all public."""

from typing import Annotated

from fastapi import Query, Request

from gateway.api.answers import Answer
from gateway.api.callers import api_router
from gateway.api.context import ContextDep
from gateway.api.dependencies import ApiDeps
from gateway.api.detail import RecordId, public_record
from gateway.api.lists import NO_PARAMETERS, Paging, public_list
from gateway.api.openapi.list_operations import public_list_answers, public_record_answers
from gateway.api.openapi.operations import PUBLIC
from schemas.traffic import CAMERA, CONDITION, INCIDENT, CameraQuery, ConditionQuery, IncidentQuery

router = api_router(prefix="/v1/traffic", tags=["traffic"])


class IncidentParameters(IncidentQuery, Paging):
    """Filters and paging of traffic incidents."""


@router.get(
    "/incidents",
    operation_id="listTrafficIncidents",
    summary="Kejadian lalu lintas · Traffic incidents",
    description=(
        "Kecelakaan, banjir, penutupan jalan, dan lainnya.\n\nAccidents, floods, road closures and other incidents."
    ),
    responses=public_list_answers(INCIDENT),
    openapi_extra=PUBLIC,
)
async def list_traffic_incidents(
    request: Request, deps: ApiDeps, context: ContextDep, parameters: Annotated[IncidentParameters, Query()]
) -> Answer:
    """Return a page of traffic incidents from the snapshots."""
    return await public_list(request, deps, context, INCIDENT, parameters)


@router.get(
    "/incidents/{incident_id}",
    operation_id="getTrafficIncident",
    summary="Satu kejadian lalu lintas · One traffic incident",
    description="Satu kejadian lalu lintas.\n\nOne traffic incident.",
    responses=public_record_answers(INCIDENT),
    openapi_extra=PUBLIC,
    dependencies=NO_PARAMETERS,
)
async def get_traffic_incident(request: Request, deps: ApiDeps, context: ContextDep, incident_id: RecordId) -> Answer:
    """Return one traffic incident from the snapshots."""
    return public_record(request, deps, context, INCIDENT, incident_id)


class CameraParameters(CameraQuery, Paging):
    """Filters and paging of traffic cameras."""


@router.get(
    "/cameras",
    operation_id="listTrafficCameras",
    summary="Kamera lalu lintas · Traffic cameras",
    description="Kamera persimpangan dan ruas jalan.\n\nCameras at junctions and along roads.",
    responses=public_list_answers(CAMERA),
    openapi_extra=PUBLIC,
)
async def list_traffic_cameras(
    request: Request, deps: ApiDeps, context: ContextDep, parameters: Annotated[CameraParameters, Query()]
) -> Answer:
    """Return a page of traffic cameras from the snapshots."""
    return await public_list(request, deps, context, CAMERA, parameters)


@router.get(
    "/cameras/{camera_id}",
    operation_id="getTrafficCamera",
    summary="Satu kamera lalu lintas · One traffic camera",
    description="Satu kamera lalu lintas.\n\nOne traffic camera.",
    responses=public_record_answers(CAMERA),
    openapi_extra=PUBLIC,
    dependencies=NO_PARAMETERS,
)
async def get_traffic_camera(request: Request, deps: ApiDeps, context: ContextDep, camera_id: RecordId) -> Answer:
    """Return one traffic camera from the snapshots."""
    return public_record(request, deps, context, CAMERA, camera_id)


class ConditionParameters(ConditionQuery, Paging):
    """Filters and paging of traffic conditions."""


@router.get(
    "/conditions",
    operation_id="listTrafficConditions",
    summary="Keadaan lalu lintas · Traffic conditions",
    description=(
        "Kelancaran tiap ruas, sebagaimana terakhir diamati.\n\n"
        "The degree of congestion of each road section, as last observed."
    ),
    responses=public_list_answers(CONDITION),
    openapi_extra=PUBLIC,
)
async def list_traffic_conditions(
    request: Request, deps: ApiDeps, context: ContextDep, parameters: Annotated[ConditionParameters, Query()]
) -> Answer:
    """Return a page of traffic conditions from the snapshots."""
    return await public_list(request, deps, context, CONDITION, parameters)


@router.get(
    "/conditions/{condition_id}",
    operation_id="getTrafficCondition",
    summary="Satu keadaan lalu lintas · One traffic condition",
    description="Keadaan lalu lintas di satu ruas.\n\nThe traffic condition on one stretch of road.",
    responses=public_record_answers(CONDITION),
    openapi_extra=PUBLIC,
    dependencies=NO_PARAMETERS,
)
async def get_traffic_condition(request: Request, deps: ApiDeps, context: ContextDep, condition_id: RecordId) -> Answer:
    """Return one traffic condition from the snapshots."""
    return public_record(request, deps, context, CONDITION, condition_id)
