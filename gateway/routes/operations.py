"""For whoever keeps the gateway running: is it alive, is it ready."""

import asyncio

from fastapi import APIRouter, Response
from pydantic_core import to_json
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from gateway.routes.describing import PUBLIC
from gateway.routes.parts import TheParts

router = APIRouter(tags=["operation"])

_NO_STORE = {"Cache-Control": "no-store"}
_ANSWER = {
    "content": {"application/json": {"schema": {"type": "object", "additionalProperties": True}}},
}
_PATIENCE = 2.0


@router.get(
    "/livez",
    operation_id="getLiveness",
    summary="Hidup · Alive",
    description="Proses gerbang berjalan.\n\nThe gateway's process is running.",
    responses={200: {"description": "Hidup · Alive", **_ANSWER}},
    openapi_extra=PUBLIC,
)
async def livez() -> Response:
    """The process runs and its loop turns."""
    return Response(b'{"alive":true}', media_type="application/json", headers=_NO_STORE)


@router.get(
    "/readyz",
    operation_id="getReadiness",
    summary="Siap · Ready",
    description=(
        "Gerbang siap melayani: basis data terbuka dan setiap salinan sudah dicoba diambil sekali. Sistem yang mati "
        "tidak membuat gerbang tidak siap.\n\n"
        "The gateway is ready: its database is open and every copy was tried once. A system that is down does not make "
        "the gateway unready."
    ),
    responses={
        200: {"description": "Siap · Ready", **_ANSWER},
        503: {"description": "Belum siap · Not ready", **_ANSWER},
    },
    openapi_extra=PUBLIC,
)
async def readyz(parts: TheParts) -> Response:
    """Whether requests can be served."""
    checks = {"database": await _database(parts), "copies": parts.feeds.all_tried}
    ready = all(checks.values())
    return Response(
        to_json({"ready": ready, "checks": checks}),
        status_code=200 if ready else 503,
        media_type="application/json",
        headers=_NO_STORE,
    )


async def _database(parts: TheParts) -> bool:
    try:
        async with asyncio.timeout(_PATIENCE), parts.database.begin() as connection:
            await connection.execute(text("SELECT 1"))
    except (SQLAlchemyError, TimeoutError, OSError):
        return False
    return True
