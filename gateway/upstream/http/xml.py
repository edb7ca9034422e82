"""Reads XML answers with bounds on depth and number of elements; document types and entities are refused.

The parser (`adapters.legacy.hardened_xml`) reports one element at a time, so depth and number are bounded before
anything grows. The gateway decodes the text, so the document does not choose a codec.
"""

import re
from collections.abc import Mapping
from io import StringIO
from types import MappingProxyType
from typing import Final
from xml.parsers.expat import ExpatError

from adapters.errors import UpstreamMalformedError
from adapters.legacy.charsets import decode
from adapters.legacy.hardened_xml import BYTE_ORDER_MARKS, CHARSETS, RefusedXmlError, declared_charset, hardened_parser
from adapters.upstream import SoapElement

SCHEMA_INSTANCE: Final = "http://www.w3.org/2001/XMLSchema-instance"

_NIL: Final = f"{{{SCHEMA_INSTANCE}}}nil"
_ATTACHMENT: Final = "http://www.w3.org/2004/08/xop/include"
_NO_ATTRIBUTES: Final[Mapping[str, str]] = MappingProxyType({})
_DECLARATION: Final = re.compile(r"\s*<\?xml\s[^>]{0,200}\?>")
_INVALID_CHARACTERS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def decode_document(content: bytes, *, header: str | None = None, declared: str | None = None) -> str:
    """The document as text, without its XML declaration.

    A UTF-16 byte order mark decides the charset; else `declared`, which the adapter states for the system; else a UTF-8
    byte order mark, the HTTP `header`, the XML declaration, or the default UTF-8. Invalid bytes and characters become
    U+FFFD. Raises `UpstreamMalformedError` for an unsupported charset.
    """
    for mark, name in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            content, charset = content[len(mark) :], declared if declared and name == "utf-8" else name
            break
    else:
        charset = (declared or header or declared_charset(content) or "utf-8").strip("\"' ").lower()
        if charset not in CHARSETS:
            raise UpstreamMalformedError("the answer is in a charset that is not read here")
    text = decode(content, charset).value or ""
    declaration = _DECLARATION.match(text)
    return _INVALID_CHARACTERS.sub("\ufffd", text[declaration.end() :] if declaration else text).lstrip()


def read_element(text: str, *, max_depth: int, max_elements: int) -> SoapElement:
    """The document's root.

    Raises `UpstreamMalformedError` for a document type, a processing instruction, an attachment by reference, more
    depth or elements than allowed, and for XML that is not well-formed.
    """
    content = text.encode()
    if content.count(b"<") > 3 * max_elements or content.count(b"=") > 3 * max_elements:
        raise UpstreamMalformedError("the answer has more elements or attributes than allowed")
    builder = _Builder(max_elements)
    parser = hardened_parser(builder, max_depth=max_depth)
    parser.ProcessingInstructionHandler = builder.pi
    try:
        parser.Parse(content, True)
    except RefusedXmlError as error:
        reason = f"the answer {error}"
    except (ExpatError, ValueError):
        reason = "the answer is not well-formed XML"
    else:
        if builder.root is not None:
            return builder.root
        reason = "the answer is empty"
    # Raised outside the handlers, so that the parser's error, which may quote its input, is not even its context.
    raise UpstreamMalformedError(reason)


class _Builder:
    """The parser target; builds `SoapElement`s from the innermost outwards."""

    def __init__(self, max_elements: int) -> None:
        self.root: SoapElement | None = None
        self._left = max_elements
        self._open: list[tuple[Mapping[str, str], StringIO, list[SoapElement]]] = []
        self._names: dict[str, tuple[str, str]] = {}

    def start(self, _tag: str, attributes: Mapping[str, str]) -> None:
        self._left -= 1
        if self._left < 0:
            raise RefusedXmlError("has more elements than allowed")
        self._open.append((dict(attributes) if attributes else _NO_ATTRIBUTES, StringIO(newline=""), []))

    def data(self, data: str) -> None:
        if self._open:
            self._open[-1][1].write(data)

    def end(self, tag: str) -> None:
        attributes, written, children = self._open.pop()
        namespace, name = self._split(tag)
        if namespace.casefold().startswith(_ATTACHMENT):
            raise RefusedXmlError("has attachments, which are not read here")
        nil = attributes.get(_NIL, "").strip() in {"1", "true"}
        text = None if children or nil else written.getvalue()
        element = SoapElement(name, namespace, text, tuple(children), attributes)
        if self._open:
            self._open[-1][2].append(element)
        else:
            self.root = element

    def pi(self, _target: str, _data: str | None = None) -> None:
        raise RefusedXmlError("has a processing instruction")

    def _split(self, tag: str) -> tuple[str, str]:
        found = self._names.get(tag)
        if found is None:
            namespace, _, name = tag.rpartition("}")
            found = self._names[tag] = (namespace.removeprefix("{"), name)
        return found
