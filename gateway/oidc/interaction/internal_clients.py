"""Redirects and callbacks of the clients inside the gateway: our own pages, and agencies' applications.

They use the same flow as every client (consent, code, PKCE), but the code is redeemed in process, so that no token
exists that could be stolen.
"""

import re
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.oidc.dependencies import ProviderDependencies
from gateway.oidc.grants.parameters import ParametersRefusedError, read_parameters
from gateway.oidc.grants.service import GrantRefusal
from gateway.oidc.html.pages import page_headers
from gateway.oidc.interaction.redirects import CONSENT_PATH, page_address, refusal_response
from gateway.oidc.sessions.web_login import LOGIN_LIFE, RedeemedCode, WebLogins, push, redeem

BEGIN_PARAMETERS: Final = frozenset({"return_to", "acr", "max_age", "lang"})
CALLBACK_PARAMETERS: Final = frozenset({"code", "state", "iss", "error", "error_description"})

_MAX_QUERY: Final = 4096
_RETURN_TO: Final = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*", re.ASCII)

_AGE: Final = re.compile(r"[0-9]{1,6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ReturnedSignIn:
    """A sign-in that returned to its callback: the path to go back to, and the redeemed code or the OAuth error."""

    return_to: str
    redeemed: RedeemedCode | None
    error: str | None


@dataclass(frozen=True, slots=True)
class InternalClient:
    """A client inside the gateway: its id, callback, scopes and lowest level.

    `cookie` binds the sign-in to the browser that began it; `https`: that browser uses https. `cross_origin`: the
    browser begins at another host than ours.
    """

    client_id: str
    callback: str
    scopes: tuple[str, ...]
    cookie: str
    https: bool
    acr: int = 1
    cross_origin: bool = False

    @property
    def _name(self) -> str:
        return f"__Host-{self.cookie}" if self.https else self.cookie

    async def begin(self, deps: ProviderDependencies, logins: WebLogins, request: Request) -> Response:
        """Redirect the browser to the sign-in; `return_to` is a path, `acr` may raise the level.

        `max_age` is the largest age of the sign-in in seconds, even if the person is signed in.
        """
        try:
            query = read_parameters(request.scope["query_string"], BEGIN_PARAMETERS, _MAX_QUERY)
        except ParametersRefusedError:
            return deps.pages.error("request")
        return_to, acr = query.get("return_to", "/"), query.get("acr", "1")
        if (
            not _RETURN_TO.fullmatch(return_to)
            or acr not in {"1", "2"}
            or not _AGE.fullmatch(query.get("max_age", "0"))
        ):
            return deps.pages.error("request")
        login, sealed = logins.begin(return_to)
        level = max(self.acr, int(acr))
        parameters = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": self.callback,
            "scope": " ".join(self.scopes),
            "state": login.state,
            "code_challenge": login.challenge,
            "code_challenge_method": "S256",
            **({"acr_values": str(level)} if level > 1 else {}),
            **{name: value for name, value in query.items() if name == "max_age"},
        }
        pushed = await deps.grants.run(push, parameters)
        if isinstance(pushed, GrantRefusal):
            return refusal_response(deps, pushed)
        base = deps.issuer if self.cross_origin else ""
        address = base + page_address(CONSENT_PATH, deps.tickets.seal(pushed), query.get("lang"))
        response = RedirectResponse(address, 303, page_headers())
        response.set_cookie(
            self._name,
            sealed,
            max_age=int(LOGIN_LIFE.total_seconds()),
            path="/",
            secure=self.https,
            httponly=True,
            samesite="lax",
        )
        return response

    async def finish(self, deps: ProviderDependencies, logins: WebLogins, request: Request) -> ReturnedSignIn | None:
        """Read the callback of the browser that began the sign-in; None if it is not ours or has expired."""
        try:
            parameters = read_parameters(request.scope["query_string"], CALLBACK_PARAMETERS, _MAX_QUERY)
        except ParametersRefusedError:
            return None
        login = logins.open(request.cookies.get(self._name, ""), parameters.get("state", ""))
        if login is None or parameters.get("iss") != deps.issuer:
            return None
        if "code" not in parameters:
            return ReturnedSignIn(login.return_to, None, parameters.get("error", "server_error"))
        redeemed = await deps.grants.run(redeem, self.client_id, parameters["code"], login.verifier)
        return ReturnedSignIn(login.return_to, redeemed, None) if redeemed else None

    def clear_cookie(self, response: Response) -> Response:
        """Delete the cookie of a sign-in that has ended."""
        response.delete_cookie(self._name, path="/", secure=self.https, httponly=True, samesite="lax")
        return response
