"""What the provider does behind requests: it tells clients of logouts, and forgets what has run out.

Sign-ins and grants stay: a logout may name one long after the browser's session has run out.
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
from gateway.storage.single_use import forget_old
from gateway.storage.tables.devices import DeviceRequestRow
from gateway.storage.tables.identity import AuthorizationCodeRow, RefreshTokenRow
from gateway.storage.tables.legacy_apps import LoginTicketRow
from gateway.storage.tables.logouts import LogoutNoticeRow

log = logging.getLogger(__name__)

KEPT: Final = timedelta(days=1)
"""How long codes, tickets, refresh tokens and sign-ins of devices stay after their end: a second use is recognised."""
NOTICES_KEPT: Final = timedelta(days=30)
"""How long it can be looked up which client was told of a logout, and when."""

_EVERY_SECONDS: Final = 60.0


class CleanupJob:
    """Runs from `start` to `aclose`."""

    def __init__(self, database: Database, accounts: Accounts, notices: LogoutNotifier, clock: Clock) -> None:
        self._database = database
        self._accounts = accounts
        self._notices = notices
        self._clock = clock
        self._forgetting: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._notices.start()
        self._forgetting = asyncio.create_task(self._run())

    async def aclose(self) -> None:
        """End."""
        if self._forgetting:
            self._forgetting.cancel()
            await asyncio.gather(self._forgetting, return_exceptions=True)
        await self._notices.aclose()

    async def forget(self) -> None:
        """Drop every row that is of no use any more."""
        at = self._clock()
        await self._accounts.forget_old()
        async with self._database.session() as session:
            await forget_old(session, at)
            for table in (AuthorizationCodeRow, LoginTicketRow, RefreshTokenRow, DeviceRequestRow):
                await session.execute(delete(table).where(table.expires_at <= at - KEPT))
            settled = or_(LogoutNoticeRow.sent_at.is_not(None), LogoutNoticeRow.due_at.is_(None))
            old = delete(LogoutNoticeRow).where(LogoutNoticeRow.created_at <= at - NOTICES_KEPT, settled)
            await session.execute(old)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_EVERY_SECONDS)
            try:
                await self.forget()
            except Exception as error:  # noqa: BLE001 - whatever it was, the next round must come
                log.warning("what has run out was not dropped", extra={"cause": type(error).__name__})
