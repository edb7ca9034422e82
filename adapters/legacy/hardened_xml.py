"""The XML parser for documents from outside (expat): no document type, no entities, bounded depth.

The parser reports one element at a time to a target, so the caller can stop a document before it grows. Its charset is
one of a short list in which `<` is always the byte 0x3C: a caller that counts these bytes has an upper bound on tags.

lxml would not serve as well. It keeps the names of all documents for as long as the thread lives, so documents with
ever new names fill the memory (7 MB for each that has 30,000); and its parser leaves cycles to the garbage collector.
"""

import codecs
import re
from typing import Final, Protocol
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers.expat import ExpatError, ParserCreate, XMLParserType

from adapters.errors import UpstreamMalformedError

BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
CHARSETS: Final = frozenset(
    {"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin1", "latin-1", "windows-1252", "cp1252", "iso-8859-15"}
)
MAX_DEPTH: Final = 256
_DECLARED: Final = re.compile(rb"\s*<\?xml\s[^>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_HEAD: Final = 256


class XmlTarget(Protocol):
    """Receives the elements of a document in their order. Names are `{namespace}name`."""

    def start(self, tag: str, attributes: dict[str, str], /) -> object:
        """An element begins."""
        ...

    def data(self, text: str, /) -> object:
        """Text of the innermost open element, maybe only a part of it."""
        ...

    def end(self, tag: str, /) -> object:
        """The element ends."""
        ...


class RefusedXmlError(Exception):
    """The document has something that no document may have here; the message says what."""


class _Guard:
    """Passes the parser's events on to a target, and bounds the depth."""

    def __init__(self, target: XmlTarget, max_depth: int) -> None:
        self._target = target
        self._left = max_depth

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._left -= 1
        if self._left < 0:
            raise RefusedXmlError("nests too deeply")
        self._target.start(_name(name), {_name(key): value for key, value in attributes.items()})

    def end(self, name: str) -> None:
        self._left += 1
        self._target.end(_name(name))


def _name(name: str) -> str:
    return "{" + name if "}" in name else name


def _refuse_doctype(*_declaration: object) -> None:
    raise RefusedXmlError("has a document type")


def hardened_parser(target: XmlTarget, *, max_depth: int = MAX_DEPTH) -> XMLParserType:
    """A parser of UTF-8, whatever the XML declaration says, that reports to `target`.

    A document type raises `RefusedXmlError` before its declarations are read, and so does more depth than `max_depth`.
    """
    guard = _Guard(target, max_depth)
    parser = ParserCreate("utf-8", "}")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = guard.start
    parser.EndElementHandler = guard.end
    parser.CharacterDataHandler = target.data
    return parser


def declared_charset(content: bytes) -> str | None:
    """The charset in the XML declaration, as written there."""
    found = _DECLARED.match(content[:_HEAD])
    return found[1].decode("ascii") if found else None


def parse(content: bytes, target: XmlTarget, *, what: str) -> None:
    """Report the elements of `content` to `target`.

    Raises `UpstreamMalformedError` for a document type, an undeclared entity, more depth than `MAX_DEPTH`, a charset
    other than UTF-16 and `CHARSETS`, and XML that is not well-formed. `what` names the document in the message. An
    error of `target` ends the parsing and passes through.
    """
    charset = _charset(content)
    try:
        # In one piece: a parser that is fed piecemeal may begin a long tag anew with every piece.
        whole = content if charset == "utf-8" else content.decode(charset).encode()
        hardened_parser(target).Parse(whole, True)
    except RefusedXmlError as error:
        reason = str(error)
    except (ExpatError, ValueError):
        reason = "is not sound XML"
    else:
        return
    # Raised outside the handlers, so that the parser's error is not even its context.
    raise UpstreamMalformedError(f"{what} {reason}")


def parse_tree(content: bytes, *, what: str) -> Element:
    """The root element of `content`. The caller bounds the size beforehand. Raises as `parse` does."""
    builder = TreeBuilder()
    parse(content, builder, what=what)
    return builder.close()


def _charset(content: bytes) -> str:
    marked = next((name for mark, name in BYTE_ORDER_MARKS if content.startswith(mark)), None)
    if marked is not None:
        return marked
    declared = (declared_charset(content) or "utf-8").lower()
    if declared not in CHARSETS:
        raise UpstreamMalformedError("a document is in a charset that is not read here")
    return declared
