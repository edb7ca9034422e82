"""The sealed state of sign-ins of our own pages in the browser, their start, and the redemption of their code."""

import hmac
import json
import secrets
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.authentication.same_origin import PAGES_CLIENT
from gateway.ground.clock import Clock
from gateway.ground.sealing import Sealer, UnsealError
from gateway.oidc.clients.registered_client import AuthMethod
from gateway.oidc.grants.authlib_server import AuthlibServer
from gateway.oidc.grants.code_and_refresh import consume_code
from gateway.oidc.grants.pushed_requests import new_reference, store_pushed
from gateway.oidc.grants.service import GrantRefusal, review
from gateway.oidc.tokens.pairwise_subjects import linked_subject
from gateway.policy.scopes import MACHINE_SCOPES, RELEASE_SCOPE, SCOPES
from gateway.storage.tables.clients import ClientRow
from gateway.storage.upsert import insert_into

CALLBACK_PATH: Final = "/auth/callback"
LOGIN_LIFE: Final = timedelta(minutes=15)

_USE: Final = "web-login"
_EXCLUDED_SCOPES: Final = frozenset({RELEASE_SCOPE})


def page_scopes() -> list[str]:
    """Return the scopes of our pages: everything that the person's roles allow, without the release of the NIK."""
    return [name for name in SCOPES if name not in _EXCLUDED_SCOPES | MACHINE_SCOPES]


async def register_pages(session: AsyncSession, issuer: str, at: datetime) -> None:
    """Register the client of our own pages, or update its redirect address and scopes."""
    values = {
        "id": PAGES_CLIENT,
        "auth_method": AuthMethod.IN_PROCESS,
        "native": False,
        "title_id": "Halaman web Gerbang",
        "title_en": "Gerbang's web pages",
        "sector": PAGES_CLIENT,
        "grant_types": ["authorization_code"],
        "created_at": at,
    }
    updated = {"redirect_uris": [issuer + CALLBACK_PATH], "scopes": page_scopes()}
    # Several processes may start for the first time at the same moment.
    row = insert_into(ClientRow, session.get_bind().dialect.name).values(**values, **updated)
    await session.execute(row.on_conflict_do_update(index_elements=[ClientRow.id], set_=updated))


@dataclass(frozen=True, slots=True)
class WebLogin:
    """A sign-in that has begun; the browser stores it sealed until the callback. `began_at` in seconds since 1970."""

    state: str
    verifier: str
    return_to: str
    began_at: float

    @property
    def challenge(self) -> str:
        """The PKCE challenge (RFC 7636, S256)."""
        return _challenge(self.verifier)


class WebLogins:
    """Begins sign-ins, and opens their sealed state."""

    def __init__(self, sealer: Sealer, clock: Clock) -> None:
        self._sealer = sealer
        self._clock = clock

    def begin(self, return_to: str) -> tuple[WebLogin, str]:
        """Begin a sign-in; return it with its sealed form for the browser."""
        login = WebLogin(secrets.token_urlsafe(32), secrets.token_urlsafe(48), return_to, self._clock().timestamp())
        return login, self._sealer.token(_USE, json.dumps(asdict(login)).encode())

    def open(self, text: str, state: str) -> WebLogin | None:
        """Return the sign-in that this browser began with this `state`; None if there is none or it has expired."""
        try:
            login = WebLogin(**json.loads(self._sealer.open_token(_USE, text)))
        except UnsealError:
            return None
        fresh = self._clock().timestamp() - login.began_at <= LOGIN_LIFE.total_seconds()
        return login if fresh and hmac.compare_digest(login.state.encode(), state.encode()) else None


@dataclass(frozen=True, slots=True)
class RedeemedCode:
    """The grant and the pairwise subject of a redeemed code."""

    grant_id: str
    subject: str


def push(server: AuthlibServer, parameters: dict[str, str]) -> dict[str, str] | GrantRefusal:
    """Store a request as a pushed one, without the endpoint; return its parameters."""
    reference = new_reference()
    pushed = {**parameters, "request_uri": reference}
    reviewed = review(server, pushed, None)
    if isinstance(reviewed, GrantRefusal):
        return reviewed
    store_pushed(server, reference, pushed)
    return pushed


def redeem(server: AuthlibServer, client_id: str, code: str, verifier: str) -> RedeemedCode | None:
    """Redeem a code of this client; None if the code is invalid, or the account or grant is no longer active."""
    consumed = consume_code(server, code, client_id)
    if (
        consumed is None
        or consumed.code_challenge != _challenge(verifier)
        or server.active_account(consumed.grant) is None
    ):
        return None
    mint, client = server.mint, server.session.get_one(ClientRow, client_id)
    subject = linked_subject(server.session, mint.sealer, mint.issuer, client, consumed.grant.account_id, mint.clock())
    return RedeemedCode(consumed.grant.id, subject)


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
