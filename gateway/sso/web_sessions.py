"""Browsers that call the unified API with a cookie: an opaque random id there, the session here, no token anywhere.

A cookie travels with every request to us, whoever caused it. So it counts only where the browser says that a page of
ours asked (`Sec-Fetch-Site`, or `Origin` from older browsers), and what changes something must also carry a header that
no form and no other site can set without asking us first.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import Update, select, update
from starlette.requests import HTTPConnection
from starlette.responses import Response

from gateway.clock import Clock
from gateway.sealing import Sealer
from gateway.sso.errors import CrossSiteError
from gateway.sso.people import People
from gateway.sso.principal import Principal
from gateway.storage.engine import Database
from gateway.storage.tables.identity import Account, Grant
from gateway.storage.tables.web_sessions import WebSession

IDLE: Final = timedelta(minutes=30)
ABSOLUTE: Final = timedelta(hours=8)
MARK: Final = "gerbang-request"
"""The header that a page of ours puts on what changes something; its value does not matter."""

_SEEN_EVERY: Final = timedelta(minutes=1)
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_ID: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_USE: Final = "web-session"


class WebCookie:
    """The cookie of a web session: `__Host-`, so that no other host and no plain connection can set it."""

    def __init__(self, *, https: bool) -> None:
        self._https = https
        self._name = "__Host-gerbang-session" if https else "gerbang-session"

    def read(self, request: HTTPConnection) -> str | None:
        """The session id, if there is one of the right form."""
        value = request.cookies.get(self._name, "")
        return value if _ID.fullmatch(value) else None

    def write(self, response: Response, session_id: str) -> None:
        """Give the browser this id."""
        response.set_cookie(self._name, session_id, path="/", secure=self._https, httponly=True, samesite="lax")

    def clear(self, response: Response) -> None:
        """Take the id away."""
        response.delete_cookie(self._name, path="/", secure=self._https, httponly=True, samesite="lax")


@dataclass(frozen=True, slots=True)
class Living:
    """A web session that stands, whose it is, and when it ends if nothing more is asked."""

    principal: Principal
    grant_id: str
    display_name: str
    idle_until: datetime
    ends_at: datetime


class WebSessions:
    """The web sessions of one issuer."""

    def __init__(self, database: Database, sealer: Sealer, people: People, clock: Clock, *, issuer: str) -> None:
        self._database = database
        self._sealer = sealer
        self._people = people
        self._clock = clock
        parts = urlsplit(issuer)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self.cookie = WebCookie(https=parts.scheme == "https")

    async def caller(self, request: HTTPConnection) -> Principal | None:
        """Who calls with a cookie: None without a living session, or where another site caused a mere read.

        Raises `CrossSiteError` for anything that changes something and was not sent by a page of ours.
        """
        living = await self.find(request)
        return living.principal if living else None

    async def find(self, request: HTTPConnection) -> Living | None:
        """The session that counts for this request; raises as `caller`."""
        session_id = self.cookie.read(request)
        if session_id is None or not self._counts(request):
            return None
        return await self._living(session_id)

    def _counts(self, request: HTTPConnection) -> bool:
        site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
        ours = site in {"same-origin", None} and origin in {self._origin, None}
        if request.scope["method"] in _SAFE:
            # "none": somebody typed the address.
            return ours or (site == "none" and origin is None)
        if not ours or MARK not in request.headers:
            raise CrossSiteError
        return True

    async def _living(self, session_id: str) -> Living | None:
        now = self._clock()
        async with self._database.session() as session:
            found = (
                await session.execute(
                    select(WebSession, Grant, Account)
                    .join(Grant, Grant.id == WebSession.grant_id)
                    .join(Account, Account.id == Grant.account_id)
                    .where(
                        WebSession.id_hash == self._hash(session_id),
                        WebSession.ended_at.is_(None),
                        WebSession.expires_at > now,
                        WebSession.seen_at > now - IDLE,
                        Grant.revoked_at.is_(None),
                        Account.withdrawn_at.is_(None),
                    )
                )
            ).one_or_none()
            if found is None:
                return None
            row, grant, account = found
            if now - row.seen_at >= _SEEN_EVERY:
                row.seen_at = now
            return Living(
                principal=self._people.of_web_session(account, grant, row),
                grant_id=grant.id,
                display_name=account.display_name,
                idle_until=min(row.seen_at + IDLE, row.expires_at),
                ends_at=row.expires_at,
            )

    async def begin(self, grant_id: str, subject: str, *, agent: str, replaced: str | None) -> str:
        """Begin a session and end the one that it replaces; gives the new id."""
        session_id, now = secrets.token_urlsafe(32), self._clock()
        async with self._database.session() as session:
            if replaced is not None:
                await session.execute(self._ending(replaced, now))
            session.add(
                WebSession(
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

    async def end(self, session_id: str) -> str | None:
        """End a session and revoke its grant; gives the grant's id, None when there was no such session."""
        now = self._clock()
        async with self._database.session() as session:
            row = await session.get(WebSession, self._hash(session_id))
            if row is None:
                return None
            row.ended_at = row.ended_at or now
            await session.execute(
                update(Grant).where(Grant.id == row.grant_id, Grant.revoked_at.is_(None)).values(revoked_at=now)
            )
            return row.grant_id

    def _ending(self, session_id: str, at: datetime) -> Update:
        return (
            update(WebSession)
            .where(WebSession.id_hash == self._hash(session_id), WebSession.ended_at.is_(None))
            .values(ended_at=at)
        )

    def _hash(self, session_id: str) -> str:
        return self._sealer.fingerprint(_USE, session_id)
