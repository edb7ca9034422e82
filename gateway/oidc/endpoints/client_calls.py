"""Requests that clients send to us directly: their parameters, and client authentication by exactly one method."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.authentication.dpop import ProofRefusedError, dpop_request
from gateway.authentication.jose import TokenRefusedError
from gateway.ground.client_address import client_network
from gateway.oidc.clients.private_key_jwt import ASSERTION_TYPE
from gateway.oidc.dependencies import NO_STORE, Handler, ProviderDependencies, oauth_error
from gateway.oidc.grants.authlib_server import NO_CREDENTIALS, GrantResponse, PresentedCredentials
from gateway.oidc.grants.parameters import (
    PROOF_PARAMETERS,
    ParametersRefusedError,
    read_basic,
    read_form,
    read_parameters,
)

_FORWARDED_HEADERS = frozenset({"www-authenticate", "retry-after"})
_BASIC = {"WWW-Authenticate": 'Basic realm="gerbang"'}


@dataclass(frozen=True, slots=True)
class ClientCall:
    """A client's request with its parameters and credentials. The credentials are checked where they are used."""

    request: Request
    parameters: dict[str, str]
    credentials: PresentedCredentials


class _ClientAuthenticationError(Exception):
    """The client authentication is unreadable or invalid."""


def client_call_endpoint(
    work: Callable[[ProviderDependencies, ClientCall], Awaitable[Response]], known: frozenset[str]
) -> Handler:
    """Build an endpoint that clients call with these parameters."""

    async def endpoint(deps: ProviderDependencies, request: Request) -> Response:
        try:
            return await work(deps, await _read(deps, request, known))
        except ParametersRefusedError as refusal:
            return oauth_error("invalid_request", str(refusal))
        except _ClientAuthenticationError:
            return _client_refused()

    return endpoint


async def limit_by_address(deps: ProviderDependencies, call: ClientCall, kind: str, limit: int) -> Response | None:
    """Limit the calls of one address to `limit` in a quarter of an hour; return the refusal (429), or None.

    Only calls of public clients count, since anyone can use their id.
    """
    if call.credentials != NO_CREDENTIALS:
        return None
    address = client_network(call.request.client.host if call.request.client else "")
    wait = await deps.accounts.guesses.attempt([(f"{kind} from {address}", limit)])
    if wait is None:
        return None
    response = oauth_error("temporarily_unavailable", "Too many of these calls came from this address.", 429)
    response.headers["Retry-After"] = str(int(wait) + 1)
    return response


async def proven_thumbprint(deps: ProviderDependencies, call: ClientCall) -> str | None:
    """Return the thumbprint of the key that the caller proves to hold; None without a proof; or `ProofRefusedError`."""
    dpop = dpop_request(call.request)
    return await deps.proofs(dpop) if dpop.proofs else None


def proof_refused(deps: ProviderDependencies, refusal: ProofRefusedError) -> Response:
    """Build the response to a refused proof (RFC 9449, sections 5 and 8)."""
    message = str(refusal)
    response = oauth_error(refusal.error, f"{message[:1].upper()}{message[1:]}.")
    response.headers.update(deps.proofs.nonces.headers())
    return response


def http_response(answer: GrantResponse) -> Response:
    """Convert a grant response to an HTTP response that is not cached."""
    headers = {name: value for name, value in answer.headers if name.lower() in _FORWARDED_HEADERS}
    return JSONResponse(answer.body, answer.status, {**NO_STORE, **headers})


async def _read(deps: ProviderDependencies, request: Request, known: frozenset[str]) -> ClientCall:
    basic = _basic(request.headers)
    parameters = read_parameters(await read_form(request), known | PROOF_PARAMETERS)
    text, kind = parameters.pop("client_assertion", None), parameters.pop("client_assertion_type", None)
    if text is None and kind is None:
        return ClientCall(request, parameters, PresentedCredentials(basic))
    if text is None or kind != ASSERTION_TYPE:
        raise _ClientAuthenticationError
    try:
        return ClientCall(
            request, parameters, PresentedCredentials(basic, await deps.assertions.verify_assertion(text))
        )
    except TokenRefusedError:
        raise _ClientAuthenticationError from None


def _basic(headers: Headers) -> tuple[str, str] | None:
    given = headers.getlist("authorization")
    try:
        return read_basic(given[0] if len(given) == 1 else ",".join(given) or None)
    except ParametersRefusedError:
        raise _ClientAuthenticationError from None


def _client_refused() -> Response:
    response = oauth_error("invalid_client", "Client authentication failed.", 401)
    response.headers.update(_BASIC)
    return response
