"""What the engine's errors mean, in the words of the tree; nothing of the question is in them."""

from typing import Final

import aiohttp

from adapters.errors import AdapterError, QueryRefusedError, UpstreamMalformedError, UpstreamUnavailableError


class ConnectionLostError(aiohttp.ClientError):
    """The connection was lost after the request had set out."""


_MEANINGS: Final[tuple[tuple[type[Exception], type[AdapterError], str], ...]] = (
    (aiohttp.ClientConnectorDNSError, UpstreamUnavailableError, "its host name cannot be resolved"),
    (aiohttp.ClientConnectorCertificateError, UpstreamUnavailableError, "its certificate is not valid"),
    (aiohttp.ClientConnectorSSLError, UpstreamUnavailableError, "TLS could not be agreed on"),
    (aiohttp.ClientConnectorError, UpstreamUnavailableError, "the connection was refused"),
    (ConnectionLostError, UpstreamUnavailableError, "the connection was lost"),
    (aiohttp.ClientPayloadError, UpstreamMalformedError, "the answer is not as long as it says, or badly framed"),
    (aiohttp.ClientResponseError, UpstreamMalformedError, "the answer is not valid HTTP"),
    (ValueError, QueryRefusedError, "the question cannot be put as a request"),
)


def meaning(error: Exception) -> AdapterError:
    """The error of the tree for what went wrong in the engine."""
    for kind, meant, reason in _MEANINGS:
        if isinstance(error, kind):
            return meant(reason)
    return UpstreamUnavailableError("the connection failed")
