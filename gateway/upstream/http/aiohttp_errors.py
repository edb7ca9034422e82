"""Translates errors of aiohttp into `AdapterError`s that contain nothing of the request."""

from typing import Final

import aiohttp

from adapters.errors import AdapterError, QueryRefusedError, UpstreamMalformedError, UpstreamUnavailableError


class ConnectionLostError(aiohttp.ClientError):
    """The connection was lost after the request had been sent."""


_TRANSLATIONS: Final[tuple[tuple[type[Exception], type[AdapterError], str], ...]] = (
    (aiohttp.ClientConnectorDNSError, UpstreamUnavailableError, "its host name cannot be resolved"),
    (aiohttp.ClientConnectorCertificateError, UpstreamUnavailableError, "its certificate is not valid"),
    (aiohttp.ClientConnectorSSLError, UpstreamUnavailableError, "TLS could not be agreed on"),
    (aiohttp.ClientConnectorError, UpstreamUnavailableError, "the connection was refused"),
    (ConnectionLostError, UpstreamUnavailableError, "the connection was lost"),
    (aiohttp.ClientPayloadError, UpstreamMalformedError, "the length or framing of the answer is wrong"),
    (aiohttp.ClientResponseError, UpstreamMalformedError, "the answer is not valid HTTP"),
    (ValueError, QueryRefusedError, "the question cannot be put as a request"),
)


def adapter_error_for(error: Exception) -> AdapterError:
    """The `AdapterError` for an error of aiohttp."""
    for kind, error_type, reason in _TRANSLATIONS:
        if isinstance(error, kind):
            return error_type(reason)
    return UpstreamUnavailableError("the connection failed")
