"""`/oauth2/par`: pushed authorization requests (RFC 9126); mandatory for confidential clients."""

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error
from starlette.responses import Response

from gateway.authentication.dpop import ProofRefusedError
from gateway.oidc.dependencies import ProviderDependencies, oauth_error
from gateway.oidc.endpoints.client_calls import ClientCall, proof_refused, proven_key, spoken_answer, too_often
from gateway.oidc.grants.authlib_server import AuthlibServer, GrantResponse, GuardedRequest, PresentedCredentials
from gateway.oidc.grants.pushed_requests import REFERENCE_LIFE, keep_pushed, new_reference
from gateway.oidc.grants.service import GrantRefusal, review

_PER_ADDRESS = 300
"""Requests that one address may push in a quarter of an hour for public clients, since anyone can use their id."""


async def push_request(parts: ProviderDependencies, call: ClientCall) -> Response:
    """Validate and store the request, and return its reference."""
    refusal = await too_often(parts, call, "pushed requests", _PER_ADDRESS)
    if refusal is not None:
        return refusal
    try:
        thumbprint = await proven_key(parts, call)
    except ProofRefusedError as wrong:
        return proof_refused(parts, wrong)
    # A proof binds the code to its key, as `dpop_jkt` would (RFC 9449, section 10.1).
    named = {"dpop_jkt": thumbprint} if thumbprint else {}
    if call.parameters.get("dpop_jkt", thumbprint) != thumbprint and thumbprint:
        return oauth_error("invalid_request", "The dpop_jkt is that of another key than the proof's.")
    return spoken_answer(await parts.grants.run(push, {**call.parameters, **named}, call.credentials))


def push(machine: AuthlibServer, parameters: dict[str, str], credentials: PresentedCredentials) -> GrantResponse:
    """Validate the request as the authorization endpoint does; respond 201, or with the error."""
    request = GuardedRequest("POST", f"{machine.mint.issuer}/oauth2/par", parameters, credentials)
    try:
        client = machine.authenticate_client(request)
        if "request_uri" in parameters:
            raise InvalidRequestError("A request_uri cannot be pushed.")
    except OAuth2Error as error:
        return machine.handle_response(*error())
    reference = new_reference()
    pushed = {**parameters, "client_id": client.row.id, "request_uri": reference}
    judged = review(machine, pushed, None)
    if isinstance(judged, GrantRefusal):
        return GrantResponse(400, {"error": judged.error, "error_description": "The request is not acceptable."}, ())
    keep_pushed(machine, reference, pushed)
    return GrantResponse(201, {"request_uri": reference, "expires_in": int(REFERENCE_LIFE.total_seconds())}, ())
