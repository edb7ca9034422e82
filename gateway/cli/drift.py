"""Lists and accepts drift on the command line."""

import json
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from gateway.demo.home import MARK, demo_settings
from gateway.ground.clock import now
from gateway.observability.drift.detector import Drift
from gateway.observability.drift.store import accept_drifts, read_drifts
from gateway.settings import load_settings
from gateway.storage.engine import Database, DatabaseError


def show(system: str | None, *, accepting: bool, as_json: bool) -> str:
    """List the open drifts of a system, or of all, as lines or JSON; close accepted ones. Raises `GerbangError`."""
    settings = load_settings()
    if (settings.home / MARK).exists():
        settings = demo_settings()
    import asyncio

    found = asyncio.run(_open(Database(settings.database, settings.database_limits), system, accepting=accepting))
    if as_json:
        return json.dumps([_document(drift) for drift in found], ensure_ascii=False, indent=2) + "\n"
    lines = (
        f"{drift.key.system:<19} {drift.key.resource:<13} {drift.key.kind:<15} {drift.first_at:%Y-%m-%d %H:%M}  "
        f"×{drift.times}  {drift.key.field} {drift.key.sample}".rstrip()
        for drift in found
    )
    return "".join(f"{line}\n" for line in lines) or "Tidak ada. / None.\n"


async def _open(database: Database, system: str | None, *, accepting: bool) -> list[Drift]:
    try:
        known = await read_drifts(database)
        found = [drift for drift in known if drift.closed_at is None and system in (None, drift.key.system)]
        if accepting:
            await accept_drifts(database, found, now())
    except SQLAlchemyError:
        raise DatabaseError("The database cannot be read, or its tables are not the present ones.") from None
    finally:
        await database.aclose()
    return found


def _document(drift: Drift) -> dict[str, Any]:
    key = drift.key
    return {
        "system": key.system,
        "resource": key.resource,
        "kind": key.kind,
        "field": key.field,
        "sample": key.sample,
        "first_at": drift.first_at.isoformat(timespec="seconds"),
        "last_at": drift.last_at.isoformat(timespec="seconds"),
        "times": drift.times,
    }
