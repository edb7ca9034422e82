"""`/auth/…`: sign-in, session status and sign-out for web frontends of our own origin."""

from typing import Final
from urllib.parse import urlencode

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.authentication.errors import CrossSiteError, SignInError
from gateway.authentication.same_origin import PAGES_CLIENT, SameOriginPages
from gateway.authentication.web_sessions import ActiveWebSession
from gateway.oidc.dependencies import (
    NO_STORE,
    Handler,
    ProviderDependencies,
    ProviderRoute,
    client_endpoint,
    page_endpoint,
)
from gateway.oidc.html.pages import page_headers
from gateway.oidc.interaction.internal_clients import InternalClient
from gateway.oidc.sessions.web_login import CALLBACK_PATH, WebLogins, page_scopes

LOGIN_PATH: Final = "/auth/login"


class WebPages:
    """The endpoints of web sessions."""

    def __init__(self, logins: WebLogins, pages: SameOriginPages, *, issuer: str) -> None:
        self._logins = logins
        self._pages = pages
        self._client = InternalClient(
            client_id=PAGES_CLIENT,
            callback=issuer + CALLBACK_PATH,
            scopes=tuple(page_scopes()),
            cookie="gerbang-auth",
            https=issuer.startswith("https:"),
        )

    def routes(self, deps: ProviderDependencies) -> list[ProviderRoute]:
        """Return every endpoint."""
        pages: list[tuple[str, Handler]] = [(LOGIN_PATH, self.login), (CALLBACK_PATH, self.callback)]
        return [
            *(ProviderRoute(path, page_endpoint(deps, page), methods=["GET"]) for path, page in pages),
            ProviderRoute("/auth/session", client_endpoint(deps, self.session), methods=["GET"]),
            ProviderRoute("/auth/logout", client_endpoint(deps, self.logout), methods=["POST"]),
        ]

    async def login(self, deps: ProviderDependencies, request: Request) -> Response:
        """`/auth/login`: redirect to the sign-in, and afterwards back to `return_to`, a path of ours.

        `acr=2` requests a second factor. `max_age` requests a sign-in of at most so many seconds ago, even if the
        person is signed in.
        """
        return await self._client.begin(deps, self._logins, request)

    async def callback(self, deps: ProviderDependencies, request: Request) -> Response:
        """`/auth/callback`: exchange the code for a web session with a new id, and redirect back to the page."""
        returned = await self._client.finish(deps, self._logins, request)
        if returned is None:
            return deps.pages.error("ticket")
        response = self._client.clear_cookie(
            RedirectResponse(return_address(returned.return_to, returned.error), 303, page_headers())
        )
        if returned.redeemed is not None:
            session_id = await self._pages.sessions.begin(
                returned.redeemed.grant_id,
                returned.redeemed.subject,
                agent=request.headers.get("user-agent", ""),
                replaced=self._pages.cookie.read(request),
            )
            self._pages.cookie.write(response, session_id)
        return response

    async def session(self, deps: ProviderDependencies, request: Request) -> Response:
        """`/auth/session`: report who is signed in at this browser."""
        del deps
        session = await self._find_session(request)
        if session is None:
            return _json({"signed_in": False})
        principal = session.principal
        return _json(
            {
                "signed_in": True,
                "name": session.display_name,
                "roles": sorted(principal.roles),
                "scopes": sorted(principal.scopes),
                "acr": principal.acr,
                "auth_time": principal.auth_time,
                "idle_until": session.idle_until,
                "ends_at": session.ends_at,
            }
        )

    async def logout(self, deps: ProviderDependencies, request: Request) -> Response:
        """`/auth/logout`: end the web session with its grant, and the whole sign-in that it came from."""
        try:
            session = await self._find_session(request)
        except CrossSiteError:
            return _json({"error": "cross-site"}, 403)
        response = Response(status_code=204, headers=NO_STORE)
        await self._pages.sessions.end(self._pages.cookie.read(request) or "", PAGES_CLIENT)
        if session is not None:
            await deps.sessions.end_by_grant(session.grant_id)
            deps.logout_notifier.wake()
        self._pages.cookie.clear(response)
        return response

    async def _find_session(self, request: Request) -> ActiveWebSession | None:
        """Return the session of this request; None also if its owner became staff and its level is now too low."""
        try:
            return await self._pages.find(request)
        except SignInError:
            return None


def return_address(return_to: str, error: str | None) -> str:
    """Return the address to go back to, with the error as `sign_in` if the sign-in failed."""
    if error is None:
        return return_to
    page, mark, place = return_to.partition("#")
    return f"{page}{'&' if '?' in page else '?'}{urlencode({'sign_in': error})}{mark}{place}"


def _json(content: dict[str, object], status: int = 200) -> Response:
    return Response(to_json(content), status, NO_STORE, media_type="application/json")
