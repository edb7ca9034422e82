"""Pages of our own origin that call the unified API with the cookie of a web session.

A cookie travels with every request to us, whoever caused it. So it counts only where the browser says that a page of
ours asked (`Sec-Fetch-Site`, or `Origin` from older browsers), and what changes something must also carry a header that
no form and no other site can set without asking us first.
"""

from typing import Final
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from gateway.authentication.errors import CrossSiteError
from gateway.authentication.web_sessions import ActiveWebSession, WebCookie, WebSessions
from gateway.policy.principal import Principal

PAGES_CLIENT: Final = "gerbang-pages"
"""The client that our own pages are."""
MARK: Final = "gerbang-request"
"""The header that a page of ours puts on what changes something; its value does not matter."""

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class SameOriginPages:
    """The web sessions of our own pages, by their cookie."""

    def __init__(self, sessions: WebSessions, *, issuer: str) -> None:
        self.sessions = sessions
        parts = urlsplit(issuer)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self.cookie = WebCookie("gerbang-session", https=parts.scheme == "https")

    async def caller(self, request: HTTPConnection) -> Principal | None:
        """Who calls with a cookie: None without a living session, or where another site caused a mere read.

        Raises `CrossSiteError` for anything that changes something and was not sent by a page of ours.
        """
        living = await self.find(request)
        return living.principal if living else None

    async def find(self, request: HTTPConnection) -> ActiveWebSession | None:
        """The session that counts for this request; raises as `caller`."""
        session_id = self.cookie.read(request)
        if session_id is None or not self._counts(request):
            return None
        return await self.sessions.living(session_id, PAGES_CLIENT)

    def _counts(self, request: HTTPConnection) -> bool:
        site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
        ours = site in {"same-origin", None} and origin in {self._origin, None}
        if request.scope["method"] in _SAFE:
            # "none": somebody typed the address.
            return ours or (site == "none" and origin is None)
        if not ours or MARK not in request.headers:
            raise CrossSiteError
        return True
