"""SOAP 1.1 envelopes: builds the envelope of a call, and parses the answer into its element or fault."""

import re
from typing import Final

from lxml import etree

from adapters.errors import QueryRefusedError, UpstreamMalformedError
from adapters.upstream import HttpAnswer, SoapElement, SoapFault, SoapRequest
from gateway.upstream.http.xml import SCHEMA_INSTANCE

ENVELOPE: Final = "http://schemas.xmlsoap.org/soap/envelope/"

_SOAP_12: Final = "http://www.w3.org/2003/05/soap-envelope"
_CLIENT_FAULT: Final = re.compile(
    rb"<(?:[\w.-]+:)?faultcode[^<>]*>\s*(?:[\w.-]+:)?(?:Client|MustUnderstand|VersionMismatch)[\s.<]"
)


def build_envelope(request: SoapRequest) -> bytes:
    """Build the message in UTF-8. Raises `QueryRefusedError` for names or characters that XML does not allow."""
    envelope = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"soap": ENVELOPE, "xsi": SCHEMA_INSTANCE})
    try:
        if request.header:
            header = etree.SubElement(envelope, f"{{{ENVELOPE}}}Header")
            for block in request.header:
                _append(header, block)
        _append(etree.SubElement(envelope, f"{{{ENVELOPE}}}Body"), request.body)
    except ValueError:
        content = None
    else:
        content = etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")
    if content is None:
        raise QueryRefusedError("the call contains a name or a character that XML does not allow")
    return content


def _append(parent: etree._Element, element: SoapElement) -> None:
    tag = f"{{{element.namespace}}}{element.name}" if element.namespace else element.name
    child_element = etree.SubElement(parent, tag, dict(element.attributes))
    if element.text is not None:
        child_element.text = element.text
    for child in element.children:
        _append(child_element, child)


def parse_envelope(envelope: SoapElement, request: SoapRequest) -> SoapElement | SoapFault:
    """The answer or fault in an envelope. Raises `UpstreamMalformedError` unless it answers this call."""
    if (envelope.name, envelope.namespace) != ("Envelope", ENVELOPE):
        is_soap_12 = envelope.namespace == _SOAP_12
        raise UpstreamMalformedError("the answer is SOAP 1.2" if is_soap_12 else "the answer is no SOAP envelope")
    _refuse_mandatory_headers([block for header in _envelope_children(envelope, "Header") for block in header.children])
    bodies = _envelope_children(envelope, "Body")
    if len(bodies) != 1:
        raise UpstreamMalformedError("the envelope does not have exactly one body")
    faults = _envelope_children(bodies[0], "Fault")
    if faults:
        return _fault(faults[0])
    wanted = (request.answer or f"{request.body.name}Response", request.body.namespace)
    found = [(child.name, child.namespace) for child in bodies[0].children]
    if found != [wanted]:
        raise UpstreamMalformedError("the body does not contain the answer of this operation")
    return bodies[0].children[0]


def is_client_fault(answer: HttpAnswer) -> bool:
    """Whether a 5xx contains a fault of class Client: a clear answer, and no sign of a failing system.

    Found without parsing: the result only affects the circuit and the health of the office, before the body is read.
    """
    return _CLIENT_FAULT.search(answer.content, 0, 65_536) is not None


def _envelope_children(element: SoapElement, name: str) -> tuple[SoapElement, ...]:
    return tuple(child for child in element.named(name) if child.namespace == ENVELOPE)


def _refuse_mandatory_headers(blocks: list[SoapElement]) -> None:
    """Raise for any mandatory header: it may change the meaning of the message (SOAP 1.1, 4.2.3)."""
    for block in blocks:
        if block.attributes.get(f"{{{ENVELOPE}}}mustUnderstand", "").strip() in {"1", "true"}:
            raise UpstreamMalformedError("the answer has a header that must be understood, and is not")


def _fault(fault: SoapElement) -> SoapFault:
    """Read a fault. Some systems give its parts a namespace, which SOAP 1.1 does not."""
    code, reason = (next((part.text or "" for part in fault.named(name)), "") for name in ("faultcode", "faultstring"))
    detail = tuple(block for part in fault.named("detail") for block in part.children)
    return SoapFault(code.strip().rpartition(":")[2], " ".join(reason.split()), detail)
