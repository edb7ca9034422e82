"""`/oauth2/introspect` (RFC 7662): a resource server checks whether a token is active."""

from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Error
from starlette.responses import Response

from gateway.authentication.access_tokens import LEEWAY_SECONDS
from gateway.authentication.jose import TokenRefusedError, check_claims
from gateway.oidc.dependencies import ProviderDependencies, oauth_error
from gateway.oidc.endpoints.client_calls import ClientCall, spoken_answer
from gateway.oidc.grants.authlib_server import AuthlibServer, GrantResponse, GuardedRequest, PresentedCredentials
from gateway.oidc.tokens.own_tokens import read_own_token
from gateway.storage.tables.identity import GrantRow
from gateway.storage.tables.single_use import RevokedTokenRow

_TOLD = (
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


async def introspect_token(parts: ProviderDependencies, call: ClientCall) -> Response:
    """Return the claims of a token to the resource server in its audience; to any other caller, `active: false`."""
    if "token" not in call.parameters:
        return oauth_error("invalid_request", "The token is missing.")
    claims = await read_own_token(parts.keys, call.parameters["token"])
    return spoken_answer(await parts.grants.run(introspect, call.parameters, call.credentials, claims))


def introspect(
    machine: AuthlibServer,
    parameters: dict[str, str],
    credentials: PresentedCredentials,
    claims: Mapping[str, Any] | None,
) -> GrantResponse:
    """Build the response for a token with these claims; None stands for a token that is not ours."""
    request = GuardedRequest("POST", f"{machine.mint.issuer}/oauth2/introspect", parameters, credentials)
    try:
        client = machine.authenticate_confidential(request)
    except OAuth2Error as error:
        return machine.handle_response(*error())
    resource = client.row.resource
    if claims is None or resource is None or not _is_fresh(machine, claims, resource) or not _stands(machine, claims):
        return GrantResponse(200, _INACTIVE, ())
    told = {name: claims[name] for name in _TOLD if name in claims}
    return GrantResponse(200, {"active": True, "token_type": "DPoP" if "cnf" in claims else "Bearer", **told}, ())


def _is_fresh(machine: AuthlibServer, claims: Mapping[str, Any], resource: str) -> bool:
    """Whether the token is for this resource server and has not expired."""
    now = int(machine.mint.clock().timestamp())
    try:
        check_claims(
            claims, issuer=machine.mint.issuer, audience=resource, now=now, leeway=LEEWAY_SECONDS, required=("jti",)
        )
    except TokenRefusedError:
        return False
    return True


def _stands(machine: AuthlibServer, claims: Mapping[str, Any]) -> bool:
    """Whether client and token are valid, and for a person's token also account and grant."""
    if machine.query_client(str(claims.get("client_id"))) is None:
        return False
    if machine.session.get(RevokedTokenRow, str(claims["jti"])) is not None:
        return False
    if "grant" not in claims:
        return claims.get("sub") == claims.get("client_id")
    grant = machine.session.get(GrantRow, str(claims["grant"]))
    return grant is not None and machine.standing_account(grant) is not None
