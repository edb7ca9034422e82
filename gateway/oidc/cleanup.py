"""Background jobs of the provider: send logout notices, and delete expired rows.

Sign-ins and grants are kept: a logout may name one long after the browser's session has expired.
"""

import asyncio
import logging
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, or_

from gateway.ground.clock import Clock
from gateway.identity.accounts import Accounts
from gateway.oidc.sessions.logout_notifier import LogoutNotifier
from gateway.storage.engine import Database
from gateway.storage.single_use import delete_expired
from gateway.storage.tables.devices import DeviceRequestRow
from gateway.storage.tables.grants import AuthorizationCodeRow, RefreshTokenRow
from gateway.storage.tables.legacy_apps import LoginTicketRow
from gateway.storage.tables.logouts import LogoutNoticeRow

log = logging.getLogger(__name__)

RETENTION: Final = timedelta(days=1)
"""Retention of codes, tickets, refresh tokens and device sign-ins after their end, to detect a second use."""
NOTICE_RETENTION: Final = timedelta(days=30)
"""Retention of logout notices, so that an operator can look up which client was notified and when."""

_INTERVAL_SECONDS: Final = 60.0


class CleanupJob:
    """Deletes expired rows once a minute, and runs the logout notifier, from `start` to `aclose`."""

    def __init__(self, database: Database, accounts: Accounts, logout_notifier: LogoutNotifier, clock: Clock) -> None:
        self._database = database
        self._accounts = accounts
        self._logout_notifier = logout_notifier
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start both background tasks."""
        self._logout_notifier.start()
        self._task = asyncio.create_task(self._run())

    async def aclose(self) -> None:
        """Stop both background tasks."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._logout_notifier.aclose()

    async def run_once(self) -> None:
        """Delete every row whose retention is over."""
        at = self._clock()
        await self._accounts.delete_expired()
        async with self._database.session() as session:
            await delete_expired(session, at)
            for table in (AuthorizationCodeRow, LoginTicketRow, RefreshTokenRow, DeviceRequestRow):
                await session.execute(delete(table).where(table.expires_at <= at - RETENTION))
            settled = or_(LogoutNoticeRow.sent_at.is_not(None), LogoutNoticeRow.due_at.is_(None))
            old = delete(LogoutNoticeRow).where(LogoutNoticeRow.created_at <= at - NOTICE_RETENTION, settled)
            await session.execute(old)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_INTERVAL_SECONDS)
            try:
                await self.run_once()
            except Exception as error:  # noqa: BLE001 - whatever fails, the next round must run
                log.warning("cleanup of expired rows failed", extra={"cause": type(error).__name__})
