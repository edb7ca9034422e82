"""Stores drifts in the database, so that they survive a restart and operators can accept them."""

import asyncio
import contextlib
import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from gateway.ground.clock import WITA
from gateway.observability.drift.detector import Drift, DriftDetector, DriftKey, DriftKind
from gateway.storage.engine import UNAVAILABLE, Database
from gateway.storage.tables.drift import DriftRow

_FLUSH_SECONDS: Final = 5.0
_UNAVAILABLE_ERRORS: Final = (*UNAVAILABLE, OSError)

_log = logging.getLogger(__name__)


class DriftStore:
    """Writes the changed drifts of a detector to the database every few seconds."""

    def __init__(self, database: Database, detector: DriftDetector) -> None:
        self._database = database
        self._detector = detector
        self._loop: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Load stored drifts into the detector, then start the background task."""
        self._detector.restore(await read_drifts(self._database))
        self._loop = asyncio.create_task(self._run(), name="drift")

    async def aclose(self) -> None:
        """Stop the task, and write the remaining changes."""
        if self._loop is not None:
            self._loop.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._loop
            await self.flush()

    async def flush(self) -> None:
        """Write the drifts that changed since the last call. Those that an unavailable database refused are retried."""
        changed = self._detector.take_changed()
        for done, drift in enumerate(changed):
            try:
                await _put(self._database, drift)
            except asyncio.CancelledError:
                self._detector.requeue(changed[done:])
                raise
            except _UNAVAILABLE_ERRORS as error:
                self._detector.requeue(changed[done:])
                _log.error("drift not stored", extra={"error": type(error).__name__, "count": len(changed) - done})
                return
            except Exception as error:  # noqa: BLE001 - a drift that cannot be stored must not lose the others
                _log.error("drift not stored", extra={"error": type(error).__name__, "count": 1})

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_FLUSH_SECONDS)
            await self.flush()
            with contextlib.suppress(SQLAlchemyError, OSError):
                self._detector.close(
                    drift for drift in await read_drifts(self._database) if drift.closed_at is not None
                )


async def read_drifts(database: Database) -> tuple[Drift, ...]:
    """Return all stored drifts, the oldest first."""
    async with database.session() as session:
        rows = (await session.scalars(select(DriftRow).order_by(DriftRow.first_at))).all()
    return tuple(_drift(row) for row in rows)


async def accept_drifts(database: Database, drifts: Iterable[Drift], at: datetime) -> None:
    """Close drifts that an operator has accepted."""
    async with database.begin() as connection:
        for drift in drifts:
            await connection.execute(update(DriftRow).where(*_has_key(drift.key)).values(closed_at=at))


async def _put(database: Database, drift: Drift) -> None:
    key, seen = drift.key, {"last_at": drift.last_at, "times": drift.times}
    async with database.begin() as connection:
        # closed_at is not written: an operator may be accepting the drift at the same time.
        known = await connection.execute(update(DriftRow).where(*_has_key(key)).values(seen))
        if known.rowcount:
            return
        await connection.execute(
            insert(DriftRow).values(
                system=key.system,
                resource=key.resource,
                kind=key.kind.value,
                field=key.field,
                sample=key.sample,
                first_at=drift.first_at,
                **seen,
            )
        )


def _has_key(key: DriftKey) -> tuple[ColumnElement[bool], ...]:
    return (
        DriftRow.system == key.system,
        DriftRow.resource == key.resource,
        DriftRow.kind == key.kind.value,
        DriftRow.field == key.field,
        DriftRow.sample == key.sample,
    )


def _drift(row: DriftRow) -> Drift:
    key = DriftKey(row.system, row.resource, DriftKind(row.kind), row.field, row.sample)
    closed_at = row.closed_at.astimezone(WITA) if row.closed_at else None
    return Drift(key, row.first_at.astimezone(WITA), row.last_at.astimezone(WITA), row.times, closed_at)
