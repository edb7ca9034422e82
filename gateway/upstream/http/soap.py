"""The `SoapUpstream` that an adapter gets for one call: SOAP 1.1 over the office's HTTP stack.

Every layer of the stack applies, so that bytes, time, slots and circuit are those of HTTP. No WSDL is ever fetched: the
adapter defines the form of each operation.
"""

import asyncio
from email.message import Message
from typing import Any, Final

from adapters.contract import Soap
from adapters.errors import UpstreamMalformedError
from adapters.legacy.envelopes import looks_like_html
from adapters.legacy.statuses import raise_for_status
from adapters.upstream import HttpAnswer, HttpRequest, SoapElement, SoapFault, SoapRequest
from gateway.ground.clock import Clock
from gateway.upstream.http.bound import BoundHttp
from gateway.upstream.http.soap_envelope import build_envelope, parse_envelope
from gateway.upstream.http.xml import decode_document, read_element

_FAULT_STATUSES: Final = frozenset({400, 500})
_LARGE: Final = 65_536


class BoundSoap:
    """The `SoapUpstream` of one call. `wrote`: see `BoundHttp`."""

    __slots__ = ("_clock", "_http", "_max_depth", "_transport")

    def __init__(self, http: BoundHttp, transport: Soap[Any], max_depth: int, clock: Clock) -> None:
        self._http = http
        self._transport = transport
        self._max_depth = max_depth
        self._clock = clock

    @property
    def wrote(self) -> bool:
        """Whether an unsafe call may have reached the system."""
        return self._http.wrote

    async def call(self, request: SoapRequest) -> SoapElement | SoapFault:
        """See `adapters.upstream.SoapUpstream.call`."""
        headers = {"content-type": "text/xml; charset=utf-8", "accept": "text/xml", "soapaction": f'"{request.action}"'}
        answer = await self._http.send(
            HttpRequest("POST", request.path, headers=headers, content=build_envelope(request), safe=request.safe)
        )
        if answer.status in _FAULT_STATUSES:
            fault = await self._fault_in(answer, request)
            if fault is not None:
                return fault
        raise_for_status(answer, self._clock())
        return await self._read(answer, request)

    async def _fault_in(self, answer: HttpAnswer, request: SoapRequest) -> SoapFault | None:
        """The fault in an HTTP error answer, if there is one: SOAP 1.1 requires status 500 for each fault."""
        try:
            found = await self._read(answer, request)
        except UpstreamMalformedError:
            return None
        return found if isinstance(found, SoapFault) else None

    async def _read(self, answer: HttpAnswer, request: SoapRequest) -> SoapElement | SoapFault:
        if answer.media_type.startswith("multipart/"):
            raise UpstreamMalformedError("the answer has attachments, which are not read here")
        if looks_like_html(answer.content):
            raise UpstreamMalformedError("an HTML page came instead of a SOAP envelope")
        if len(answer.content) > _LARGE:
            # A thread keeps the event loop free for other calls; the bound on the document also bounds the parse time.
            return await asyncio.to_thread(self._parse, answer, request)
        return self._parse(answer, request)

    def _parse(self, answer: HttpAnswer, request: SoapRequest) -> SoapElement | SoapFault:
        text = decode_document(answer.content, header=_charset(answer), declared=self._transport.charset)
        root = read_element(text, max_depth=self._max_depth, max_elements=self._transport.max_elements)
        return parse_envelope(root, request)


def _charset(answer: HttpAnswer) -> str | None:
    """The charset in the HTTP header."""
    header = Message()
    header["content-type"] = answer.headers.get("content-type", "")
    found = header.get_param("charset")
    return found if isinstance(found, str) else None
