"""The grant by which a client exchanges a resident's token for one for an agency's own API, as the same resident.

Sources: RFC 8693, RFC 8707. Only for pairs of client and audience that are listed, never for more or longer than the
token that is given, never with a refresh token; and it ends with the grant that the token came from.
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
from gateway.oidc.grants.authlib_server import AuthlibServer, GuardedRequest
from gateway.oidc.grants.client_credentials import InvalidTargetError
from gateway.oidc.tokens.minting import TokenExchange, token_type
from gateway.storage.tables.identity import ClientRow, GrantRow

EXCHANGE_GRANT: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - the name of a type
LIFE: Final = timedelta(minutes=5)

_REQUIRED = ("sub", "jti", "client_id", "scope", "grant")


class ExchangeGrant(BaseGrant, TokenEndpointMixin):  # type: ignore[misc]  # Authlib ships no types
    """A token for one other audience."""

    GRANT_TYPE = EXCHANGE_GRANT

    server: AuthlibServer
    request: GuardedRequest

    def validate_token_request(self) -> None:
        """Judge who asks, for what audience, and the token that is given."""
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
        """The token, with what it is good for."""
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
        """The claims of the token that is given: a living one for our own API that this client was given."""
        mint, claims = self.server.mint, self.request.shown.subject if self.request.shown else None
        if claims is None:
            raise InvalidGrantError
        now = int(mint.clock().timestamp())
        try:
            check_claims(
                claims, issuer=mint.issuer, audience=mint.audience, now=now, leeway=LEEWAY_SECONDS, required=_REQUIRED
            )
        except TokenRefusedError:
            raise InvalidGrantError from None
        # A token that is bound to a key is exchanged by whoever holds that key, and by nobody else.
        bound_to = claims.get("cnf", {}).get("jkt")
        if claims["client_id"] != client.id or (bound_to and bound_to != self.request.thumbprint):
            raise InvalidGrantError
        return claims

    def _resource(self, client: ClientRow) -> ClientRow:
        """Whose API the token is to be for: one that is listed for this client, and registered itself."""
        form = self.request.form
        named = {form[name] for name in ("audience", "resource") if name in form}
        audience = named.pop() if len(named) == 1 else None
        if audience is None or audience not in client.exchange_audiences:
            raise InvalidTargetError
        row = self.server.session.scalar(select(ClientRow).where(ClientRow.resource == audience))
        if row is None or not row.stands(self.server.mint.clock()):
            raise InvalidTargetError
        return row

    def _grant(self, subject: Mapping[str, Any]) -> GrantRow:
        grant = self.server.session.get(GrantRow, str(subject["grant"]))
        if grant is None or self.server.standing_account(grant) is None:
            raise InvalidGrantError
        return grant

    def _scopes(self, held: str) -> list[str]:
        """What is asked for, which must be named: an agency gets what it needs and not whatever there is."""
        asked = list(dict.fromkeys((self.request.payload.scope or "").split()))
        if not asked or not set(asked) <= set(held.split()):
            raise InvalidScopeError
        return asked
