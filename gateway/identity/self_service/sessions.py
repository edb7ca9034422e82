"""Active sessions of an account: browsers at the provider and at our web pages, and apps with tokens. List and end."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.ground.clock import Clock
from gateway.ground.sealing import Sealer, UnsealError
from gateway.identity.sign_in_end import end_sign_ins
from gateway.storage.engine import Database
from gateway.storage.row_locks import changes_one
from gateway.storage.tables.clients import ClientRow
from gateway.storage.tables.grants import GrantRow, RefreshTokenRow
from gateway.storage.tables.sessions import LoginSessionRow, WebSessionRow

IDLE: Final = timedelta(minutes=30)
"""A session at the provider ends after this time without use."""

_USE = "session-id"


class OwnSessionKind(StrEnum):
    """A browser at the provider, a browser at web pages of ours that hold no token, or an app that holds tokens."""

    BROWSER = "browser"
    WEB = "web"
    APP = "app"


@dataclass(frozen=True, slots=True)
class OwnSession:
    """One session of the account. `id` is usable by its owner only.

    `titles` are those of the app or the web pages, by language; a browser at the provider has none. `agent` is the
    browser's user agent. `acr` as in tokens. `current` is the session of the request.
    """

    id: str
    kind: OwnSessionKind
    titles: dict[str, str]
    agent: str
    acr: int
    began_at: datetime
    seen_at: datetime
    current: bool = False


class OwnSessions:
    """Lists and ends the sessions of accounts."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock

    async def of(self, account_id: str, current: str | None = None) -> Sequence[OwnSession]:
        """Return the active sessions, the latest used first. `current` is the id hash or grant id of the request."""
        async with self._database.session() as session:
            found = [
                *await self._browsers(session, account_id),
                *await self._web(session, account_id),
                *await self._apps(session, account_id),
            ]
        listed = [self._named(one, key, current) for key, one in found]
        return sorted(listed, key=lambda one: (one.current, one.seen_at), reverse=True)

    async def end(self, account_id: str, session_id: str) -> bool:
        """End one of the account's sessions with its tokens; False if the account has no such session."""
        try:
            kind, _, key = self._sealer.open_token(_USE, session_id.removeprefix("ses_")).decode().partition(" ")
        except UnsealError:
            return False
        async with self._database.session() as session:
            end = self._end_browser if kind == OwnSessionKind.BROWSER else self._end_app
            return await end(session, account_id, key)

    async def _end_browser(self, session: AsyncSession, account_id: str, id_hash: str) -> bool:
        """End the sign-in, and with it every app that was signed in to by it."""
        row = await session.get(LoginSessionRow, id_hash)
        if row is None or row.account_id != account_id or row.ended_at is not None:
            return False
        await end_sign_ins(session, [row.session_id], self._clock())
        return True

    async def _end_app(self, session: AsyncSession, account_id: str, grant_id: str) -> bool:
        mine = update(GrantRow).where(
            GrantRow.id == grant_id, GrantRow.account_id == account_id, GrantRow.revoked_at.is_(None)
        )
        return await changes_one(session, mine.values(revoked_at=self._clock()))

    async def _browsers(self, session: AsyncSession, account_id: str) -> list[tuple[str, OwnSession]]:
        at = self._clock()
        active = select(LoginSessionRow).where(
            LoginSessionRow.account_id == account_id,
            LoginSessionRow.ended_at.is_(None),
            LoginSessionRow.expires_at > at,
            LoginSessionRow.seen_at > at - IDLE,
        )
        return [
            (
                row.id_hash,
                OwnSession("", OwnSessionKind.BROWSER, {}, row.agent or "", row.acr, row.auth_time, row.seen_at),
            )
            for row in await session.scalars(active)
        ]

    async def _web(self, session: AsyncSession, account_id: str) -> list[tuple[str, OwnSession]]:
        at = self._clock()
        rows = await session.execute(
            select(WebSessionRow, GrantRow, ClientRow)
            .join(GrantRow, GrantRow.id == WebSessionRow.grant_id)
            .join(ClientRow, ClientRow.id == GrantRow.client_id)
            .where(
                GrantRow.account_id == account_id,
                GrantRow.revoked_at.is_(None),
                WebSessionRow.ended_at.is_(None),
                WebSessionRow.expires_at > at,
                WebSessionRow.seen_at > at - IDLE,
            )
        )
        return [
            (
                grant.id,
                OwnSession(
                    "", OwnSessionKind.WEB, _titles(client), row.agent or "", grant.acr, grant.auth_time, row.seen_at
                ),
            )
            for row, grant, client in rows
        ]

    async def _apps(self, session: AsyncSession, account_id: str) -> list[tuple[str, OwnSession]]:
        """Return the grants that can still issue tokens: those with an unused refresh token."""
        unused = select(RefreshTokenRow.grant_id, RefreshTokenRow.issued_at).where(
            RefreshTokenRow.used_at.is_(None), RefreshTokenRow.expires_at > self._clock()
        )
        active = unused.subquery()
        rows = await session.execute(
            select(GrantRow, ClientRow, active.c.issued_at)
            .join(active, active.c.grant_id == GrantRow.id)
            .join(ClientRow, ClientRow.id == GrantRow.client_id)
            .where(GrantRow.account_id == account_id, GrantRow.revoked_at.is_(None))
        )
        return [
            (
                grant.id,
                OwnSession("", OwnSessionKind.APP, _titles(client), "", grant.acr, grant.auth_time, issued_at),
            )
            for grant, client, issued_at in rows
        ]

    def _named(self, one: OwnSession, key: str, current: str | None) -> OwnSession:
        number = self._sealer.token(_USE, f"{one.kind} {key}".encode())
        return replace(one, id=f"ses_{number}", current=key == current)


def _titles(client: ClientRow) -> dict[str, str]:
    return {"id": client.title_id, "en": client.title_en}
