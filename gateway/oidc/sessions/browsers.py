"""Browser cookies of the provider: the sign-in cookie with its form tokens, and the lasting known-browser cookie."""

import hmac
import re
import secrets
from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from gateway.ground.sealing import Sealer, UnsealError

_FORM_USE: Final = "form-token"
_ID: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class Browsers:
    """The sign-in cookie, which a browser has from its first page on. Every sign-in replaces it.

    Before the sign-in it only binds forms to the browser; nothing is stored for it here.
    """

    def __init__(self, sealer: Sealer, *, https: bool) -> None:
        self._sealer = sealer
        self._https = https
        self._name = "__Host-gerbang-signin" if https else "gerbang-signin"

    def read(self, request: Request) -> str | None:
        """Return the browser's id from the cookie, if it has the right form."""
        value = request.cookies.get(self._name, "")
        return value if _ID.fullmatch(value) else None

    def write(self, response: Response, browser: str) -> None:
        """Set the cookie."""
        response.set_cookie(self._name, browser, path="/", secure=self._https, httponly=True, samesite="lax")

    def clear(self, response: Response) -> None:
        """Delete the cookie."""
        response.delete_cookie(self._name, path="/", secure=self._https, httponly=True, samesite="lax")

    def form_token(self, browser: str, ticket: str) -> str:
        """Return the hidden field that binds a form to this browser and this request."""
        return self._sealer.fingerprint(_FORM_USE, f"{browser}\n{ticket}")

    def owns_form(self, browser: str | None, ticket: str, form_token: str) -> bool:
        """Whether a submitted form was made for this browser and this request."""
        return browser is not None and hmac.compare_digest(
            self.form_token(browser, ticket).encode(), form_token.encode()
        )


class KnownBrowsers:
    """A lasting cookie in browsers where an account has signed in before.

    It signs no one in. It lets the account's owner try a password there while attackers elsewhere use up the account's
    attempts, so that attackers cannot lock the owner out.
    """

    LIFE = timedelta(days=400)
    _USE = "known-browser"

    def __init__(self, sealer: Sealer, *, https: bool) -> None:
        self._sealer = sealer
        self._https = https
        self._name = "__Host-gerbang-known" if https else "gerbang-known"

    def read(self, request: Request, account_id: str | None) -> str | None:
        """Return the number of this browser, if this account has signed in at it."""
        try:
            plain = self._sealer.open_token(self._USE, request.cookies.get(self._name, "")[:400]).decode()
        except UnsealError:
            return None
        owner, _, number = plain.partition(" ")
        return number if account_id is not None and owner == account_id else None

    def write(self, response: Response, account_id: str) -> None:
        """Set the cookie for this account."""
        value = self._sealer.token(self._USE, f"{account_id} {secrets.token_hex(8)}".encode())
        seconds = int(self.LIFE.total_seconds())
        response.set_cookie(self._name, value, seconds, path="/", secure=self._https, httponly=True, samesite="lax")


def new_browser() -> str:
    """Generate a browser id of 256 random bits."""
    return secrets.token_urlsafe(32)
