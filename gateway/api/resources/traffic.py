"""Traffic: incidents, cameras, conditions; all public."""

from fastapi import APIRouter

from gateway.api.list_routes import offer
from schemas.traffic import CAMERA, CONDITION, INCIDENT

router = APIRouter(prefix="/v1/traffic", tags=["traffic"])

offer(
    router,
    "/incidents",
    INCIDENT,
    operation_id="listTrafficIncidents",
    summary="Kejadian lalu lintas · Traffic incidents",
    text="Kecelakaan, banjir, penutupan jalan, dan lainnya.\n\nAccidents, floods, closures and the like.",
)
offer(
    router,
    "/cameras",
    CAMERA,
    operation_id="listTrafficCameras",
    summary="Kamera lalu lintas · Traffic cameras",
    text="Kamera persimpangan dan ruas jalan.\n\nCameras at junctions and along roads.",
)
offer(
    router,
    "/conditions",
    CONDITION,
    operation_id="listTrafficConditions",
    summary="Keadaan lalu lintas · Traffic conditions",
    text="Kelancaran tiap ruas, sebagaimana terakhir diamati.\n\nHow freely each road flows, as last observed.",
)
