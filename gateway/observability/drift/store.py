"""Keeps what was noticed in the database, so that it outlives a restart and an operator can accept it."""

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

_PACE: Final = 5.0
_AWAY: Final = (*UNAVAILABLE, OSError)

_log = logging.getLogger(__name__)


class DriftStore:
    """Writes what a noticer has found every few seconds."""

    def __init__(self, database: Database, noticer: DriftDetector) -> None:
        self._database = database
        self._noticer = noticer
        self._loop: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Tell the noticer what is known already, then begin to keep what is new."""
        self._noticer.know(await read_drifts(self._database))
        self._loop = asyncio.create_task(self._run(), name="drift")

    async def aclose(self) -> None:
        """Keep what is left, and stop."""
        if self._loop is not None:
            self._loop.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._loop
            await self.flush()

    async def flush(self) -> None:
        """Keep what has been noticed since the last time. What a database that is away did not take is tried again."""
        changed = self._noticer.changed()
        for done, drift in enumerate(changed):
            try:
                await _put(self._database, drift)
            except asyncio.CancelledError:
                self._noticer.keep_again(changed[done:])
                raise
            except _AWAY as error:
                self._noticer.keep_again(changed[done:])
                _log.error("drift not kept", extra={"error": type(error).__name__, "count": len(changed) - done})
                return
            except Exception as error:  # noqa: BLE001 - one that no database takes costs none of the others
                _log.error("drift not kept", extra={"error": type(error).__name__, "count": 1})

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_PACE)
            await self.flush()
            with contextlib.suppress(SQLAlchemyError, OSError):
                self._noticer.close(drift for drift in await read_drifts(self._database) if drift.closed_at is not None)


async def read_drifts(database: Database) -> tuple[Drift, ...]:
    """Everything that was ever noticed, the oldest first."""
    async with database.session() as session:
        rows = (await session.scalars(select(DriftRow).order_by(DriftRow.first_at))).all()
    return tuple(_drift(row) for row in rows)


async def accept_drifts(database: Database, drifts: Iterable[Drift], at: datetime) -> None:
    """An operator has seen these: they are closed."""
    async with database.begin() as connection:
        for drift in drifts:
            await connection.execute(update(DriftRow).where(*_is(drift.key)).values(closed_at=at))


async def _put(database: Database, drift: Drift) -> None:
    key, seen = drift.key, {"last_at": drift.last_at, "times": drift.times}
    async with database.begin() as connection:
        # Whether it is closed is left alone: an operator may be accepting it at this moment.
        known = await connection.execute(update(DriftRow).where(*_is(key)).values(seen))
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


def _is(key: DriftKey) -> tuple[ColumnElement[bool], ...]:
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
