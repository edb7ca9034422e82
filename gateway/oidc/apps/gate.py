"""`/auth/apps/{app}/…`: sign-in for agencies' applications that do not support OpenID.

Behind a reverse proxy (W2): the proxy calls `check` for each request and forwards only what `check` allows. Its path
`/_gerbang/` leads to the other endpoints here, so that the cookie belongs to the application's own host. With tickets
(W3): `open` starts the sign-in and sends the application a ticket, which it redeems itself.
"""

import uuid
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.authentication.errors import SignInError
from gateway.authentication.principals import PrincipalResolver
from gateway.authentication.web_sessions import ActiveWebSession, WebCookie, WebSessions
from gateway.oidc.apps.identity import identity, sign_identity
from gateway.oidc.apps.tickets import TICKET_PARAMETERS, new_ticket, redeem_ticket
from gateway.oidc.clients.addresses import PROXY_PATH
from gateway.oidc.dependencies import (
    NO_STORE,
    ProviderDependencies,
    ProviderRoute,
    client_endpoint,
    oauth_error,
    page_endpoint,
)
from gateway.oidc.endpoints.client_calls import ClientCall, client_call_endpoint, http_response
from gateway.oidc.endpoints.web_sign_in import return_address
from gateway.oidc.html.pages import page_headers
from gateway.oidc.interaction.internal_clients import InternalClient, ReturnedSignIn
from gateway.oidc.sessions.web_login import WebLogins
from gateway.storage.tables.clients import ClientRow
from gateway.storage.tables.legacy_apps import LegacyAppRow

IDENTITY_HEADER: Final = "Gerbang-Identity"

_NOT_SIGNED_IN: Final = {**NO_STORE, "WWW-Authenticate": 'Gerbang realm="gerbang"'}


