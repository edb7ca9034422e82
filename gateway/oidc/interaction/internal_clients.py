"""Sign-ins that end inside the gateway: for our own pages, and for agencies' applications that know no OpenID.

They go the way of every client (consent, code, PKCE), except that the code is redeemed in process, so that no token
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
    """A sign-in that came back: to which path it wanted, and what came of it, or the OAuth error."""

    return_to: str
    redeemed: RedeemedCode | None
    error: str | None


@dataclass(frozen=True, slots=True)
class InternalClient:
    """One way in: for which client, where its code lands, what it asks for, and at least how strong.

    `cookie` ties the sign-in to the browser that began it; `https` says whether that browser sees https. `elsewhere`:
    the browser that begins is at another address than ours.
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
        """Send the browser to the sign-in; `return_to` is a path, `acr` may ask for more than is demanded.

        `max_age` is how many seconds ago the sign-in may have been, also of somebody who is signed in already.
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
        """What came back, at the browser that began it; None when it is none of ours, or not any more."""
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
        """The sign-in has come to its end: the browser need not carry it any more."""
        response.delete_cookie(self._name, path="/", secure=self.https, httponly=True, samesite="lax")
        return response
