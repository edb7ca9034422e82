"""Background delivery of logout tokens to clients (OpenID Connect Back-Channel Logout 1.0).

Pending notices are stored in the database (`LogoutNoticeRow`), so a logout does not wait for clients and a restart
loses nothing. Each attempt is recorded before it is made, by one process only. Each attempt has a new token: if a
client received an earlier token and its response was lost, it would refuse the same token as used, and later as too
old.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sqlalchemy import CursorResult, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.authentication.issuer_fetching import IssuerConnections, IssuerUnavailableError, fetch
from gateway.ground.clock import Clock
from gateway.oidc.tokens.minting import TokenMint
from gateway.storage.engine import Database
from gateway.storage.tables.clients import ClientRow
from gateway.storage.tables.logouts import LogoutNoticeRow

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

PAUSES: Final = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800))
"""Pause after each failed attempt; after the last one there is no further attempt."""

_BATCH_SIZE = 8
_POLL_SECONDS = 15.0
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def is_notifiable(address: str, *, loopback: bool) -> bool:
    """Whether logout tokens may be sent to this address: https, or with `loopback` also http on this machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    if not host or parts.username is not None or parts.fragment:
        return False
    return parts.scheme == "https" or (loopback and parts.scheme == "http" and host in _LOOPBACK)


class LogoutNotifier:
    """Sends due notices in the background; call `wake` after storing a new one."""

    def __init__(
        self,
        database: Database,
        mint: Callable[[], Awaitable[TokenMint]],
        clock: Clock,
        transport: "httpx.AsyncBaseTransport | None" = None,
    ) -> None:
        self._database = database
        self._mint = mint
        self._clock = clock
        self._http = IssuerConnections(transport)
        self._wakeup = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the background task."""
        self._task = asyncio.create_task(self._run())

    def wake(self) -> None:
        """Check for due notices at once."""
        self._wakeup.set()

    async def aclose(self) -> None:
        """Stop the background task. Pending notices are sent after the next start."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._http.aclose()

    async def send_due(self) -> int:
        """Attempt the due notices once, up to eight at a time; return how many were attempted."""
        mine = await self._claim()
        await asyncio.gather(*(self._notify(notice) for notice in mine))
        return len(mine)

    async def _run(self) -> None:
        while True:
            try:
                while await self.send_due():
                    pass
            except Exception as error:  # noqa: BLE001 - whatever fails, the next round must run
                log.warning("logout notices not sent", extra={"cause": type(error).__name__})
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_POLL_SECONDS):
                    await self._wakeup.wait()
            self._wakeup.clear()

    async def _claim(self) -> list[LogoutNoticeRow]:
        at = self._clock()
        due = (
            select(LogoutNoticeRow)
            .where(LogoutNoticeRow.due_at <= at)
            .order_by(LogoutNoticeRow.due_at)
            .limit(_BATCH_SIZE)
        )
        async with self._database.session() as session:
            found = (await session.scalars(due)).all()
            return [notice for notice in found if await self._claims(session, notice)]

    async def _claims(self, session: AsyncSession, notice: LogoutNoticeRow) -> bool:
        pause = PAUSES[notice.tries] if notice.tries < len(PAUSES) else None
        claimed = (
            update(LogoutNoticeRow)
            .where(
                LogoutNoticeRow.id == notice.id,
                LogoutNoticeRow.tries == notice.tries,
                LogoutNoticeRow.due_at.is_not(None),
            )
            .values(tries=notice.tries + 1, due_at=self._clock() + pause if pause else None)
            .execution_options(synchronize_session=False)
        )
        result = await session.execute(claimed)
        return isinstance(result, CursorResult) and result.rowcount == 1

    async def _notify(self, notice: LogoutNoticeRow) -> None:
        mint = await self._mint()
        async with self._database.session() as session:
            client = await session.get(ClientRow, notice.client_id)
        address = client.backchannel_logout_uri if client and client.is_active(self._clock()) else None
        if client is None or address is None or not is_notifiable(address, loopback=mint.issuer.startswith("http:")):
            return await self._settle(notice, "not-registered")
        token = mint.logout_token(client, notice.account_id, notice.session_id)
        try:
            answer = await fetch(self._http, "POST", address, form={"logout_token": token})
        except IssuerUnavailableError:
            # The notice stays due if an attempt is left.
            log.warning("logout notice not delivered", extra={"client_id": notice.client_id, "cause": "away"})
            return None
        return await self._settle(notice, None if answer.status in {200, 204} else "refused")

    async def _settle(self, notice: LogoutNoticeRow, cause: str | None) -> None:
        if cause:
            log.warning("logout notice not delivered", extra={"client_id": notice.client_id, "cause": cause})
        values = {"due_at": None, "sent_at": None if cause else self._clock()}
        async with self._database.session() as session:
            await session.execute(update(LogoutNoticeRow).where(LogoutNoticeRow.id == notice.id).values(**values))
