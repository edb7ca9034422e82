"""Units of work of the grants, each in one transaction: review, allow and refuse a request; issue tokens."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749 import OAuth2Error

from gateway.oidc.grants.authlib_server import (
    AuthlibServer,
    CheckedRequest,
    GrantResponse,
    PresentedCredentials,
    SignIn,
    VerifiedProofs,
)
from gateway.oidc.grants.code_and_refresh import new_authlib_server
from gateway.oidc.grants.consents import missing_consents, record_consents
from gateway.oidc.grants.pushed_requests import consume_pushed
from gateway.oidc.tokens.minting import TokenMint
from gateway.policy.scopes import RELEASE_SCOPE, allowed_to
from gateway.storage.engine import Database
from gateway.storage.tables.clients import ClientRow

P = ParamSpec("P")
T = TypeVar("T")

_PROMPTS = frozenset({"none", "login", "consent", "select_account"})
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_MAX_AGE = re.compile(r"[0-9]{1,9}", re.ASCII)


class GrantService:
    """Runs units of work over Authlib in a thread, and commits their changes at the end."""

    def __init__(self, database: Database, mint: Callable[[], Awaitable[TokenMint]]) -> None:
        self._database = database
        self._mint = mint
        self._threads = CapacityLimiter(8)

    async def run(self, work: Callable[Concatenate[AuthlibServer, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return the result of `work`, called with a new `AuthlibServer`."""

        mint = await self._mint()

        def in_thread() -> T:
            with self._database.sync_session() as session:
                return work(new_authlib_server(session, mint), *args, **kwargs)

        return await to_thread.run_sync(in_thread, limiter=self._threads)


@dataclass(frozen=True, slots=True)
class GrantRefusal:
    """The refusal of an authorization request. `location` is None if an error page must be shown instead."""

    error: str
    location: str | None


@dataclass(frozen=True, slots=True)
class AuthorizationReview:
    """A valid request: titles of the client, the scopes to grant, and those that lack consent (`missing`).

    `legal_basis` is the law under which the client may receive the NIK, if that scope is to be granted.
    """

    titles: dict[str, str]
    public: bool
    scopes: tuple[str, ...]
    missing: tuple[str, ...]
    legal_basis: str | None = None


def review(
    server: AuthlibServer, parameters: dict[str, str], sign_in: SignIn | None
) -> AuthorizationReview | GrantRefusal:
    """Validate an authorization request; without a `sign_in`, for any person."""
    request = _authorization(server, parameters)
    try:
        server.get_consent_grant(request, end_user=sign_in)
    except OAuth2Error as error:
        return _refusal(server, error)
    client, requested = request.client.row, request.scope.split()
    unsupported = _unsupported(parameters, client)
    if unsupported:
        return refuse(server, parameters, unsupported)
    titles = {"id": client.title_id, "en": client.title_en}
    if sign_in is None:
        return AuthorizationReview(titles, client.public, tuple(requested), tuple(requested))
    held = allowed_to(sign_in.roles, requested)
    scopes = tuple(scope for scope in requested if scope in held)
    if not scopes:
        return refuse(server, parameters, "access_denied")
    missing = missing_consents(server.session, sign_in.account_id, client.id, scopes)
    legal_basis = client.nik_legal_basis if RELEASE_SCOPE in scopes else None
    return AuthorizationReview(titles, client.public, scopes, tuple(missing), legal_basis)


def allow(server: AuthlibServer, parameters: dict[str, str], sign_in: SignIn) -> str | GrantRefusal:
    """Store the consent, and return the redirect address with the code."""
    reviewed = review(server, parameters, sign_in)
    if isinstance(reviewed, GrantRefusal):
        return reviewed
    if not consume_pushed(server, parameters):
        return GrantRefusal("invalid_request", None)
    record_consents(server.session, sign_in.account_id, parameters["client_id"], reviewed.missing, server.mint.clock())
    request = _authorization(server, parameters)
    grant = server.get_consent_grant(request, end_user=sign_in)
    answer: GrantResponse = server.create_authorization_response(request, grant_user=sign_in, grant=grant)
    if answer.location is None:
        return GrantRefusal("server_error", None)
    return _with_issuer(server, answer.location)


def refuse(server: AuthlibServer, parameters: dict[str, str], error: str) -> GrantRefusal:
    """Build an error for the client's redirect address, which is validated again before its use."""
    request = _authorization(server, parameters)
    try:
        grant = server.get_consent_grant(request)
    except OAuth2Error as invalid:
        return _refusal(server, invalid)
    if not consume_pushed(server, parameters):
        return GrantRefusal(error, None)
    refusal = OAuth2Error(error=error, state=parameters.get("state"), redirect_uri=grant.redirect_uri)
    return _refusal(server, refusal)


def token(
    server: AuthlibServer, parameters: dict[str, str], credentials: PresentedCredentials, proofs: VerifiedProofs
) -> GrantResponse:
    """Handle a token request."""
    uri = f"{server.mint.issuer}/oauth2/token"
    answer: GrantResponse = server.create_token_response(CheckedRequest("POST", uri, parameters, credentials, proofs))
    return answer


def _authorization(server: AuthlibServer, parameters: dict[str, str]) -> CheckedRequest:
    return CheckedRequest("GET", f"{server.mint.issuer}/oauth2/authorize", parameters)


def _refusal(server: AuthlibServer, error: OAuth2Error) -> GrantRefusal:
    if not error.redirect_uri:
        return GrantRefusal(error.error, None)
    answer = server.handle_response(*error())
    return GrantRefusal(error.error, _with_issuer(server, answer.location or error.redirect_uri))


def _with_issuer(server: AuthlibServer, location: str) -> str:
    """Add `iss` to a redirect, as RFC 9207 requires for every authorization response."""
    return str(add_params_to_uri(location, [("iss", server.mint.issuer)]))


def _unsupported(parameters: dict[str, str], client: ClientRow) -> str | None:
    """Return the error code for an OpenID Connect feature that is not supported here; None without one."""
    if "request" in parameters:
        return "request_not_supported"
    if not client.public and "request_uri" not in parameters:
        return "invalid_request"
    prompts = frozenset(parameters.get("prompt", "").split())
    contradicts = not prompts <= _PROMPTS or ("none" in prompts and len(prompts) > 1)
    age = parameters.get("max_age", "0")
    key = parameters.get("dpop_jkt")
    if contradicts or not _MAX_AGE.fullmatch(age) or parameters.get("response_mode", "query") != "query":
        return "invalid_request"
    return "invalid_request" if key is not None and not _THUMBPRINT.fullmatch(key) else None
