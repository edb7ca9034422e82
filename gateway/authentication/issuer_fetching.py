"""Asking another issuer something over HTTP: bounded in time and bytes, no redirect followed, nothing unpacked."""

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
# What is packed could unpack without end.
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "gerbang"}


class IssuerAwayError(Exception):
    """The issuer cannot be reached, says that it cannot answer now, or sends without end."""


@dataclass(frozen=True, slots=True)
class IssuerAnswer:
    """What an issuer answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class IssuerConnections:
    """Connections to other issuers, made at the first request: most gateways have no other issuer to ask.

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
        """Close them. A later request makes new ones."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None


def issuer_client(transport: "httpx.AsyncBaseTransport | None" = None) -> "httpx.AsyncClient":
    """Connections to other issuers: nothing is taken from the environment, no cookie is kept."""
    import httpx

    http = httpx.AsyncClient(
        verify=_public_authorities(),
        transport=transport,
        trust_env=False,
        follow_redirects=False,
        timeout=FETCH_SECONDS,
        limits=httpx.Limits(max_connections=32, max_keepalive_connections=8),
    )
    # Nothing of one person's talk with an issuer goes along with the next one's.
    http.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return http


@cache
def _public_authorities() -> ssl.SSLContext:
    import httpx

    # Read once for all clients: each reading takes some ten milliseconds.
    return httpx.create_ssl_context(trust_env=False)


async def fetch(
    http: "IssuerConnections | httpx.AsyncClient",
    method: str,
    url: str,
    *,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    seconds: float = FETCH_SECONDS,
    most: int = MAX_BYTES,
) -> IssuerAnswer:
    """One answer of at most `most` bytes within `seconds`, whatever its status below 500; else `IssuerAwayError`."""
    import httpx

    asked: dict[str, Any] = {"data": dict(form)} if form is not None else {}
    try:
        async with (
            asyncio.timeout(seconds),
            http.stream(
                method, url, headers={**_HEADERS, **(headers or {})}, follow_redirects=False, **asked
            ) as answer,
        ):
            if answer.status_code >= _SERVER_FAULT or answer.status_code == _TOO_MANY:
                raise IssuerAwayError
            return IssuerAnswer(answer.status_code, dict(answer.headers), await _body(answer, most))
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
        raise IssuerAwayError from None


async def _body(answer: "httpx.Response", most: int) -> bytes:
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise IssuerAwayError
    body = bytearray()
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > most:
            raise IssuerAwayError
    return bytes(body)
