"""Messages in SOAP 1.1, written by hand, as this service writes them; and what it reads of a call."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

NAMESPACE: Final = "urn:polda-kalsel:rtmc:layanan:2"
SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
MEDIA_TYPE: Final = "text/xml; charset=utf-8"
_CHARSET: Final = "cp1252"

Fields = Mapping[str, str | None]


class NotSoapError(ValueError):
    """What came is no call."""


@dataclass(frozen=True, slots=True)
class Called:
    """A call: the operation, its parameters, and who says they are calling."""

    operation: str
    parameters: Mapping[str, str]
    partner: str
    password: str


def called(body: bytes) -> Called:
    """Read a call. Raises `NotSoapError`."""
    try:
        envelope: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise NotSoapError("no XML") from None
    operation = envelope.find(f"{{{SOAP}}}Body/*")
    if envelope.tag != f"{{{SOAP}}}Envelope" or operation is None:
        raise NotSoapError("no SOAP envelope")
    namespace, _, name = operation.tag.rpartition("}")
    if namespace != f"{{{NAMESPACE}":
        raise NotSoapError("another namespace")
    who = f"{{{SOAP}}}Header/{{{NAMESPACE}}}Otentikasi/{{{NAMESPACE}}}"
    return Called(
        operation=name,
        parameters={part.tag.rpartition("}")[2]: (part.text or "").strip() for part in operation},
        partner=envelope.findtext(f"{who}mitra") or "",
        password=envelope.findtext(f"{who}sandi") or "",
    )


def element(name: str, content: str | None) -> str:
    """An element with a text; None is written as nil."""
    return f'<r:{name} xsi:nil="true"/>' if content is None else f"<r:{name}>{escape(content)}</r:{name}>"


def record(name: str, fields: Fields) -> str:
    """An element with one child for each field."""
    return f"<r:{name}>{''.join(element(*field) for field in fields.items())}</r:{name}>"


def answer(operation: str, parts: Iterable[str]) -> bytes:
    """The answer to an operation."""
    return envelope(f'<r:{operation}Response xmlns:r="{NAMESPACE}">{"".join(parts)}</r:{operation}Response>')


def fault(whose: str, code: str, words: str) -> bytes:
    """A refusal: `whose` is Client or Server, `code` the service's own number."""
    return envelope(
        f"<soap:Fault><faultcode>soap:{whose}</faultcode><faultstring>{escape(words)}</faultstring><detail>"
        f'<r:kesalahan xmlns:r="{NAMESPACE}">{element("kode", code)}{element("pesan", words)}</r:kesalahan>'
        "</detail></soap:Fault>"
    )


def envelope(body: str, soap: str = SOAP) -> bytes:
    """An envelope around a body.

    The header of the HTTP answer says UTF-8, the declaration ISO-8859-1, and the bytes are windows-1252: that is what
    the centre's database holds.
    """
    text = (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n'
        f'<soap:Envelope xmlns:soap="{soap}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<soap:Body>{body}</soap:Body></soap:Envelope>"
    )
    return text.encode(_CHARSET, "xmlcharrefreplace")
