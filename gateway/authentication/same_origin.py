"""Authentication of our own pages, which call the unified API with a web-session cookie.

A browser sends the cookie with every request, also with requests of other sites (CSRF). So the cookie counts only if
the browser reports that one of our pages made the request (`Sec-Fetch-Site`, or `Origin` from older browsers). A
request that changes something must also contain a header that no form and no other site can set without a preflight.
"""

from typing import Final
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from gateway.authentication.errors import CrossSiteError
from gateway.authentication.known_callers import KnownCaller, KnownCallers, digest_of
from gateway.authentication.web_sessions import IDLE, ActiveWebSession, WebCookie, WebSessions
from gateway.policy.principal import Principal

PAGES_CLIENT: Final = "gerbang-pages"
"""Client id of our own pages."""
REQUEST_HEADER: Final = "gerbang-request"
"""Header that our pages send with every request that changes something; its value does not matter."""

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class SameOriginPages:
    """The web sessions of our own pages, by cookie. `known` has the callers of active sessions, for the limits."""

    def __init__(self, sessions: WebSessions, *, issuer: str, known: KnownCallers | None = None) -> None:
        self.sessions = sessions
        self._known = KnownCallers() if known is None else known
        parts = urlsplit(issuer)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self.cookie = WebCookie("gerbang-session", https=parts.scheme == "https")

    async def caller(self, request: HTTPConnection) -> Principal | None:
        """Return the caller of a cookie; None without an active session, or if another site caused a read.

        Raises `CrossSiteError` for a request that changes something and was not sent by a page of ours.
        """
        session = await self.find(request)
        return session.principal if session else None

    async def find(self, request: HTTPConnection) -> ActiveWebSession | None:
        """Return the session that counts for this request; raises as `caller`."""
        session_id = self.cookie.read(request)
        if session_id is None or not self._is_trusted(request):
            return None
        session = await self.sessions.find(session_id, PAGES_CLIENT)
        digest = digest_of(session_id.encode("ascii"))
        if session is None:
            self._known.forget(digest)
        else:
            caller = KnownCaller(session.principal.account_id, PAGES_CLIENT)
            self._known.remember(digest, caller, IDLE.total_seconds())
        return session

    def _is_trusted(self, request: HTTPConnection) -> bool:
        site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
        ours = site in {"same-origin", None} and origin in {self._origin, None}
        if request.scope["method"] in _SAFE:
            # "none": the user typed the address.
            return ours or (site == "none" and origin is None)
        if not ours or REQUEST_HEADER not in request.headers:
            raise CrossSiteError
        return True