class AppGate:
    """The endpoints of agencies' applications."""

    def __init__(self, logins: WebLogins, sessions: WebSessions, people: PrincipalResolver) -> None:
        self._logins = logins
        self._sessions = sessions
        self._people = people

    def routes(self, deps: ProviderDependencies) -> list[ProviderRoute]:
        """Return every endpoint."""
        base = "/auth/apps/{app}"
        return [
            ProviderRoute(f"{base}/login", page_endpoint(deps, self.begin), methods=["GET"]),
            ProviderRoute(f"{base}/open", page_endpoint(deps, self.begin), methods=["GET"]),
            ProviderRoute(f"{base}/callback", page_endpoint(deps, self.callback), methods=["GET"]),
            ProviderRoute(f"{base}/check", client_endpoint(deps, self.check), methods=["GET"]),
            ProviderRoute(f"{base}/logout", page_endpoint(deps, self.logout), methods=["POST"]),
            ProviderRoute(
                "/oauth2/ticket",
                client_endpoint(deps, client_call_endpoint(self.ticket, TICKET_PARAMETERS)),
                methods=["POST"],
            ),
        ]

    async def begin(self, deps: ProviderDependencies, request: Request) -> Response:
        """Handle `login` (behind the proxy) and `open` (at our own address): redirect to the sign-in."""
        registered = await self._find(deps, request)
        return await registered.internal_client.begin(deps, self._logins, request) if registered else _unknown(deps)

    async def callback(self, deps: ProviderDependencies, request: Request) -> Response:
        """`callback`: exchange the code for a session behind the proxy, or for a ticket for the application."""
        registered = await self._find(deps, request)
        if registered is None:
            return _unknown(deps)
        returned = await registered.internal_client.finish(deps, self._logins, request)
        if returned is None:
            return deps.pages.error("ticket")
        return registered.internal_client.clear_cookie(
            await self._begin_session(registered, returned, request)
            if registered.app.ticket_uri is None
            else await self._issue_ticket(deps, registered.app, returned, registered.app.ticket_uri)
        )

    async def check(self, deps: ProviderDependencies, request: Request) -> Response:
        """`check`: respond 200 with the signed identity of the person who is signed in at this browser; else 401.

        With `?redirect=1`, for proxies that pass our response to the browser (Caddy, Traefik), redirect to the sign-in.
        """
        registered = await self._find(deps, request)
        session = await self._find_session(registered, request) if registered else None
        if registered and session:
            claims = identity(session.principal, session.display_name)
            signed = sign_identity(
                deps.keys.signing(),
                claims,
                issuer=deps.issuer,
                application=registered.app.client_id,
                at=int(deps.clock().timestamp()),
                number=str(uuid.uuid4()),
            )
            return Response(headers={**NO_STORE, IDENTITY_HEADER: signed, "Remote-User": claims["sub"]})
        if registered and request.query_params.get("redirect") == "1":
            return_to = request.headers.get("x-forwarded-uri", "/")
            return RedirectResponse(f"{PROXY_PATH}/login?{urlencode({'return_to': return_to})}", 303, NO_STORE)
        return Response(status_code=401, headers=_NOT_SIGNED_IN)

    async def logout(self, deps: ProviderDependencies, request: Request) -> Response:
        """`logout`: end the session and grant of this application; called by a form of its own page."""
        registered = await self._find(deps, request)
        if registered is None:
            return _unknown(deps)
        origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
        if origin not in {None, registered.app.origin} or site not in {None, "same-origin"}:
            return deps.pages.error("form", 403)
        session_id = registered.cookie.read(request)
        if session_id is not None:
            await self._sessions.end(session_id, registered.app.client_id)
        response = RedirectResponse("/", 303, page_headers())
        registered.cookie.clear(response)
        return response

    async def ticket(self, deps: ProviderDependencies, call: ClientCall) -> Response:
        """`/oauth2/ticket`: the application redeems a ticket for the person's identity."""
        if "ticket" not in call.parameters:
            return oauth_error("invalid_request", "The ticket is missing.")
        return http_response(await deps.grants.run(redeem_ticket, self._people, call.parameters, call.credentials))

    async def _find(self, deps: ProviderDependencies, request: Request) -> "_RegisteredApp | None":
        name = request.path_params["app"]
        if not name.isprintable():
            return None  # PostgreSQL accepts no zero character, not even in a query
        async with deps.database.session() as session:
            app = await session.get(LegacyAppRow, name)
            client = await session.get(ClientRow, app.client_id) if app else None
        if app is None or client is None or not client.is_active(deps.clock()):
            return None
        return _RegisteredApp(app, client, deps.issuer)

    async def _find_session(self, registered: "_RegisteredApp", request: Request) -> ActiveWebSession | None:
        session_id = registered.cookie.read(request)
        try:
            session = await self._sessions.find(session_id, registered.app.client_id) if session_id else None
        except SignInError:
            return None
        return session if session and session.principal.acr >= registered.app.acr else None

    async def _begin_session(
        self, registered: "_RegisteredApp", returned: ReturnedSignIn, request: Request
    ) -> Response:
        response = RedirectResponse(return_address(returned.return_to, returned.error), 303, page_headers())
        if returned.redeemed is not None:
            session_id = await self._sessions.begin(
                returned.redeemed.grant_id,
                returned.redeemed.subject,
                agent=request.headers.get("user-agent", ""),
                replaced=registered.cookie.read(request),
            )
            registered.cookie.write(response, session_id)
        return response

    async def _issue_ticket(
        self, deps: ProviderDependencies, app: LegacyAppRow, returned: ReturnedSignIn, address: str
    ) -> Response:
        query = {"sign_in": returned.error or ""}
        if returned.redeemed is not None:
            ticket = await deps.grants.run(new_ticket, app.client_id, returned.redeemed)
            query = {"ticket": ticket, "return_to": returned.return_to}
        separator = "&" if "?" in address else "?"
        return RedirectResponse(f"{address}{separator}{urlencode(query)}", 303, page_headers())


class _RegisteredApp:
    """An active application, with its internal client and its session cookie."""

    def __init__(self, app: LegacyAppRow, client: ClientRow, issuer: str) -> None:
        self.app = app
        base = app.origin or issuer
        https = base.startswith("https:")
        self.cookie = WebCookie(f"gerbang-app-{app.client_id}", https=https)
        self.internal_client = InternalClient(
            client_id=app.client_id,
            callback=client.redirect_uris[0],
            scopes=tuple(client.scopes),
            cookie=f"gerbang-auth-{app.client_id}",
            https=https,
            acr=app.acr,
            cross_origin=app.origin is not None,
        )


def _unknown(deps: ProviderDependencies) -> Response:
    return deps.pages.error("client", 404)
