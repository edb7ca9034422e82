"""CORS policy: which answers pages of another origin may read, and which requests they may send.

* Public documents (discovery, keys, the OpenAPI document) and the API without a token: any origin.
* The API with a token, and the provider's endpoints that clients call: origins registered for a client.
* Everything else (the pages for people, introspection, …): none.

Credentials are never allowed, so cookies of another origin have no effect (`gateway.authentication.same_origin` checks
this as well). `Gerbang-Request`, the header that protects changes by cookie, is not among the allowed request headers.

Starlette's `CORSMiddleware` writes the headers. It supports one fixed policy, so there is one instance for each policy.
This layer chooses between them, because the registered origins are in the database.
"""

from enum import Enum, auto
from typing import Final, Protocol

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

OVERLOADED: Final = "gerbang.overloaded"
"""Key of the ASGI scope of a request for which the server has no room."""
_READ_METHODS: Final = ("GET", "HEAD")
_METHODS: Final = (*_READ_METHODS, "POST", "PUT", "PATCH", "DELETE")
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
    "RateLimit",
    "RateLimit-Policy",
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
_ORIGIN: Final = b"origin"


class OriginRegister(Protocol):
    """Looks up registered origins."""

    async def has(self, origin: str) -> bool:
        """Return whether this origin is registered."""


class DirectApplication(Protocol):
    """An ASGI application that has some answers ready."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

    def answer_at_once(self, scope: Scope) -> tuple[bytes, bytes] | None:
        """Return a ready answer as bytes, head and body; None if there is none."""


class _PathKind(Enum):
    DOCUMENT = auto()
    CLIENT_ENDPOINT = auto()
    API = auto()


class CrossOriginLayer:
    """Outermost ASGI layer, so that the CORS headers are also on answers to errors."""

    def __init__(self, app: DirectApplication, origins: OriginRegister, own_origin: str) -> None:
        self._app = app
        self._origins = origins
        self._own_origin = own_origin
        self._any = CORSMiddleware(
            app,
            allow_origins=("*",),
            allow_methods=_READ_METHODS,
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
        """Handle one HTTP request; pass other events on."""
        kind = _kind(scope["path"]) if scope["type"] == "http" else None
        if kind is None or _ORIGIN not in dict(scope["headers"]):
            await self._app(scope, receive, send)  # which writes `Vary: Origin`, see `is_shared`
            return
        await (await self._policy(kind, scope["method"], Headers(scope=scope)))(scope, receive, send)

    async def answer_overloaded(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for which the server has no room: 503, with the headers of every other answer."""
        await self({**scope, OVERLOADED: True}, receive, send)

    def answer_at_once(self, scope: Scope) -> tuple[bytes, bytes] | None:
        """Return a ready answer as bytes, see `Edge.answer_at_once`; none for a request with an origin."""
        return None if _ORIGIN in [name for name, _ in scope["headers"]] else self._app.answer_at_once(scope)

    async def _policy(self, kind: _PathKind, method: str, headers: Headers) -> ASGIApp:
        origin = headers.get("origin")
        if origin is None or origin == self._own_origin:
            return self._none  # it only adds `Vary: Origin`
        if kind is _PathKind.DOCUMENT or (kind is _PathKind.API and _is_public(method, headers)):
            return self._any
        return self._registered if await self._origins.has(origin) else self._none


def is_shared(path: str) -> bool:
    """Return whether answers on this path depend on the origin, so that they name it in `Vary`."""
    return _kind(path) is not None


def _kind(path: str) -> _PathKind | None:
    if path.startswith(_API):
        return _PathKind.API
    if path in _CLIENT_ENDPOINTS:
        return _PathKind.CLIENT_ENDPOINT
    return _PathKind.DOCUMENT if path in _DOCUMENTS else None


def _is_public(method: str, headers: Headers) -> bool:
    """Return whether this is a request without a token, or the preflight of a read without one."""
    requested_method = headers.get("access-control-request-method")
    if method != "OPTIONS" or requested_method is None:
        return "authorization" not in headers
    requested_headers = {name.strip().lower() for name in headers.get("access-control-request-headers", "").split(",")}
    return requested_method in _READ_METHODS and not requested_headers & _CREDENTIALS
