"""Token revocation (RFC 7009): a client may revoke only its own tokens."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, OAuth2Error

from gateway.authentication.access_tokens import LEEWAY_SECONDS
from gateway.oidc.grants.authlib_server import AuthlibServer, CheckedRequest, GrantResponse, PresentedCredentials
from gateway.oidc.tokens.minting import hash_secret
from gateway.storage.single_use import record_revoked
from gateway.storage.tables.grants import GrantRow, RefreshTokenRow


def revoke(
    server: AuthlibServer,
    parameters: dict[str, str],
    credentials: PresentedCredentials,
    claims: Mapping[str, Any] | None,
) -> GrantResponse:
    """Revoke the access token with these claims, or else a refresh token; a person's token with its whole grant."""
    request = CheckedRequest("POST", f"{server.mint.issuer}/oauth2/revoke", parameters, credentials)
    try:
        client = server.authenticate_client(request)
        if claims is not None and claims.get("client_id") != client.row.id:
            raise InvalidGrantError
        if claims is not None and ("grant" not in claims or "act" in claims):
            _revoke_token(server, claims)
        else:
            _revoke_grant(server, client.row.id, parameters["token"], claims)
    except OAuth2Error as error:
        return server.handle_response(*error())
    return GrantResponse(200, {}, ())


def _revoke_token(server: AuthlibServer, claims: Mapping[str, Any]) -> None:
    accepted_until = datetime.fromtimestamp(claims["exp"], UTC) + timedelta(seconds=LEEWAY_SECONDS + 1)
    record_revoked(server.session, str(claims["jti"]), accepted_until)


def _revoke_grant(server: AuthlibServer, client_id: str, token: str, claims: Mapping[str, Any] | None) -> None:
    row = server.session.get(RefreshTokenRow, hash_secret(token)) if claims is None else None
    grant = server.session.get(GrantRow, row.grant_id if row else str((claims or {}).get("grant", "")))
    if grant is None:
        return
    if grant.client_id != client_id:
        raise InvalidGrantError
    server.revoke_grant(grant.id)
