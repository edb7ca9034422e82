"""The interface of the HTTP engines of an office, and what they have in common."""

import ssl
from pathlib import Path
from typing import Final, Protocol

from adapters.errors import UpstreamUnavailableError
from adapters.upstream import HttpAnswer, HttpRequest
from gateway.upstream.http.certificates import verifying_context
from gateway.upstream.request import UpstreamRequest

_CONNECT_SHARE: Final = 0.9


class HttpEngine(Protocol):
    """Sends requests to one office, each exactly once; follows no redirect, keeps no cookie.

    Safe requests share a pool of kept connections. An unsafe request gets a new connection, so that it is never lost on
    a connection that the system was just closing. Over https, the certificate of the office is verified with the
    authorities in its settings, else with those that the machine trusts; verification cannot be switched off.
    """

    async def send(self, request: HttpRequest, call_state: UpstreamRequest) -> HttpAnswer:
        """Send once and read the whole answer. Raises only `AdapterError`s; none contains the address."""
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...


def connect_limit(connect_within: float, within: float) -> float:
    """Seconds to make a connection for an answer that may take `within` seconds.

    It ends a little earlier than the time for the answer, so that the error reports a missing connection.
    """
    return min(connect_within, within * _CONNECT_SHARE)


def tls_context(ca: Path | None) -> ssl.SSLContext:
    """The verifying context of an office. Raises `UpstreamUnavailableError` for certificates that cannot be read."""
    try:
        return verifying_context(ca)
    except OSError:
        reason = "the configured CA certificates cannot be read"
    raise UpstreamUnavailableError(reason)
