"""`/auth/…`: web frontends of our own origin sign people in, ask who is signed in, and sign them out."""

import re
from typing import Final
from urllib.parse import urlencode

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.provider.authorize import CONSENT_PATH, refused, to_page
from gateway.provider.flow import Refusal
from gateway.provider.guard import ParametersRefusedError, read_parameters
from gateway.provider.pages import page_headers
from gateway.provider.parts import NO_STORE, Handler, Parts, shown, spoken
from gateway.provider.web_login import CALLBACK_PATH, CLIENT_ID, LOGIN_LIFE, WebLogins, asked_scopes, push, redeem
from gateway.sso.errors import CrossSiteError
from gateway.sso.web_sessions import WebSessions

LOGIN_PARAMETERS: Final = frozenset({"return_to", "acr", "lang"})
CALLBACK_PARAMETERS: Final = frozenset({"code", "state", "iss", "error", "error_description"})

_MAX_QUERY: Final = 4096
_RETURN_TO: Final = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*", re.ASCII)


class WebPages:
    """The endpoints of web sessions."""

    def __init__(self, logins: WebLogins, sessions: WebSessions, *, https: bool) -> None:
        self._logins = logins
        self._sessions = sessions
        self._https = https
        self._name = "__Host-gerbang-auth" if https else "gerbang-auth"

    def routes(self, parts: Parts) -> list[Route]:
        """Every endpoint."""
        pages: list[tuple[str, Handler]] = [("/auth/login", self.login), (CALLBACK_PATH, self.callback)]
        return [
            *(Route(path, shown(parts, page), methods=["GET"]) for path, page in pages),
            Route("/auth/session", spoken(parts, self.session), methods=["GET"]),
            Route("/auth/logout", spoken(parts, self.logout), methods=["POST"]),
        ]

    async def login(self, parts: Parts, request: Request) -> Response:
        """`/auth/login`: off to the sign-in, and back to `return_to`, a path of ours.

        `acr=2` asks for a second factor, also of somebody who is signed in already.
        """
        try:
            asked = read_parameters(request.scope["query_string"], LOGIN_PARAMETERS, _MAX_QUERY)
        except ParametersRefusedError:
            return parts.pages.error("request")
        return_to, acr = asked.get("return_to", "/"), asked.get("acr", "1")
        if not _RETURN_TO.fullmatch(return_to) or acr not in {"1", "2"}:
            return parts.pages.error("request")
        login, sealed = self._logins.begin(return_to)
        parameters = {
            "client_id": CLIENT_ID,
            "response_type": "code",
            "redirect_uri": parts.issuer + CALLBACK_PATH,
            "scope": " ".join(asked_scopes()),
            "state": login.state,
            "code_challenge": login.challenge,
            "code_challenge_method": "S256",
            **({"acr_values": acr} if acr != "1" else {}),
        }
        pushed = await parts.grants.run(push, parameters)
        if isinstance(pushed, Refusal):
            return refused(parts, pushed)
        response = to_page(CONSENT_PATH, parts.tickets.seal(pushed), asked.get("lang"))
        response.set_cookie(
            self._name,
            sealed,
            max_age=int(LOGIN_LIFE.total_seconds()),
            path="/",
            secure=self._https,
            httponly=True,
            samesite="lax",
        )
        return response

    async def callback(self, parts: Parts, request: Request) -> Response:
        """`/auth/callback`: the code becomes a web session, under a new id, and the browser goes back to its page."""
        try:
            told = read_parameters(request.scope["query_string"], CALLBACK_PARAMETERS, _MAX_QUERY)
        except ParametersRefusedError:
            return parts.pages.error("request")
        login = self._logins.open(request.cookies.get(self._name, ""), told.get("state", ""))
        if login is None or told.get("iss") != parts.issuer:
            return parts.pages.error("ticket")
        if "code" not in told:
            return self._back(login.return_to, told.get("error", "server_error"))
        redeemed = await parts.grants.run(redeem, told["code"], login.verifier)
        if redeemed is None:
            return parts.pages.error("ticket")
        response = self._back(login.return_to, None)
        session_id = await self._sessions.begin(
            redeemed.grant_id,
            redeemed.subject,
            agent=request.headers.get("user-agent", ""),
            replaced=self._sessions.cookie.read(request),
        )
        self._sessions.cookie.write(response, session_id)
        return response

    async def session(self, parts: Parts, request: Request) -> Response:
        """`/auth/session`: who is signed in at this browser, for the page that shows it."""
        del parts
        living = await self._sessions.find(request)
        if living is None:
            return _json({"signed_in": False})
        principal = living.principal
        return _json(
            {
                "signed_in": True,
                "name": living.display_name,
                "roles": sorted(principal.roles),
                "scopes": sorted(principal.scopes),
                "acr": principal.acr,
                "auth_time": principal.auth_time,
                "idle_until": living.idle_until,
                "ends_at": living.ends_at,
            }
        )

    async def logout(self, parts: Parts, request: Request) -> Response:
        """`/auth/logout`: ends the web session with its grant, and the sign-in of this browser at the provider."""
        try:
            living = await self._sessions.find(request)
        except CrossSiteError:
            return _json({"error": "cross-site"}, 403)
        response = Response(status_code=204, headers=NO_STORE)
        if living is not None:
            await self._sessions.end(self._sessions.cookie.read(request) or "")
            await parts.sessions.end(parts.browsers.read(request))
        self._sessions.cookie.clear(response)
        return response

    def _back(self, return_to: str, error: str | None) -> Response:
        separator = "&" if "?" in return_to else "?"
        location = f"{return_to}{separator}{urlencode({'sign_in': error})}" if error else return_to
        response = RedirectResponse(location, 303, page_headers())
        response.delete_cookie(self._name, path="/", secure=self._https, httponly=True, samesite="lax")
        return response


def _json(content: dict[str, object], status: int = 200) -> Response:
    return Response(to_json(content), status, NO_STORE, media_type="application/json")
