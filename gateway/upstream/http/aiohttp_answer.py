"""Reads the answer of the aiohttp engine completely, within its bounds."""

from typing import Final

from aiohttp import ClientOSError, ClientPayloadError, ClientResponse

from adapters.errors import UpstreamMalformedError
from adapters.upstream import HttpAnswer
from gateway.upstream.http.aiohttp_errors import ConnectionLostError
from gateway.upstream.http.answer_fields import collect_fields
from gateway.upstream.http.body import check_declared_length, collector_for

_SWITCHING_PROTOCOLS: Final = 101


async def read_answer(response: ClientResponse, max_bytes: int) -> HttpAnswer:
    """The whole answer, decompressed. Raises `UpstreamMalformedError` as soon as it exceeds a bound."""
    if response.status == _SWITCHING_PROTOCOLS:
        raise UpstreamMalformedError("the system asked to switch protocols")
    headers, cookies = collect_fields(response.headers.items())
    check_declared_length(headers.get("content-length", ""), max_bytes)
    body = collector_for(headers.get("content-encoding", ""), max_bytes)
    protocol = response.connection.protocol if response.connection is not None else None
    try:
        while piece := await response.content.readany():
            body.feed(piece)
    except ClientPayloadError:
        lost = protocol.exception() if protocol is not None else None
        if isinstance(lost, ClientOSError):
            raise ConnectionLostError from None
        raise
    return HttpAnswer(response.status, headers, body.decoded(), cookies)
