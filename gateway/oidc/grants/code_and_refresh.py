"""The authorization code grant with PKCE S256, and the refresh grant with rotation.

One atomic update consumes a code or refresh token. A second use of either revokes the whole grant, so that a stolen
copy becomes worthless (RFC 9700, sections 2.1.1 and 4.14).
"""

import re
import secrets
from datetime import timedelta
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from sqlalchemy import update
from sqlalchemy.orm import Session

from gateway.oidc.clients.registered_client import OAuthClient
from gateway.oidc.grants.authlib_server import AuthlibServer, CheckedRequest, SignIn
from gateway.oidc.grants.client_credentials import ClientGrant
from gateway.oidc.grants.device_grant import DeviceGrant
from gateway.oidc.grants.token_exchange import ExchangeGrant
from gateway.oidc.tokens.minting import TokenMint, hash_secret
from gateway.storage.row_locks import changes_one_sync, consume
from gateway.storage.tables.accounts import AccountRow
from gateway.storage.tables.grants import AuthorizationCodeRow, GrantRow, RefreshTokenRow

CODE_LIFE = timedelta(seconds=60)

_S256_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def new_authlib_server(session: Session, mint: TokenMint) -> AuthlibServer:
    """Build the authorization server with every supported grant."""
    server = AuthlibServer(session, mint)
    server.register_grant(CodeGrant, [RequiredS256()])
    server.register_grant(RefreshGrant)
    server.register_grant(ClientGrant)
    server.register_grant(DeviceGrant)
    server.register_grant(ExchangeGrant)
    return server


class RequiredS256(CodeChallenge):  # type: ignore[misc]  # Authlib ships no types
    """PKCE with S256, required of every client at the authorization request."""

    def validate_code_challenge(self, grant: AuthorizationCodeGrant, redirect_uri: object) -> None:
        """Refuse an authorization request without a SHA-256 challenge."""
        del redirect_uri
        parameters = grant.request.payload.data
        challenge = parameters.get("code_challenge", "")
        if parameters.get("code_challenge_method") != "S256" or not _S256_CHALLENGE.fullmatch(challenge):
            raise InvalidRequestError("PKCE with code_challenge_method S256 is required.")

    def get_authorization_code_challenge_method(self, authorization_code: object) -> str:
        """Always S256."""
        del authorization_code
        return "S256"


class ConsumedCode:
    """A code that has just been consumed, with the methods that Authlib calls."""

    def __init__(self, row: AuthorizationCodeRow, grant: GrantRow) -> None:
        self.row = row
        self.grant = grant
        self.code_challenge = row.code_challenge

    def get_redirect_uri(self) -> str:
        """The redirect address of the authorization request."""
        return self.row.redirect_uri

    def get_scope(self) -> str:
        """The granted scopes."""
        return " ".join(self.grant.scopes)


class UsableRefreshToken:
    """A refresh token that may be used, with the methods that Authlib calls."""

    def __init__(self, row: RefreshTokenRow, grant: GrantRow) -> None:
        self.row = row
        self.grant = grant

    def check_client(self, client: OAuthClient) -> bool:
        """Whether the token was issued to this client."""
        return self.row.client_id == client.row.id

    def get_scope(self) -> str:
        """The granted scopes."""
        return " ".join(self.grant.scopes)


