"""Telling clients that somebody has signed out (OpenID Connect Back-Channel Logout 1.0), behind everybody's back.

What is to be told stands in the database (`LogoutNoticeRow`), so nobody waits for a client and nothing is lost by a
restart. Each try is put down before it is made; of several processes, one makes it. Each try has a new token: a
client that received an earlier one, but whose answer was lost, would refuse it as used, and later as too old.
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

from gateway.authentication.issuer_fetching import IssuerAwayError, IssuerConnections, fetch
from gateway.ground.clock import Clock
from gateway.oidc.tokens.minting import TokenMint
from gateway.storage.engine import Database
from gateway.storage.tables.identity import ClientRow
from gateway.storage.tables.logouts import LogoutNoticeRow

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

PAUSES: Final = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800))
"""How long after each failed try the next one is made; after the last there is none."""

_AT_ONCE = 8
_LOOK_SECONDS = 15.0
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def may_be_told(address: str, *, loopback: bool) -> bool:
    """Whether a logout token may go to this address: https, or where we serve `loopback` ourselves, http there."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    if not host or parts.username is not None or parts.fragment:
        return False
    return parts.scheme == "https" or (loopback and parts.scheme == "http" and host in _LOOPBACK)


class LogoutNotifier:
    """Sends what is due; `wake` when something was put down just now."""

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
        self._woken = asyncio.Event()
        self._sending: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to send in the background."""
        self._sending = asyncio.create_task(self._run())

    def wake(self) -> None:
        """Look at once whether something is due."""
        self._woken.set()

    async def aclose(self) -> None:
        """Stop. What was not told yet is told after the next start."""
        if self._sending:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)
        await self._http.aclose()

    async def send_due(self) -> int:
        """Try once what is due, up to eight notices side by side; how many were tried."""
        mine = await self._claim()
        await asyncio.gather(*(self._tell(notice) for notice in mine))
        return len(mine)

    async def _run(self) -> None:
        while True:
            try:
                while await self.send_due():
                    pass
            except Exception as error:  # noqa: BLE001 - whatever it was, the next round must come
                log.warning("notices of logout not sent", extra={"cause": type(error).__name__})
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._woken.wait()
            self._woken.clear()

    async def _claim(self) -> list[LogoutNoticeRow]:
        at = self._clock()
        due = (
            select(LogoutNoticeRow).where(LogoutNoticeRow.due_at <= at).order_by(LogoutNoticeRow.due_at).limit(_AT_ONCE)
        )
        async with self._database.session() as session:
            found = (await session.scalars(due)).all()
            return [notice for notice in found if await self._is_mine(session, notice)]

    async def _is_mine(self, session: AsyncSession, notice: LogoutNoticeRow) -> bool:
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

    async def _tell(self, notice: LogoutNoticeRow) -> None:
        mint = await self._mint()
        async with self._database.session() as session:
            client = await session.get(ClientRow, notice.client_id)
        address = client.backchannel_logout_uri if client and client.stands(self._clock()) else None
        if client is None or address is None or not may_be_told(address, loopback=mint.issuer.startswith("http:")):
            return await self._settle(notice, "not-registered")
        token = mint.logout_token(client, notice.account_id, notice.session_id)
        try:
            answer = await fetch(self._http, "POST", address, form={"logout_token": token})
        except IssuerAwayError:
            # It stays due, if a try is left.
            log.warning("client not told of a logout", extra={"client_id": notice.client_id, "cause": "away"})
            return None
        return await self._settle(notice, None if answer.status in {200, 204} else "refused")

    async def _settle(self, notice: LogoutNoticeRow, cause: str | None) -> None:
        if cause:
            log.warning("client not told of a logout", extra={"client_id": notice.client_id, "cause": cause})
        told = {"due_at": None, "sent_at": None if cause else self._clock()}
        async with self._database.session() as session:
            await session.execute(update(LogoutNoticeRow).where(LogoutNoticeRow.id == notice.id).values(**told))
