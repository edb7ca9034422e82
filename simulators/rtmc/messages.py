"""SOAP 1.1 messages as this service writes them, and the parser of its calls."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from simulators.xml_documents import read_document

NAMESPACE: Final = "urn:polda-kalsel:rtmc:layanan:2"
SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
MEDIA_TYPE: Final = "text/xml; charset=utf-8"
_CHARSET: Final = "cp1252"

Fields = Mapping[str, str | None]


class NotSoapError(ValueError):
    """The request is not a SOAP call."""


@dataclass(frozen=True, slots=True)
class SoapCall:
    """A call: the operation, its parameters, and the caller's credentials."""

    operation: str
    parameters: Mapping[str, str]
    partner: str
    password: str


def parse_call(body: bytes) -> SoapCall:
    """Parse a call. Raises `NotSoapError`."""
    envelope = read_document(body)
    if envelope is None:
        raise NotSoapError("no XML")
    operation = envelope.find(f"{{{SOAP}}}Body/*")
    if envelope.tag != f"{{{SOAP}}}Envelope" or operation is None:
        raise NotSoapError("no SOAP envelope")
    namespace, _, name = operation.tag.rpartition("}")
    if namespace != f"{{{NAMESPACE}":
        raise NotSoapError("another namespace")
    who = f"{{{SOAP}}}Header/{{{NAMESPACE}}}Otentikasi/{{{NAMESPACE}}}"
    return SoapCall(
        operation=name,
        parameters={part.tag.rpartition("}")[2]: (part.text or "").strip() for part in operation},
        partner=envelope.findtext(f"{who}mitra") or "",
        password=envelope.findtext(f"{who}sandi") or "",
    )


def element(name: str, content: str | None) -> str:
    """Return an element with a text; None is written as nil."""
    return f'<r:{name} xsi:nil="true"/>' if content is None else f"<r:{name}>{escape(content)}</r:{name}>"


def record(name: str, fields: Fields) -> str:
    """Return an element with one child for each field."""
    return f"<r:{name}>{''.join(element(*field) for field in fields.items())}</r:{name}>"


def answer(operation: str, parts: Iterable[str]) -> bytes:
    """Return the answer to an operation."""
    return envelope(f'<r:{operation}Response xmlns:r="{NAMESPACE}">{"".join(parts)}</r:{operation}Response>')


def fault(fault_code_prefix: str, code: str, words: str) -> bytes:
    """Return a SOAP fault: `whose` is Client or Server, `code` the service's own number."""
    return envelope(
        f"<soap:Fault><faultcode>soap:{fault_code_prefix}</faultcode><faultstring>{escape(words)}</faultstring><detail>"
        f'<r:kesalahan xmlns:r="{NAMESPACE}">{element("kode", code)}{element("pesan", words)}</r:kesalahan>'
        "</detail></soap:Fault>"
    )


def envelope(body: str, soap: str = SOAP) -> bytes:
    """Wrap a body in an envelope.

    The HTTP header states UTF-8, the XML declaration ISO-8859-1, and the bytes are windows-1252, the charset of the
    centre's database.
    """
    text = (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n'
        f'<soap:Envelope xmlns:soap="{soap}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<soap:Body>{body}</soap:Body></soap:Envelope>"
    )
    return text.encode(_CHARSET, "xmlcharrefreplace")