def consume_code(server: AuthlibServer, code: str, client_id: str) -> ConsumedCode | None:
    """Consume a code of this client; None if it is invalid. A second use revokes the grant of the first."""
    row = consume(
        server.session,
        AuthorizationCodeRow,
        hash_secret(code),
        client_id=client_id,
        now=server.mint.clock(),
        revoke=server.revoke_grant,
    )
    return None if row is None else ConsumedCode(row, server.session.get_one(GrantRow, row.grant_id))


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib ships no types
    """The authorization code grant."""

    server: AuthlibServer
    request: CheckedRequest

    def generate_authorization_code(self) -> str:
        """Generate a code of 256 random bits."""
        return secrets.token_urlsafe(32)

    def save_authorization_code(self, code: str, request: CheckedRequest) -> None:
        """Store the grant of this code, and the code's hash."""
        sign_in: SignIn = request.user
        grant = self.server.open_grant(request.client.row, sign_in, request.scope)
        parameters = request.payload.data
        row = AuthorizationCodeRow(
            code_hash=hash_secret(code),
            grant_id=grant.id,
            client_id=request.client.row.id,
            redirect_uri=parameters["redirect_uri"],
            code_challenge=parameters["code_challenge"],
            nonce=parameters.get("nonce"),
            thumbprint=parameters.get("dpop_jkt"),
            expires_at=self.server.mint.clock() + CODE_LIFE,
        )
        self.server.session.add(row)

    def query_authorization_code(self, code: str, client: OAuthClient) -> ConsumedCode | None:
        """Consume the code, even if its key, redirect or verifier turns out to be wrong."""
        consumed = consume_code(self.server, code, client.row.id)
        if consumed is not None and consumed.row.thumbprint not in {None, self.request.thumbprint}:
            return None
        return consumed

    def delete_authorization_code(self, authorization_code: ConsumedCode) -> None:
        """Do nothing: the code is consumed, and its row must stay to detect a second use."""

    def authenticate_user(self, authorization_code: ConsumedCode) -> AccountRow | None:
        """Return the account that signed in, if it is active."""
        return self.server.active_account(authorization_code.grant)

    def generate_token(self, **_: object) -> dict[str, Any]:
        """Build the token response."""
        consumed: ConsumedCode = self.request.authorization_code
        return self.server.issue(
            self.request, consumed.grant, consumed.grant.scopes, nonce=consumed.row.nonce, with_id_token=True
        )


class RefreshGrant(RefreshTokenGrant):  # type: ignore[misc]  # Authlib ships no types
    """The refresh grant: every use issues a new token and ends the old one."""

    INCLUDE_NEW_REFRESH_TOKEN = True

    server: AuthlibServer
    request: CheckedRequest

    def authenticate_refresh_token(self, refresh_token: str) -> UsableRefreshToken | None:
        """Return this client's refresh token if it may be used; a second use revokes the grant."""
        session = self.server.session
        row = session.get(RefreshTokenRow, hash_secret(refresh_token))
        if row is None or row.client_id != self.request.client.row.id:
            return None
        # Without the key, a stolen token must not even be able to revoke the grant.
        if row.thumbprint is not None and row.thumbprint != self.request.thumbprint:
            return None
        if row.used_at is not None:
            self.server.revoke_grant(row.grant_id)
            return None
        if row.expires_at <= self.server.mint.clock():
            return None
        return UsableRefreshToken(row, session.get_one(GrantRow, row.grant_id))

    def authenticate_user(self, refresh_token: UsableRefreshToken) -> AccountRow:
        """Return the account of the grant, if both are active."""
        account = self.server.active_account(refresh_token.grant)
        if account is None:
            raise InvalidGrantError
        return account

    def issue_token(self, user: AccountRow, refresh_token: UsableRefreshToken) -> dict[str, Any]:
        """Consume the refresh token and issue the next one."""
        del user
        used = (
            update(RefreshTokenRow)
            .where(RefreshTokenRow.token_hash == refresh_token.row.token_hash, RefreshTokenRow.used_at.is_(None))
            .values(used_at=self.server.mint.clock())
        )
        if not changes_one_sync(self.server.session, used):
            self.server.revoke_grant(refresh_token.grant.id)
            raise InvalidGrantError
        requested = (self.request.payload.scope or refresh_token.get_scope()).split()
        scopes = list(dict.fromkeys(requested))
        return self.server.issue(self.request, refresh_token.grant, scopes, nonce=None, with_id_token=False)

    def revoke_old_credential(self, refresh_token: UsableRefreshToken) -> None:
        """Do nothing: the token is consumed."""
