"""The client credentials grant (RFC 6749, section 4.4): a machine gets a token for itself, without a person."""

from typing import Any

from authlib.oauth2.rfc6749 import InvalidScopeError, OAuth2Error, UnauthorizedClientError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant

from gateway.oidc.grants.authlib_server import AuthlibServer, CheckedRequest
from gateway.oidc.tokens.minting import ACCESS_TOKEN_LIFE, token_type
from gateway.policy.scopes import MACHINE_SCOPES
from gateway.storage.tables.clients import ClientRow


class InvalidTargetError(OAuth2Error):  # type: ignore[misc]  # Authlib ships no types
    """The client may not request tokens for this resource (RFC 8707)."""

    error = "invalid_target"


class ClientGrant(ClientCredentialsGrant):  # type: ignore[misc]  # Authlib ships no types
    """Issues tokens with machine scopes only, for one audience that is not the audience of people's tokens."""

    server: AuthlibServer
    request: CheckedRequest

    def validate_token_request(self) -> None:
        """Refuse public clients, since they cannot authenticate."""
        super().validate_token_request()
        if self.request.client.row.public:
            raise UnauthorizedClientError

    def generate_token(self, **_: object) -> dict[str, Any]:
        """Build the token response."""
        client: ClientRow = self.request.client.row
        scopes, thumbprint = self._scopes(client), self.request.thumbprint
        return {
            "access_token": self.server.mint.machine_token(client, scopes, self._audience(client), thumbprint),
            "token_type": token_type(thumbprint),
            "expires_in": int(ACCESS_TOKEN_LIFE.total_seconds()),
            "scope": " ".join(scopes),
        }

    def _scopes(self, client: ClientRow) -> list[str]:
        permitted = [name for name in client.scopes if name in MACHINE_SCOPES]
        requested = list(dict.fromkeys((self.request.payload.scope or "").split())) or permitted
        if not requested or not set(requested) <= set(permitted):
            raise InvalidScopeError
        return requested

    def _audience(self, client: ClientRow) -> str:
        default = self.server.mint.machine_audience
        requested: str = self.request.payload.data.get("resource", default)
        if requested != default and requested not in client.audiences:
            raise InvalidTargetError
        return requested
