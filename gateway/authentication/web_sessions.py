"""Web sessions: the browser holds a cookie with an opaque random id, the database holds the session; no tokens."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Update, select, update
from starlette.requests import HTTPConnection
from starlette.responses import Response

from gateway.authentication.principals import PrincipalResolver
from gateway.ground.clock import Clock
from gateway.ground.sealing import Sealer
from gateway.policy.principal import Principal
from gateway.storage.engine import Database
from gateway.storage.tables.accounts import AccountRow
from gateway.storage.tables.grants import GrantRow
from gateway.storage.tables.sessions import WebSessionRow

IDLE: Final = timedelta(minutes=30)
ABSOLUTE: Final = timedelta(hours=8)
_TOUCH_INTERVAL: Final = timedelta(minutes=1)
_ID: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_USE: Final = "web-session"


class WebCookie:
    """The cookie of a web session. `__Host-`: no other host and no plain connection can set it."""

    def __init__(self, name: str, *, https: bool) -> None:
        self._https = https
        self._name = f"__Host-{name}" if https else name

    def read(self, request: HTTPConnection) -> str | None:
        """Return the session id from the cookie, if it has the right form."""
        value = request.cookies.get(self._name, "")
        return value if _ID.fullmatch(value) else None

    def write(self, response: Response, session_id: str) -> None:
        """Set the cookie."""
        response.set_cookie(self._name, session_id, path="/", secure=self._https, httponly=True, samesite="lax")

    def clear(self, response: Response) -> None:
        """Delete the cookie."""
        response.delete_cookie(self._name, path="/", secure=self._https, httponly=True, samesite="lax")


@dataclass(frozen=True, slots=True)
class ActiveWebSession:
    """An active web session: its principal, and when it ends if there is no further request."""

    principal: Principal
    grant_id: str
    display_name: str
    idle_until: datetime
    ends_at: datetime


class WebSessions:
    """Begins, finds and ends web sessions. A session that was begun for one client is invalid for any other."""

    def __init__(self, database: Database, sealer: Sealer, people: PrincipalResolver, clock: Clock) -> None:
        self._database = database
        self._sealer = sealer
        self._people = people
        self._clock = clock

    async def find(self, session_id: str, client_id: str) -> ActiveWebSession | None:
        """Return the active session of this id if it was begun for this client, and extend its idle time."""
        now = self._clock()
        async with self._database.session() as session:
            found = (
                await session.execute(
                    select(WebSessionRow, GrantRow, AccountRow)
                    .join(GrantRow, GrantRow.id == WebSessionRow.grant_id)
                    .join(AccountRow, AccountRow.id == GrantRow.account_id)
                    .where(
                        WebSessionRow.id_hash == self._hash(session_id),
                        GrantRow.client_id == client_id,
                        WebSessionRow.ended_at.is_(None),
                        WebSessionRow.expires_at > now,
                        WebSessionRow.seen_at > now - IDLE,
                        GrantRow.revoked_at.is_(None),
                        AccountRow.withdrawn_at.is_(None),
                    )
                )
            ).one_or_none()
            if found is None:
                return None
            row, grant, account = found
            if now - row.seen_at >= _TOUCH_INTERVAL:
                row.seen_at = now
            return ActiveWebSession(
                principal=self._people.for_grant(account, grant, subject=row.subject, number=row.id_hash[:32]),
                grant_id=grant.id,
                display_name=account.display_name,
                idle_until=min(row.seen_at + IDLE, row.expires_at),
                ends_at=row.expires_at,
            )

    async def begin(self, grant_id: str, subject: str, *, agent: str, replaced: str | None) -> str:
        """Begin a session, end the one that it replaces, and return the new id."""
        session_id, now = secrets.token_urlsafe(32), self._clock()
        async with self._database.session() as session:
            if replaced is not None:
                await session.execute(self._end_statement(replaced, now))
            session.add(
                WebSessionRow(
                    id_hash=self._hash(session_id),
                    grant_id=grant_id,
                    subject=subject,
                    created_at=now,
                    seen_at=now,
                    expires_at=now + ABSOLUTE,
                    agent=agent[:160] or None,
                )
            )
        return session_id

    async def end(self, session_id: str, client_id: str) -> None:
        """End a session that was begun for this client, and revoke its grant."""
        now = self._clock()
        async with self._database.session() as session:
            row = await session.get(WebSessionRow, self._hash(session_id))
            grant = await session.get(GrantRow, row.grant_id) if row else None
            if row is None or grant is None or grant.client_id != client_id:
                return
            row.ended_at = row.ended_at or now
            await session.execute(
                update(GrantRow).where(GrantRow.id == grant.id, GrantRow.revoked_at.is_(None)).values(revoked_at=now)
            )

    def _end_statement(self, session_id: str, at: datetime) -> Update:
        return (
            update(WebSessionRow)
            .where(WebSessionRow.id_hash == self._hash(session_id), WebSessionRow.ended_at.is_(None))
            .values(ended_at=at)
        )

    def _hash(self, session_id: str) -> str:
        return self._sealer.fingerprint(_USE, session_id)
