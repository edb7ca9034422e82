"""The token exchange grant: a client gets a token for an agency's API in exchange for a resident's token.

Sources: RFC 8693, RFC 8707. Only for listed pairs of client and audience. The new token has no more scopes and no
longer life than the subject token, and no refresh token; it ends with the grant of the subject token.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from authlib.oauth2.rfc6749 import (
    BaseGrant,
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    TokenEndpointMixin,
    UnauthorizedClientError,
)
from sqlalchemy import select

from gateway.authentication.access_tokens import LEEWAY_SECONDS
from gateway.authentication.jose import TokenRefusedError, check_claims
from gateway.oidc.grants.authlib_server import AuthlibServer, CheckedRequest
from gateway.oidc.grants.client_credentials import InvalidTargetError
from gateway.oidc.tokens.minting import TokenExchange, token_type
from gateway.storage.tables.clients import ClientRow
from gateway.storage.tables.grants import GrantRow

EXCHANGE_GRANT: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - the name of a type
LIFE: Final = timedelta(minutes=5)

_REQUIRED = ("sub", "jti", "client_id", "scope", "grant")


class ExchangeGrant(BaseGrant, TokenEndpointMixin):  # type: ignore[misc]  # Authlib ships no types
    """Issues a token for one other audience."""

    GRANT_TYPE = EXCHANGE_GRANT

    server: AuthlibServer
    request: CheckedRequest

    def validate_token_request(self) -> None:
        """Check the client and the form of the request; audience and token are checked when the token is made."""
        self.request.client = client = self.authenticate_token_endpoint_client()
        if client.row.public or not client.check_grant_type(EXCHANGE_GRANT):
            raise UnauthorizedClientError
        form = self.request.form
        if "subject_token" not in form or form.get("subject_token_type") != ACCESS_TOKEN:
            raise InvalidRequestError("An access token is needed as subject_token.")
        if "actor_token" in form or "actor_token_type" in form:
            raise InvalidRequestError("The actor is the client itself: no actor_token is taken.")
        if form.get("requested_token_type", ACCESS_TOKEN) != ACCESS_TOKEN:
            raise InvalidRequestError("Only access tokens are given.")

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        """Build the token response."""
        client: ClientRow = self.request.client.row
        subject = self._subject(client)
        resource = self._resource(client)
        now = self.server.mint.clock()
        exchange = TokenExchange(
            client=client,
            resource=resource,
            grant=self._grant(subject),
            scopes=self._scopes(str(subject["scope"])),
            ends_at=min(now + LIFE, datetime.fromtimestamp(subject["exp"], UTC)),
            thumbprint=self.request.thumbprint,
        )
        body = {
            "access_token": self.server.mint.exchanged_token(self.server.session, exchange),
            "issued_token_type": ACCESS_TOKEN,
            "token_type": token_type(exchange.thumbprint),
            "expires_in": max(0, int((exchange.ends_at - now).total_seconds())),
            "scope": " ".join(exchange.scopes),
        }
        return 200, body, self.TOKEN_RESPONSE_HEADER

    def _subject(self, client: ClientRow) -> Mapping[str, Any]:
        """Return the claims of the subject token: valid, for our own API, and issued to this client."""
        mint, claims = self.server.mint, self.request.proofs.subject if self.request.proofs else None
        if claims is None:
            raise InvalidGrantError
        now = int(mint.clock().timestamp())
        try:
            check_claims(
                claims, issuer=mint.issuer, audience=mint.audience, now=now, leeway=LEEWAY_SECONDS, required=_REQUIRED
            )
        except TokenRefusedError:
            raise InvalidGrantError from None
        # Only the holder of the key may exchange a token that is bound to it.
        bound_to = claims.get("cnf", {}).get("jkt")
        if claims["client_id"] != client.id or (bound_to and bound_to != self.request.thumbprint):
            raise InvalidGrantError
        return claims

    def _resource(self, client: ClientRow) -> ClientRow:
        """Return the registered resource of the requested audience, which must be listed for this client."""
        form = self.request.form
        named = {form[name] for name in ("audience", "resource") if name in form}
        audience = named.pop() if len(named) == 1 else None
        if audience is None or audience not in client.exchange_audiences:
            raise InvalidTargetError
        row = self.server.session.scalar(select(ClientRow).where(ClientRow.resource == audience))
        if row is None or not row.is_active(self.server.mint.clock()):
            raise InvalidTargetError
        return row

    def _grant(self, subject: Mapping[str, Any]) -> GrantRow:
        grant = self.server.session.get(GrantRow, str(subject["grant"]))
        if grant is None or self.server.active_account(grant) is None:
            raise InvalidGrantError
        return grant

    def _scopes(self, held: str) -> list[str]:
        """Return the requested scopes. They must be named, so that an agency gets only the scopes that it needs."""
        requested = list(dict.fromkeys((self.request.payload.scope or "").split()))
        if not requested or not set(requested) <= set(held.split()):
            raise InvalidScopeError
        return requested
