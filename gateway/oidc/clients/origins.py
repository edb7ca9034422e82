"""Registered origins of clients: pages of these origins may read our responses in a browser (CORS)."""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from gateway.ground.clock import Clock
from gateway.oidc.clients.addresses import is_origin
from gateway.storage.engine import Database
from gateway.storage.tables.clients import ClientRow

CACHE_TIME: Final = timedelta(seconds=30)
"""How long a registered origin is cached; the longest time for which it is accepted after its client ended."""
UNKNOWN_CACHE_TIME: Final = timedelta(seconds=1)
"""Shortest time between two database reads for unknown origins, for all of them together."""
_TIMEOUT_SECONDS: Final = 2.0

_log = logging.getLogger(__name__)


class RegisteredOrigins:
    """The origins of all active clients, read from the database and cached briefly.

    If the database cannot be read, the last origins stay in use. So requests are still answered as far as possible, and
    a page of a registered origin can read the problem document.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._origins: frozenset[str] = frozenset()
        self._read_at: datetime | None = None
        self._lock = asyncio.Lock()

    async def has(self, origin: str) -> bool:
        """Whether an active client has this origin."""
        if not is_origin(origin):
            return False
        if self._is_old(origin):
            async with self._lock:
                if self._is_old(origin):  # not read by another request meanwhile
                    await self._read()
        return origin in self._origins

    def _is_old(self, origin: str) -> bool:
        lifetime = CACHE_TIME if origin in self._origins else UNKNOWN_CACHE_TIME
        return self._read_at is None or self._clock() - self._read_at >= lifetime

    async def _read(self) -> None:
        at = self._clock()
        query = select(ClientRow).where(ClientRow.withdrawn_at.is_(None))
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS), self._database.session() as session:
                found = (await session.scalars(query)).all()
        except (SQLAlchemyError, OSError) as error:  # a TimeoutError is an OSError
            _log.warning("registered origins not read", extra={"error": type(error).__name__})
        else:
            self._origins = frozenset(origin for client in found if client.is_active(at) for origin in client.origins)
        self._read_at = at
