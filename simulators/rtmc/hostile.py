"""Hostile answers on demand: XML bombs, external entities, deep nesting, faults, other envelopes (Q11, Q67)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from simulators.rtmc import messages

_LEVELS: Final = 10_000
_BUSY: Final = "Layanan sedang sibuk"
_NEWER: Final = "http://www.w3.org/2003/05/soap-envelope"


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, media type and body of an answer."""

    body: bytes
    status: int = 200
    media_type: str = messages.MEDIA_TYPE


def _with_document_type(declared: str, content: str) -> bytes:
    xml, _, rest = messages.answer("CekLayanan", ("@",)).partition(b"\n")
    return xml + f"\n<!DOCTYPE soap:Envelope {declared}>".encode() + rest.replace(b"@", content.encode())


def _billion_laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return _with_document_type(f'[<!ENTITY l0 "ha">{entities}]', "&l9;")


def _deep() -> bytes:
    return messages.answer("CekLayanan", ("<r:a>" * _LEVELS, "</r:a>" * _LEVELS))


def _wrong_namespace() -> bytes:
    name = "urn:polda-kalsel:rtmc:layanan:1"
    return messages.answer("CekLayanan", ()).replace(messages.NAMESPACE.encode(), name.encode())


def _attachments() -> Reply:
    body = b"--x\r\nContent-Type: application/xop+xml\r\n\r\n" + messages.answer("CekLayanan", ()) + b"\r\n--x--\r\n"
    return Reply(body, media_type='multipart/related; boundary=x; type="application/xop+xml"')


REPLIES: Final[Mapping[str, Callable[[], Reply]]] = MappingProxyType(
    {
        "xml-bomb": lambda: Reply(_billion_laughs()),
        "quadratic-bomb": lambda: Reply(
            _with_document_type(f'[<!ENTITY a "{"x" * 100_000}">]', "&a;" * 100_000),
        ),
        "external-entity": lambda: Reply(_with_document_type('[<!ENTITY a SYSTEM "file:///etc/hostname">]', "&a;")),
        "document-type": lambda: Reply(_with_document_type('SYSTEM "http://127.0.0.1:9/rtmc.dtd"', "")),
        "deep": lambda: Reply(_deep()),
        "wrong-namespace": lambda: Reply(_wrong_namespace()),
        "soap-1.2": lambda: Reply(messages.envelope("", _NEWER), media_type="application/soap+xml; charset=utf-8"),
        "attachments": _attachments,
        "fault-200": lambda: Reply(messages.fault("Server", "503", _BUSY)),
        "fault-500": lambda: Reply(messages.fault("Server", "503", _BUSY), 500),
        "client-fault-500": lambda: Reply(messages.fault("Client", "400", "Parameter tidak lengkap"), 500),
        "expired-agreement": lambda: Reply(messages.fault("Client", "403", "Masa PKS berakhir")),
    }
)
