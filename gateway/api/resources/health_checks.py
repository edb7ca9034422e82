"""For whoever keeps the gateway running: is it alive, is it ready."""

import asyncio
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from gateway.api.dependencies import ApiDeps
from gateway.api.openapi.operations import OPERATIONAL, referred
from gateway.storage.engine import DatabaseError
from gateway.storage.limits import limited_to
from schemas.classes import Classed, general

router = APIRouter(tags=["operation"])

_NO_STORE = {"Cache-Control": "no-store"}
_HEADERS = ("X-Request-Id", "Server-Timing", "Cache-Control")
_PATIENCE = 4.0
# A connection that does not answer is ended first: what is cancelled instead takes longer.
_CONNECTION_WITHIN = timedelta(seconds=2)


class Liveness(Classed):
    """The gateway's process runs."""

    alive: Annotated[bool, general("Hidup", "Always true")] = True


class ReadinessChecks(Classed):
    """What has to be so before requests can be served."""

    database: Annotated[bool, general("Basis data", "Whether the database answers")]
    snapshots: Annotated[bool, general("Salinan", "Whether every snapshot was tried once")]
    access_log: Annotated[bool, general("Catatan akses", "Whether access to personal data can be recorded")]


class Readiness(Classed):
    """Whether requests can be served."""

    ready: Annotated[bool, general("Siap", "Whether all checks hold")]
    checks: Annotated[ReadinessChecks, general("Pemeriksaan", "What was checked")]


def _described(model: type[Classed], description: str, example: str) -> dict[str, Any]:
    return {
        "model": model,
        "description": description,
        "headers": referred("headers", _HEADERS),
        "content": {"application/json": {"examples": referred("examples", (example,))}},
    }


@router.get(
    "/livez",
    operation_id="getLiveness",
    summary="Hidup · Alive",
    description="Proses gerbang berjalan.\n\nThe gateway's process is running.",
    responses={200: _described(Liveness, "Hidup · Alive", "Liveness")},
    openapi_extra=OPERATIONAL,
)
async def get_liveness() -> Response:
    """The process runs and its loop turns."""
    return Response(Liveness().model_dump_json(), media_type="application/json", headers=_NO_STORE)


@router.get(
    "/readyz",
    operation_id="getReadiness",
    summary="Siap · Ready",
    description=(
        "Gerbang siap melayani: basis data terbuka, setiap salinan sudah dicoba diambil sekali, dan akses ke data "
        "pribadi dapat dicatat. Sistem yang mati tidak membuat gerbang tidak siap.\n\n"
        "The gateway is ready: its database is open, every snapshot was tried once, and access to personal data can be "
        "recorded. A system that is down does not make the gateway unready."
    ),
    responses={
        200: _described(Readiness, "Siap · Ready", "Readiness"),
        503: _described(Readiness, "Belum siap · Not ready", "ReadinessNotYet"),
    },
    openapi_extra=OPERATIONAL,
)
async def get_readiness(deps: ApiDeps) -> Response:
    """Whether requests can be served."""
    # Not one after the other: each may take as long as its limit.
    database, access_log = await asyncio.gather(_database(deps), deps.log.is_writable())
    checks = ReadinessChecks(database=database, snapshots=deps.feeds.all_tried, access_log=access_log)
    readiness = Readiness(ready=database and checks.snapshots and access_log, checks=checks)
    return Response(
        readiness.model_dump_json(),
        status_code=200 if readiness.ready else 503,
        media_type="application/json",
        headers=_NO_STORE,
    )


async def _database(deps: ApiDeps) -> bool:
    try:
        with limited_to(_CONNECTION_WITHIN):
            async with asyncio.timeout(_PATIENCE), deps.database.begin() as connection:
                await connection.execute(text("SELECT 1"))
    except (SQLAlchemyError, DatabaseError, TimeoutError, OSError):
        return False
    return True
