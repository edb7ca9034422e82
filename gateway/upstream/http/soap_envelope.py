"""SOAP 1.1 envelopes: written for a call, and read into the answer's element or the fault that came in its place."""

import re
from typing import Final

from lxml import etree

from adapters.errors import QueryRefusedError, UpstreamMalformedError
from adapters.upstream import HttpAnswer, SoapElement, SoapFault, SoapRequest
from gateway.upstream.http.xml import SCHEMA_INSTANCE

ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"

_NEWER: Final = "http://www.w3.org/2003/05/soap-envelope"
_BLAMES_US: Final = re.compile(
    rb"<(?:[\w.-]+:)?faultcode[^<>]*>\s*(?:[\w.-]+:)?(?:Client|MustUnderstand|VersionMismatch)[\s.<]"
)


def written(request: SoapRequest) -> bytes:
    """The message in UTF-8. Raises `QueryRefusedError` for names or characters that XML does not have."""
    envelope = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soap": ENVELOPE, "xsi": SCHEMA_INSTANCE})
    try:
        if request.header:
            header = etree.SubElement(envelope, f"{{{ENVELOPE}}}Header")
            for block in request.header:
                _grow(header, block)
        _grow(etree.SubElement(envelope, f"{{{ENVELOPE}}}Body"), request.body)
    except ValueError:
        made = None
    else:
        made = etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")
    if made is None:
        raise QueryRefusedError("the call holds a name or a character that XML does not have")
    return made


def _grow(parent: etree._Element, element: SoapElement) -> None:
    tag = f"{{{element.namespace}}}{element.name}" if element.namespace else element.name
    grown = etree.SubElement(parent, tag, dict(element.attributes))
    if element.text is not None:
        grown.text = element.text
    for child in element.children:
        _grow(grown, child)


def opened(envelope: SoapElement, request: SoapRequest) -> SoapElement | SoapFault:
    """What the system answered. Raises `UpstreamMalformedError` for what is no answer to this call."""
    if (envelope.name, envelope.namespace) != ("Envelope", ENVELOPE):
        newer = envelope.namespace == _NEWER
        raise UpstreamMalformedError("the answer is SOAP 1.2" if newer else "the answer is no SOAP envelope")
    _understand([block for header in _own(envelope, "Header") for block in header.children])
    bodies = _own(envelope, "Body")
    if len(bodies) != 1:
        raise UpstreamMalformedError("the envelope has not one body")
    faults = _own(bodies[0], "Fault")
    if faults:
        return _fault(faults[0])
    wanted = (request.answer or f"{request.body.name}Response", request.body.namespace)
    found = [(child.name, child.namespace) for child in bodies[0].children]
    if found != [wanted]:
        raise UpstreamMalformedError("the body holds something else than this operation's answer")
    return bodies[0].children[0]


def blames_us(answer: HttpAnswer) -> bool:
    """Whether a 5xx is a fault that blames the call: a clear answer, and no sign that the system is ill.

    Found without parsing: it only steers the circuit, and what is shown of the office, before anything is read.
    """
    return _BLAMES_US.search(answer.content, 0, 65_536) is not None


def _own(element: SoapElement, name: str) -> tuple[SoapElement, ...]:
    return tuple(child for child in element.named(name) if child.namespace == ENVELOPE)


def _understand(blocks: list[SoapElement]) -> None:
    """What must be understood and is not, may turn the meaning of the whole message (SOAP 1.1, 4.2.3)."""
    for block in blocks:
        if block.attributes.get(f"{{{ENVELOPE}}}mustUnderstand", "").strip() in {"1", "true"}:
            raise UpstreamMalformedError("the answer has a header that must be understood, and is not")


def _fault(fault: SoapElement) -> SoapFault:
    """Some systems give the parts of a fault a namespace, which SOAP 1.1 does not."""
    code, reason = (next((part.text or "" for part in fault.named(name)), "") for name in ("faultcode", "faultstring"))
    detail = tuple(block for part in fault.named("detail") for block in part.children)
    return SoapFault(code.strip().rpartition(":")[2], " ".join(reason.split()), detail)
