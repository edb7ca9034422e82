"""HTTP requests to other issuers: limited in time and bytes, without redirects and decompression."""

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import cache
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import httpx

FETCH_SECONDS: Final = 3.0
MAX_BYTES: Final = 256 * 1024

_SERVER_FAULT = 500
_TOO_MANY = 429
# No compression: a small compressed body could expand without limit.
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "gerbang"}


class IssuerUnavailableError(Exception):
    """The issuer is unreachable, reports a server error or too many requests, or sends an unacceptable body."""


@dataclass(frozen=True, slots=True)
class IssuerAnswer:
    """An issuer's HTTP response."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class IssuerConnections:
    """HTTP client for other issuers, created at the first request: most gateways use no other issuer.

    `transport` replaces the network, for tests.
    """

    def __init__(self, transport: "httpx.AsyncBaseTransport | None" = None) -> None:
        self._transport = transport
        self._http: httpx.AsyncClient | None = None

    def stream(self, method: str, url: str, **request: Any) -> "AbstractAsyncContextManager[httpx.Response]":  # noqa: ANN401 - as httpx takes them
        """See `httpx.AsyncClient.stream`."""
        if self._http is None:
            self._http = issuer_client(self._transport)
        return self._http.stream(method, url, **request)

    async def aclose(self) -> None:
        """Close the client. A later request creates a new one."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None


def issuer_client(transport: "httpx.AsyncBaseTransport | None" = None) -> "httpx.AsyncClient":
    """Create an HTTP client that reads nothing from the environment and stores no cookies."""
    import httpx

    http = httpx.AsyncClient(
        verify=_public_authorities(),
        transport=transport,
        trust_env=False,
        follow_redirects=False,
        timeout=FETCH_SECONDS,
        limits=httpx.Limits(max_connections=32, max_keepalive_connections=8),
    )
    # Cookies of one person's sign-in must not be sent with the next person's.
    http.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return http


@cache
def _public_authorities() -> ssl.SSLContext:
    import httpx

    # Loaded once for all clients: each load takes some ten milliseconds.
    return httpx.create_ssl_context(trust_env=False)


async def fetch(
    http: "IssuerConnections | httpx.AsyncClient",
    method: str,
    url: str,
    *,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    seconds: float = FETCH_SECONDS,
    max_bytes: int = MAX_BYTES,
) -> IssuerAnswer:
    """Return a response of at most `max_bytes` within `seconds`, if its status is below 500 and not 429.

    Raises `IssuerUnavailableError` otherwise.
    """
    import httpx

    request: dict[str, Any] = {"data": dict(form)} if form is not None else {}
    try:
        async with (
            asyncio.timeout(seconds),
            http.stream(
                method, url, headers={**_HEADERS, **(headers or {})}, follow_redirects=False, **request
            ) as answer,
        ):
            if answer.status_code >= _SERVER_FAULT or answer.status_code == _TOO_MANY:
                raise IssuerUnavailableError
            return IssuerAnswer(answer.status_code, dict(answer.headers), await _body(answer, max_bytes))
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
        raise IssuerUnavailableError from None


async def _body(answer: "httpx.Response", max_bytes: int) -> bytes:
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise IssuerUnavailableError
    body = bytearray()
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > max_bytes:
            raise IssuerUnavailableError
    return bytes(body)
