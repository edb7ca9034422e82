"""Reads one answer of a system to its end, within its bounds."""

from collections.abc import Mapping
from typing import Final

from aiohttp import ClientOSError, ClientPayloadError, ClientResponse

from adapters.errors import UpstreamMalformedError
from adapters.upstream import HttpAnswer
from gateway.upstream.http.decompression import body_for, too_large
from gateway.upstream.http.errors import ConnectionLostError

_SWITCHING: Final = 101


async def read_answer(response: ClientResponse, max_bytes: int) -> HttpAnswer:
    """The whole answer, decompressed. Raises `UpstreamMalformedError` as soon as it is over a bound."""
    if response.status == _SWITCHING:
        raise UpstreamMalformedError("the system wants to speak another protocol")
    headers = _headers(response)
    length = headers.get("content-length", "")
    if length.isdigit() and (len(length) > 18 or int(length) > max_bytes):
        raise too_large()
    body = body_for(headers.get("content-encoding", ""), max_bytes)
    protocol = response.connection.protocol if response.connection is not None else None
    try:
        while piece := await response.content.readany():
            body.feed(piece)
    except ClientPayloadError:
        lost = protocol.exception() if protocol is not None else None
        if isinstance(lost, ClientOSError):
            raise ConnectionLostError from None
        raise
    return HttpAnswer(response.status, headers, body.whole(), _cookies(response))


def _headers(response: ClientResponse) -> dict[str, str]:
    """Lower-case names; a header that came more than once is joined by commas (RFC 9110). Cookies are kept apart."""
    headers: dict[str, str] = {}
    for name, value in response.headers.items():
        name = name.lower()  # noqa: PLW2901  # the name as everybody below will look for it
        if name != "set-cookie":
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _cookies(response: ClientResponse) -> Mapping[str, str]:
    cookies: dict[str, str] = {}
    for line in response.headers.getall("Set-Cookie", ()):
        name, _, value = line.partition(";")[0].partition("=")
        cookies[name.strip()] = value.strip()
    return cookies
