"""Sign-ins whose code is redeemed inside the gateway: our own pages, and agencies' applications without OpenID.

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
from gateway.oidc.interaction.redirects import CONSENT_PATH, page_address, refused
from gateway.oidc.sessions.web_login import LOGIN_LIFE, RedeemedCode, WebLogins, push, redeem

BEGIN_PARAMETERS: Final = frozenset({"return_to", "acr", "max_age", "lang"})
LAND_PARAMETERS: Final = frozenset({"code", "state", "iss", "error", "error_description"})

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

    `cookie` binds the sign-in to the browser that began it; `https`: that browser uses https. `elsewhere`: the browser
    begins at another host than ours.
    """

    client_id: str
    callback: str
    scopes: tuple[str, ...]
    cookie: str
    https: bool
    acr: int = 1
    elsewhere: bool = False

    @property
    def _name(self) -> str:
        return f"__Host-{self.cookie}" if self.https else self.cookie

    async def begin(self, parts: ProviderDependencies, logins: WebLogins, request: Request) -> Response:
        """Redirect the browser to the sign-in; `return_to` is a path, `acr` may raise the level.

        `max_age` is the largest age of the sign-in in seconds, even if the person is signed in.
        """
        try:
            asked = read_parameters(request.scope["query_string"], BEGIN_PARAMETERS, _MAX_QUERY)
        except ParametersRefusedError:
            return parts.pages.error("request")
        return_to, acr = asked.get("return_to", "/"), asked.get("acr", "1")
        if (
            not _RETURN_TO.fullmatch(return_to)
            or acr not in {"1", "2"}
            or not _AGE.fullmatch(asked.get("max_age", "0"))
        ):
            return parts.pages.error("request")
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
            **{name: value for name, value in asked.items() if name == "max_age"},
        }
        pushed = await parts.grants.run(push, parameters)
        if isinstance(pushed, GrantRefusal):
            return refused(parts, pushed)
        base = parts.issuer if self.elsewhere else ""
        address = base + page_address(CONSENT_PATH, parts.tickets.seal(pushed), asked.get("lang"))
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

    async def land(self, parts: ProviderDependencies, logins: WebLogins, request: Request) -> ReturnedSignIn | None:
        """Read the callback of the browser that began the sign-in; None if it is not ours or has expired."""
        try:
            told = read_parameters(request.scope["query_string"], LAND_PARAMETERS, _MAX_QUERY)
        except ParametersRefusedError:
            return None
        login = logins.open(request.cookies.get(self._name, ""), told.get("state", ""))
        if login is None or told.get("iss") != parts.issuer:
            return None
        if "code" not in told:
            return ReturnedSignIn(login.return_to, None, told.get("error", "server_error"))
        redeemed = await parts.grants.run(redeem, self.client_id, told["code"], login.verifier)
        return ReturnedSignIn(login.return_to, redeemed, None) if redeemed else None

    def forget(self, response: Response) -> Response:
        """Delete the cookie of a sign-in that has ended."""
        response.delete_cookie(self._name, path="/", secure=self.https, httponly=True, samesite="lax")
        return response
