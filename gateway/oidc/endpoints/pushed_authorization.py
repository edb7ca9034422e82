"""`/oauth2/par`: pushed authorization requests (RFC 9126); mandatory for confidential clients."""

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error
from starlette.responses import Response

from gateway.authentication.dpop import ProofRefusedError
from gateway.oidc.dependencies import ProviderDependencies, oauth_error
from gateway.oidc.endpoints.client_calls import (
    ClientCall,
    http_response,
    limit_by_address,
    proof_refused,
    proven_thumbprint,
)
from gateway.oidc.grants.authlib_server import AuthlibServer, CheckedRequest, GrantResponse, PresentedCredentials
from gateway.oidc.grants.pushed_requests import REFERENCE_LIFE, new_reference, store_pushed
from gateway.oidc.grants.service import GrantRefusal, review

_PER_ADDRESS = 300
"""Requests that one address may push in a quarter of an hour for public clients, since anyone can use their id."""


async def push_request(deps: ProviderDependencies, call: ClientCall) -> Response:
    """Validate and store the request, and return its reference."""
    refusal = await limit_by_address(deps, call, "pushed requests", _PER_ADDRESS)
    if refusal is not None:
        return refusal
    try:
        thumbprint = await proven_thumbprint(deps, call)
    except ProofRefusedError as wrong:
        return proof_refused(deps, wrong)
    # A proof binds the code to its key, as `dpop_jkt` would (RFC 9449, section 10.1).
    named = {"dpop_jkt": thumbprint} if thumbprint else {}
    if call.parameters.get("dpop_jkt", thumbprint) != thumbprint and thumbprint:
        return oauth_error("invalid_request", "The dpop_jkt is that of another key than the proof's.")
    return http_response(await deps.grants.run(push, {**call.parameters, **named}, call.credentials))


def push(server: AuthlibServer, parameters: dict[str, str], credentials: PresentedCredentials) -> GrantResponse:
    """Validate the request as the authorization endpoint does; respond 201, or with the error."""
    request = CheckedRequest("POST", f"{server.mint.issuer}/oauth2/par", parameters, credentials)
    try:
        client = server.authenticate_client(request)
        if "request_uri" in parameters:
            raise InvalidRequestError("A request_uri cannot be pushed.")
    except OAuth2Error as error:
        return server.handle_response(*error())
    reference = new_reference()
    pushed = {**parameters, "client_id": client.row.id, "request_uri": reference}
    reviewed = review(server, pushed, None)
    if isinstance(reviewed, GrantRefusal):
        return GrantResponse(400, {"error": reviewed.error, "error_description": "The request is not acceptable."}, ())
    store_pushed(server, reference, pushed)
    return GrantResponse(201, {"request_uri": reference, "expires_in": int(REFERENCE_LIFE.total_seconds())}, ())
