"""`/oauth2/introspect` (RFC 7662): a resource server checks whether a token is active."""

from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Error
from starlette.responses import Response

from gateway.authentication.access_tokens import LEEWAY_SECONDS
from gateway.authentication.jose import TokenRefusedError, check_claims
from gateway.oidc.dependencies import ProviderDependencies, oauth_error
from gateway.oidc.endpoints.client_calls import ClientCall, http_response
from gateway.oidc.grants.authlib_server import AuthlibServer, CheckedRequest, GrantResponse, PresentedCredentials
from gateway.oidc.tokens.own_tokens import read_own_token
from gateway.storage.tables.grants import GrantRow
from gateway.storage.tables.single_use import RevokedTokenRow

_DISCLOSED_CLAIMS = (
    "iss",
    "sub",
    "aud",
    "client_id",
    "scope",
    "exp",
    "iat",
    "jti",
    "acr",
    "auth_time",
    "cnf",
    "act",
)
_INACTIVE: Mapping[str, Any] = {"active": False}


async def introspect_token(deps: ProviderDependencies, call: ClientCall) -> Response:
    """Return the claims of a token to the resource server in its audience; to any other caller, `active: false`."""
    if "token" not in call.parameters:
        return oauth_error("invalid_request", "The token is missing.")
    claims = await read_own_token(deps.keys, call.parameters["token"])
    return http_response(await deps.grants.run(introspect, call.parameters, call.credentials, claims))


def introspect(
    server: AuthlibServer,
    parameters: dict[str, str],
    credentials: PresentedCredentials,
    claims: Mapping[str, Any] | None,
) -> GrantResponse:
    """Build the response for a token with these claims; None stands for a token that is not ours."""
    request = CheckedRequest("POST", f"{server.mint.issuer}/oauth2/introspect", parameters, credentials)
    try:
        client = server.authenticate_confidential(request)
    except OAuth2Error as error:
        return server.handle_response(*error())
    resource = client.row.resource
    if claims is None or resource is None or not _is_fresh(server, claims, resource) or not _is_active(server, claims):
        return GrantResponse(200, _INACTIVE, ())
    disclosed = {name: claims[name] for name in _DISCLOSED_CLAIMS if name in claims}
    return GrantResponse(200, {"active": True, "token_type": "DPoP" if "cnf" in claims else "Bearer", **disclosed}, ())


def _is_fresh(server: AuthlibServer, claims: Mapping[str, Any], resource: str) -> bool:
    """Whether the token is for this resource server and has not expired."""
    now = int(server.mint.clock().timestamp())
    try:
        check_claims(
            claims, issuer=server.mint.issuer, audience=resource, now=now, leeway=LEEWAY_SECONDS, required=("jti",)
        )
    except TokenRefusedError:
        return False
    return True


def _is_active(server: AuthlibServer, claims: Mapping[str, Any]) -> bool:
    """Whether client and token are valid, and for a person's token also account and grant."""
    if server.query_client(str(claims.get("client_id"))) is None:
        return False
    if server.session.get(RevokedTokenRow, str(claims["jti"])) is not None:
        return False
    if "grant" not in claims:
        return claims.get("sub") == claims.get("client_id")
    grant = server.session.get(GrantRow, str(claims["grant"]))
    return grant is not None and server.active_account(grant) is not None
