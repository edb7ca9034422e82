"""`/oauth2/device_authorization`: a device without a browser begins a sign-in (RFC 8628)."""

from typing import Final

from authlib.oauth2.rfc6749 import InvalidScopeError, OAuth2Error, UnauthorizedClientError
from starlette.responses import Response

from gateway.oidc.dependencies import ProviderDependencies
from gateway.oidc.endpoints.client_calls import ClientCall, http_response, limit_by_address
from gateway.oidc.grants.authlib_server import AuthlibServer, CheckedRequest, GrantResponse, PresentedCredentials
from gateway.oidc.grants.device_codes import DEVICE_PATH, INTERVAL, LIFE, store_device_request
from gateway.oidc.grants.device_grant import DEVICE_GRANT

DEVICE_PARAMETERS: Final = frozenset({"client_id", "scope"})

_PER_ADDRESS: Final = 120
"""Sign-ins that one address may begin in a quarter of an hour for public clients, since anyone can use their id."""


async def authorize_device(deps: ProviderDependencies, call: ClientCall) -> Response:
    """Handle `/oauth2/device_authorization`."""
    refusal = await limit_by_address(deps, call, "devices", _PER_ADDRESS)
    if refusal is not None:
        return refusal
    return http_response(await deps.grants.run(begin_device, call.parameters, call.credentials))


def begin_device(server: AuthlibServer, parameters: dict[str, str], credentials: PresentedCredentials) -> GrantResponse:
    """Begin the sign-in of a device: a device code for its polls, and a user code for a person to type."""
    issuer = server.mint.issuer
    request = CheckedRequest("POST", f"{issuer}/oauth2/device_authorization", parameters, credentials)
    try:
        client = server.authenticate_client(request)
        if not client.check_grant_type(DEVICE_GRANT):
            raise UnauthorizedClientError
        scope = client.get_allowed_scope(parameters.get("scope"))
        if scope is None:
            raise InvalidScopeError
    except OAuth2Error as error:
        return server.handle_response(*error())
    device_code, user_code = store_device_request(server, client.row, scope.split())
    body = {
        "device_code": device_code,
        "user_code": user_code,
        "verification_uri": f"{issuer}{DEVICE_PATH}",
        "verification_uri_complete": f"{issuer}{DEVICE_PATH}?user_code={user_code}",
        "expires_in": int(LIFE.total_seconds()),
        "interval": INTERVAL,
    }
    return GrantResponse(200, body, ())
