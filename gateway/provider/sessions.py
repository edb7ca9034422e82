"""Who is signed in at the provider: sessions kept here, an opaque random id in the browser's cookie."""

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from starlette.requests import Request
from starlette.responses import Response

from gateway.clock import Clock
from gateway.provider.machine import SignIn
from gateway.provider.tokens import hash_secret
from gateway.sealing import Sealer
from gateway.sso.principal import Role
from gateway.storage.engine import Database
from gateway.storage.tables.identity import Account, LoginSession

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=8)

_FORM_USE = "form-token"
_ID = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A living session and whose it is."""

    sign_in: SignIn
    display_name: str


class Browsers:
    """The cookie that a browser has from its first page on; it is exchanged for a new one at every sign-in.

    Before the sign-in it only ties forms to the browser that got them; nothing is kept for it here.
    """

    def __init__(self, sealer: Sealer, *, https: bool) -> None:
        self._sealer = sealer
        self._https = https
        self._name = "__Host-gerbang-signin" if https else "gerbang-signin"

    def read(self, request: Request) -> str | None:
        """The browser's id, if it has one of the right form."""
        value = request.cookies.get(self._name, "")
        return value if _ID.fullmatch(value) else None

    def write(self, response: Response, browser: str) -> None:
        """Give the browser this id."""
        response.set_cookie(self._name, browser, path="/", secure=self._https, httponly=True, samesite="lax")

    def form_token(self, browser: str, ticket: str) -> str:
        """What a form carries to show that it was made for this browser and this request."""
        return self._sealer.fingerprint(_FORM_USE, f"{browser}\n{ticket}")

    def owns_form(self, browser: str | None, ticket: str, form_token: str) -> bool:
        """Whether a form that came back was made for this browser and this request."""
        return browser is not None and hmac.compare_digest(
            self.form_token(browser, ticket).encode(), form_token.encode()
        )


def new_browser() -> str:
    """A new random id, 256 bits."""
    return secrets.token_urlsafe(32)


class Sessions:
    """The sessions at the provider: they end after half an hour without use, and after eight hours in any case."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def begin(self, account_id: str, acr: int, replaced: str | None) -> str:
        """A session under a new id; the one under the old id ends."""
        browser, at = new_browser(), self._clock()
        async with self._database.session() as session:
            if replaced:
                await session.execute(
                    update(LoginSession)
                    .where(LoginSession.id_hash == hash_secret(replaced), LoginSession.ended_at.is_(None))
                    .values(ended_at=at)
                )
            session.add(
                LoginSession(
                    id_hash=hash_secret(browser),
                    account_id=account_id,
                    acr=acr,
                    auth_time=at,
                    seen_at=at,
                    expires_at=at + ABSOLUTE,
                )
            )
        return browser

    async def find(self, browser: str | None) -> SignedIn | None:
        """The living session of this browser, of an account that stands."""
        if browser is None:
            return None
        now = self._clock()
        async with self._database.session() as session:
            row = await session.get(LoginSession, hash_secret(browser))
            if row is None or row.ended_at or row.expires_at <= now or row.seen_at + IDLE <= now:
                return None
            account = await session.scalar(
                select(Account).where(Account.id == row.account_id, Account.withdrawn_at.is_(None))
            )
            if account is None:
                return None
            row.seen_at = now
            roles = frozenset(Role(role) for role in account.roles)
            return SignedIn(SignIn(account.id, roles, row.acr, row.auth_time), account.display_name)
