"""Liveness and readiness checks for operators."""

import asyncio
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from gateway.api.dependencies import ApiDeps
from gateway.api.openapi.operations import OPERATIONAL, references
from gateway.storage.engine import DatabaseError
from gateway.storage.limits import limited_to
from schemas.classes import Classed, general

router = APIRouter(tags=["operation"])

_NO_STORE = {"Cache-Control": "no-store"}
_HEADERS = ("X-Request-Id", "Server-Timing", "Cache-Control")
_DATABASE_TIMEOUT = 4.0
# Shorter than _DATABASE_TIMEOUT: ending the connection is faster than cancelling the task.
_CONNECTION_LIMIT = timedelta(seconds=2)


class Liveness(Classed):
    """The gateway's process runs."""

    alive: Annotated[bool, general("Hidup", "Always true")] = True


class ReadinessChecks(Classed):
    """The checks that must pass before requests can be served."""

    database: Annotated[bool, general("Basis data", "Whether the database answers")]
    snapshots: Annotated[bool, general("Salinan", "Whether every snapshot was tried once")]
    access_log: Annotated[bool, general("Catatan akses", "Whether access to personal data can be recorded")]
    serving: Annotated[bool, general("Melayani", "Whether the gateway is not about to stop")]


class Readiness(Classed):
    """Whether requests can be served."""

    ready: Annotated[bool, general("Siap", "Whether all checks pass")]
    checks: Annotated[ReadinessChecks, general("Pemeriksaan", "Result of each check")]


def _response(model: type[Classed], description: str, example: str) -> dict[str, Any]:
    return {
        "model": model,
        "description": description,
        "headers": references("headers", _HEADERS),
        "content": {"application/json": {"examples": references("examples", (example,))}},
    }


@router.get(
    "/livez",
    operation_id="getLiveness",
    summary="Hidup · Alive",
    description="Proses gerbang berjalan.\n\nThe gateway's process is running.",
    responses={200: _response(Liveness, "Hidup · Alive", "Liveness")},
    openapi_extra=OPERATIONAL,
)
async def get_liveness() -> Response:
    """Answer that the process and its event loop run."""
    return Response(Liveness().model_dump_json(), media_type="application/json", headers=_NO_STORE)


@router.get(
    "/readyz",
    operation_id="getReadiness",
    summary="Siap · Ready",
    description=(
        "Gerbang siap melayani: basis data terbuka, setiap salinan sudah dicoba diambil sekali, dan akses ke data "
        "pribadi dapat dicatat. Gerbang yang sedang berhenti tidak siap. Sistem yang mati tidak membuat gerbang tidak "
        "siap.\n\n"
        "The gateway is ready: its database is open, every snapshot was tried once, and access to personal data can be "
        "recorded. A gateway that is about to stop is not ready. A system that is down does not make the gateway "
        "unready."
    ),
    responses={
        200: _response(Readiness, "Siap · Ready", "Readiness"),
        503: _response(Readiness, "Belum siap · Not ready", "ReadinessNotYet"),
    },
    openapi_extra=OPERATIONAL,
)
async def get_readiness(deps: ApiDeps, request: Request) -> Response:
    """Return the checks, with status 503 if one fails."""
    # Concurrently: each check may take as long as its limit.
    database, access_log = await asyncio.gather(_database(deps), deps.log.is_writable())
    serving = not getattr(request.app.state, "stopping", False)
    checks = ReadinessChecks(database=database, snapshots=deps.feeds.all_tried, access_log=access_log, serving=serving)
    readiness = Readiness(ready=database and checks.snapshots and access_log and serving, checks=checks)
    return Response(
        readiness.model_dump_json(),
        status_code=200 if readiness.ready else 503,
        media_type="application/json",
        headers=_NO_STORE,
    )


async def _database(deps: ApiDeps) -> bool:
    try:
        with limited_to(_CONNECTION_LIMIT):
            async with asyncio.timeout(_DATABASE_TIMEOUT), deps.database.begin() as connection:
                await connection.execute(text("SELECT 1"))
    except (SQLAlchemyError, DatabaseError, TimeoutError, OSError):
        return False
    return True
