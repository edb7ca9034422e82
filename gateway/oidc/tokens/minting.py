"""Minting of tokens: access tokens (RFC 9068), ID tokens, refresh tokens, logout tokens."""

import base64
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy.orm import Session

from gateway.authentication.jose import PrivateKey
from gateway.ground.clock import Clock
from gateway.ground.sealing import Sealer
from gateway.oidc.tokens.pairwise_subjects import linked_subject, pairwise_session_id, pairwise_subject
from gateway.storage.tables.clients import ClientRow
from gateway.storage.tables.grants import GrantRow, RefreshTokenRow

LOGOUT_TOKEN_LIFE = timedelta(minutes=2)
ACCESS_TOKEN_LIFE = timedelta(minutes=10)
REFRESH_FAMILY_LIFE = timedelta(days=14)


def hash_secret(value: str) -> str:
    """Hash a code, refresh token or session id for storage: 256 random bits need no slow hash."""
    return sha256(value.encode()).hexdigest()


def token_type(thumbprint: str | None) -> str:
    """Return the token type: `DPoP` for a token that is bound to a key (RFC 9449), else `Bearer`."""
    return "Bearer" if thumbprint is None else "DPoP"


@dataclass(frozen=True, slots=True)
class TokenExchange:
    """A token for `resource`, requested by `client` in exchange for a token of `grant`."""

    client: ClientRow
    resource: ClientRow
    grant: GrantRow
    scopes: list[str]
    ends_at: datetime
    thumbprint: str | None


@dataclass(frozen=True, slots=True)
class TokenMint:
    """Mints tokens of one issuer, for `audience` (people) or `machine_audience` (machines), signed with `key`.

    With `bound_only`, public clients get only tokens that are bound to their key.
    """

    issuer: str
    audience: str
    machine_audience: str
    key: PrivateKey
    sealer: Sealer
    clock: Clock
    bound_only: bool = False

    def access_token(
        self, session: Session, client: ClientRow, grant: GrantRow, scopes: list[str], thumbprint: str | None = None
    ) -> str:
        """An access token for the unified API, bound to the key of `thumbprint`. It contains neither name nor NIK."""
        issued = self.clock()
        claims = {
            **self._claims(session, client, grant, issued),
            "aud": self.audience,
            "jti": str(uuid.uuid4()),
            "client_id": client.id,
            "scope": " ".join(scopes),
            "grant": grant.id,
            **_confirmation_claim(thumbprint),
        }
        return self.key.sign("at+jwt", claims)

    def exchanged_token(self, session: Session, exchange: TokenExchange) -> str:
        """An access token for another audience, in which the client acts for the subject of the exchanged token."""
        issued = self.clock()
        claims = {
            **self._claims(session, exchange.resource, exchange.grant, issued),
            "aud": exchange.resource.resource,
            "exp": int(exchange.ends_at.timestamp()),
            "jti": str(uuid.uuid4()),
            "client_id": exchange.client.id,
            "scope": " ".join(exchange.scopes),
            "grant": exchange.grant.id,
            "act": {"sub": exchange.client.id},
            **_confirmation_claim(exchange.thumbprint),
        }
        return self.key.sign("at+jwt", claims)

    def logout_token(self, client: ClientRow, account_id: str, session_id: str) -> str:
        """A logout token: notifies a client of the end of a sign-in (OpenID Connect Back-Channel Logout 1.0)."""
        at = int(self.clock().timestamp())
        claims = {
            "iss": self.issuer,
            "sub": pairwise_subject(self.sealer, client, account_id),
            "aud": client.id,
            "iat": at,
            "exp": at + int(LOGOUT_TOKEN_LIFE.total_seconds()),
            "jti": str(uuid.uuid4()),
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
            "sid": pairwise_session_id(self.sealer, client, session_id),
        }
        return self.key.sign("logout+jwt", claims)

    def machine_token(self, client: ClientRow, scopes: list[str], audience: str, thumbprint: str | None = None) -> str:
        """An access token of the client itself: no account, no grant, no sign-in."""
        at = int(self.clock().timestamp())
        claims = {
            "iss": self.issuer,
            "sub": client.id,
            "aud": audience,
            "iat": at,
            "exp": at + int(ACCESS_TOKEN_LIFE.total_seconds()),
            "jti": str(uuid.uuid4()),
            "client_id": client.id,
            "scope": " ".join(scopes),
            **_confirmation_claim(thumbprint),
        }
        return self.key.sign("at+jwt", claims)

    def id_token(
        self, session: Session, client: ClientRow, grant: GrantRow, access_token: str, nonce: str | None
    ) -> str:
        """An ID token for the client, with the hash of the access token that is issued with it."""
        half = sha256(access_token.encode()).digest()[:16]
        claims = {
            **self._claims(session, client, grant, self.clock()),
            "aud": client.id,
            "amr": grant.amr,
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
        }
        if nonce is not None:
            claims["nonce"] = nonce
        if grant.session_id is not None:
            claims["sid"] = pairwise_session_id(self.sealer, client, grant.session_id)
        return self.key.sign("JWT", claims)

    def refresh_token(self, session: Session, client: ClientRow, grant: GrantRow, thumbprint: str | None = None) -> str:
        """A refresh token of the grant's family. It expires with the family; a rotation does not extend that.

        With `thumbprint`, only a caller with a proof of that key may use it.
        """
        token = secrets.token_urlsafe(32)
        row = RefreshTokenRow(
            token_hash=hash_secret(token),
            grant_id=grant.id,
            client_id=client.id,
            thumbprint=thumbprint,
            issued_at=self.clock(),
            expires_at=grant.created_at + REFRESH_FAMILY_LIFE,
        )
        session.add(row)
        return token

    def _claims(self, session: Session, client: ClientRow, grant: GrantRow, issued: datetime) -> dict[str, Any]:
        sub = linked_subject(session, self.sealer, self.issuer, client, grant.account_id, issued)
        at = int(issued.timestamp())
        return {
            "iss": self.issuer,
            "sub": sub,
            "iat": at,
            "exp": at + int(ACCESS_TOKEN_LIFE.total_seconds()),
            "auth_time": int(grant.auth_time.timestamp()),
            "acr": str(grant.acr),
        }


def _confirmation_claim(thumbprint: str | None) -> dict[str, Any]:
    return {} if thumbprint is None else {"cnf": {"jkt": thumbprint}}
