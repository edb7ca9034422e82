"""Dependencies of the provider's endpoints, and the error handling around each endpoint."""

import logging
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match, Route
from starlette.types import Scope

from gateway.authentication.dpop import DpopVerifier
from gateway.ground.clock import Clock
from gateway.ground.sealing import Sealer
from gateway.identity.accounts import Accounts
from gateway.oidc.clients.private_key_jwt import ClientAssertions
from gateway.oidc.external.broker import Broker
from gateway.oidc.grants.service import GrantService
from gateway.oidc.html.pages import PageRenderer
from gateway.oidc.sessions.browsers import Browsers, KnownBrowsers
from gateway.oidc.sessions.login_sessions import LoginSessions
from gateway.oidc.sessions.logout_notifier import LogoutNotifier
from gateway.oidc.sessions.tickets import SignInTickets
from gateway.oidc.tokens.signing_keys import SigningKeys
from gateway.storage.engine import UNAVAILABLE, Database
from gateway.storage.tables.accounts import AccountRow

log = logging.getLogger(__name__)

_RETRY_SECONDS: Final = "5"

Endpoint = Callable[[Request], Awaitable[Response]]

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache", "X-Content-Type-Options": "nosniff"}


class ProviderRoute(Route):
    """A route that is named in the scope, as FastAPI does for its own: for the request log and the metrics."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match a request, and name this route in its scope."""
        match, child_scope = super().matches(scope)
        if match is not Match.NONE:
            child_scope["route"] = self
        return match, child_scope


class EarlyResponseError(Exception):
    """Ends the request with `response`; the rest of the handler is skipped."""

    def __init__(self, response: Response) -> None:
        super().__init__("the request is answered")
        self.response = response


@dataclass(frozen=True, slots=True)
class ProviderDependencies:
    """Dependencies of the provider's endpoints."""

    issuer: str
    clock: Clock
    database: Database
    keys: SigningKeys
    grants: GrantService
    assertions: ClientAssertions
    tickets: SignInTickets
    browsers: Browsers
    known_browsers: KnownBrowsers
    sessions: LoginSessions
    accounts: Accounts
    pages: PageRenderer
    proofs: DpopVerifier
    logout_notifier: LogoutNotifier
    sealer: Sealer
    broker: Broker | None = None

    @property
    def embedded(self) -> bool:
        """Whether people sign in at our own pages, not at an external provider."""
        return self.broker is None

    def posted_from_our_page(self, request: Request) -> bool:
        """Whether a form was posted from one of our pages, as far as the browser's headers show."""
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        origin = request.headers.get("origin")
        parts = urlsplit(self.issuer)
        return origin is None or origin == f"{parts.scheme}://{parts.netloc}"

    async def username(self, account_id: str) -> str:
        """Return the account's username, as shown by authenticator apps and devices."""
        async with self.database.session() as session:
            return (await session.get_one(AccountRow, account_id)).username


Handler = Callable[[ProviderDependencies, Request], Awaitable[Response]]


def oauth_error(error: str, description: str, status: int = 400) -> JSONResponse:
    """Build an error response in the form of RFC 6749."""
    return JSONResponse({"error": error, "error_description": description}, status, NO_STORE)


def page_endpoint(deps: ProviderDependencies, endpoint: Handler) -> Endpoint:
    """Wrap a page handler: an unhandled error becomes an error page."""
    return _with_error_responses(
        deps, endpoint, lambda: deps.pages.error("server", 500), lambda: deps.pages.error("server", 503)
    )


def client_endpoint(deps: ProviderDependencies, endpoint: Handler) -> Endpoint:
    """Wrap a client-facing handler: an unhandled error becomes an OAuth error."""
    return _with_error_responses(
        deps,
        endpoint,
        lambda: oauth_error("server_error", "The server could not answer.", 500),
        lambda: oauth_error("temporarily_unavailable", "The server's database does not answer.", 503),
    )


def _with_error_responses(
    deps: ProviderDependencies, endpoint: Handler, failure: Callable[[], Response], unavailable: Callable[[], Response]
) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(deps, request)
        except EarlyResponseError as answered:
            return answered.response
        except HTTPException:
            raise  # the body is too large or incomplete: the application-wide handler answers
        except UNAVAILABLE as error:
            _log_failure(error, request)
            response = unavailable()
            response.headers["Retry-After"] = _RETRY_SECONDS
            return response
        except Exception as error:  # noqa: BLE001 - last handler: no detail of the error may leave the gateway
            _log_failure(error, request)
            return failure()

    return answer


def _log_failure(error: Exception, request: Request) -> None:
    """Log the place and type of the error, but not its message: database drivers include parameters in it."""
    route = getattr(request.scope.get("route"), "path", "-")
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(last.filename).name}:{last.lineno}"
    log.error("provider failed", extra={"error": type(error).__name__, "reason": where, "route": route})
