"""Cross-origin requests (CORS): which answers pages of another origin may read, and which requests they may send.

* Public documents (discovery, keys, the OpenAPI document), and the API without a token: any origin.
* The API with a token, and the provider's endpoints that clients call themselves: origins registered with a client.
* Everything else (the pages for people, introspection, …): none.

Credentials are never allowed, so no cookie counts for another origin (`gateway.authentication.same_origin` sees to it
as well), and `Gerbang-Request`, the header that protects changes by cookie, is not among the headers that may be sent.

Starlette's middleware writes the headers. It knows one fixed policy, so there is one of it for each kind of answer, and
this layer chooses: which origins are registered stands in the database.
"""

from enum import Enum, auto
from typing import Final, Protocol

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

_READING: Final = ("GET", "HEAD")
_METHODS: Final = (*_READING, "POST", "PUT", "PATCH", "DELETE")
_PUBLIC_HEADERS: Final = ("Accept-Language", "Content-Type", "If-None-Match", "Prefer", "X-Request-Id")
_HEADERS: Final = (*_PUBLIC_HEADERS, "Authorization", "DPoP", "Gerbang-Purpose", "Idempotency-Key")
_EXPOSED: Final = (
    "Content-Disposition",
    "DPoP-Nonce",
    "ETag",
    "Gerbang-Complete",
    "Gerbang-Sources",
    "Link",
    "Location",
    "Preference-Applied",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-Id",
)
_CREDENTIALS: Final = frozenset({"authorization", "dpop"})
_MAX_AGE_SECONDS: Final = 600

_DOCUMENTS: Final = frozenset(
    {
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/oauth2/jwks",
        "/openapi.json",
    }
)
_CLIENT_ENDPOINTS: Final = frozenset(
    {
        "/oauth2/token",
        "/oauth2/userinfo",
        "/oauth2/revoke",
        "/oauth2/par",
        "/oauth2/device_authorization",
    }
)
_API: Final = "/v1/"


class OriginRegister(Protocol):
    """Knows the registered origins."""

    async def has(self, origin: str) -> bool:
        """Whether this origin is registered."""


class _Kind(Enum):
    DOCUMENT = auto()
    CLIENT_ENDPOINT = auto()
    API = auto()


class CrossOriginLayer:
    """Stands in front of everything else, so that every answer can be read where it may be, those of faults too."""

    def __init__(self, app: ASGIApp, origins: OriginRegister, own_origin: str) -> None:
        self._app = app
        self._origins = origins
        self._own_origin = own_origin
        self._any = CORSMiddleware(
            app,
            allow_origins=("*",),
            allow_methods=_READING,
            allow_headers=_PUBLIC_HEADERS,
            expose_headers=_EXPOSED,
            max_age=_MAX_AGE_SECONDS,
        )
        self._registered = CORSMiddleware(
            app,
            allow_origin_regex=".+",  # only used for an origin that is registered
            allow_methods=_METHODS,
            allow_headers=_HEADERS,
            expose_headers=_EXPOSED,
            max_age=_MAX_AGE_SECONDS,
        )
        self._none = CORSMiddleware(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection event."""
        kind = _kind(scope["path"]) if scope["type"] == "http" else None
        if kind is None:
            await self._app(scope, receive, send)
            return
        await (await self._policy(kind, scope["method"], Headers(scope=scope)))(scope, receive, send)

    async def _policy(self, kind: _Kind, method: str, headers: Headers) -> ASGIApp:
        origin = headers.get("origin")
        if origin is None or origin == self._own_origin:
            return self._none  # it only says that the answer varies with the origin
        if kind is _Kind.DOCUMENT or (kind is _Kind.API and _is_public(method, headers)):
            return self._any
        return self._registered if await self._origins.has(origin) else self._none


def _kind(path: str) -> _Kind | None:
    if path.startswith(_API):
        return _Kind.API
    if path in _CLIENT_ENDPOINTS:
        return _Kind.CLIENT_ENDPOINT
    return _Kind.DOCUMENT if path in _DOCUMENTS else None


def _is_public(method: str, headers: Headers) -> bool:
    """Whether this is a request that anybody may send, or a browser's question whether it may send one."""
    wanted = headers.get("access-control-request-method")
    if method != "OPTIONS" or wanted is None:
        return "authorization" not in headers
    named = {name.strip().lower() for name in headers.get("access-control-request-headers", "").split(",")}
    return wanted in _READING and not named & _CREDENTIALS
