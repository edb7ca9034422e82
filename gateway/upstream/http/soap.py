"""What an adapter is handed for one question to an office that speaks SOAP 1.1: calls over the office's HTTP stack.

Every layer of the stack applies, so that bytes, time, slots and circuit are those of HTTP. No WSDL is ever fetched:
what an operation looks like is the adapter's own knowledge.
"""

import asyncio
from email.message import Message
from typing import Any, Final

from adapters.contract import Soap
from adapters.errors import UpstreamMalformedError
from adapters.legacy.envelopes import looks_like_html
from adapters.legacy.statuses import refuse_status
from adapters.upstream import HttpAnswer, HttpRequest, SoapElement, SoapFault, SoapRequest
from gateway.ground.clock import Clock
from gateway.upstream.http.bound import BoundHttp
from gateway.upstream.http.soap_envelope import opened, written
from gateway.upstream.http.xml import read_element, text_of

_MAY_HOLD_A_FAULT: Final = frozenset({400, 500})
_LARGE: Final = 65_536


class BoundSoap:
    """The `SoapUpstream` of one question. `wrote`: see `BoundHttp`."""

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
            HttpRequest("POST", request.path, headers=headers, content=written(request), safe=request.safe)
        )
        if answer.status in _MAY_HOLD_A_FAULT:
            fault = await self._fault_in(answer, request)
            if fault is not None:
                return fault
        refuse_status(answer, self._clock())
        return await self._read(answer, request)

    async def _fault_in(self, answer: HttpAnswer, request: SoapRequest) -> SoapFault | None:
        """The fault under an HTTP error, if that is what it is: SOAP 1.1 wants 500 for each."""
        try:
            found = await self._read(answer, request)
        except UpstreamMalformedError:
            return None
        return found if isinstance(found, SoapFault) else None

    async def _read(self, answer: HttpAnswer, request: SoapRequest) -> SoapElement | SoapFault:
        if answer.media_type.startswith("multipart/"):
            raise UpstreamMalformedError("the answer has attachments, which are not read here")
        if looks_like_html(answer.content):
            raise UpstreamMalformedError("a page came where a SOAP envelope was expected")
        if len(answer.content) > _LARGE:
            # Other questions go on meanwhile; how long it can take is bounded like the document.
            return await asyncio.to_thread(self._opened, answer, request)
        return self._opened(answer, request)

    def _opened(self, answer: HttpAnswer, request: SoapRequest) -> SoapElement | SoapFault:
        text = text_of(answer.content, header=_charset(answer), declared=self._transport.charset)
        root = read_element(text, max_depth=self._max_depth, max_elements=self._transport.max_elements)
        return opened(root, request)


def _charset(answer: HttpAnswer) -> str | None:
    """The charset that the HTTP header names."""
    header = Message()
    header["content-type"] = answer.headers.get("content-type", "")
    found = header.get_param("charset")
    return found if isinstance(found, str) else None
