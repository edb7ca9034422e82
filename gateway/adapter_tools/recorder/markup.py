"""Rewrites XML and HTML documents: replaces texts and attributes, and drops comments and scripts."""

import re
from collections.abc import Iterator
from typing import Any, Final

from lxml import etree, html

from gateway.adapter_tools.recorder.replacer import Replacer

_DROPPED: Final = ("script", "style", "noscript", "template")
_STRUCTURE: Final = frozenset({"class", "type", "method", "colspan", "rowspan", "rel", "lang", "charset"})
_NUMBERED: Final = re.compile(r"\d{5}")
_NAMES: Final = frozenset({"name", "id", "for"})


class DamagedDocumentError(ValueError):
    """The document cannot be parsed, so personal data cannot be recognised."""


Marked = tuple[str, tuple[str, ...]]
"""A document, and its texts and attributes for the final check."""


def xml_of(content: bytes, replacer: Replacer) -> Marked:
    """Rewrite an XML document without comments and instructions. Raises `DamagedDocumentError`."""
    root = safe_tree(content)
    if any(_NUMBERED.search(_local(element)) for element in root.iter()):
        raise DamagedDocumentError("XML whose elements are named by numbers")
    _learn(root, replacer)
    for element in root.iter():
        _replace(element, _local(element), replacer, frozenset())
    return etree.tostring(root, encoding="unicode") + "\n", _left(root)


def safe_tree(content: bytes) -> Any:  # noqa: ANN401 - an element of lxml
    """The root of a document without entities, comments and instructions. Raises `DamagedDocumentError`."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        raise DamagedDocumentError("XML that cannot be read, or that has a document type")
    return root


def html_of(text: str, replacer: Replacer) -> Marked:
    """Rewrite an HTML page. A field of a form is a column named after it."""
    root: Any = html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8", remove_comments=True))
    for element in list(root.iter(*_DROPPED)):
        element.drop_tree()
    _learn(root, replacer)
    for element in root.iter(etree.Element):
        _replace(element, str(element.get("name") or ""), replacer, _STRUCTURE | _NAMES)
    said: str = html.tostring(root, encoding="unicode", doctype="<!DOCTYPE html>")
    return said + "\n", _left(root)


def _left(root: Any) -> tuple[str, ...]:  # noqa: ANN401 - an element of lxml
    attributes = (str(value) for element in root.iter(etree.Element) for value in element.attrib.values())
    return ("\n".join((*(str(text) for text in root.itertext()), *attributes)),)


def _learn(root: Any, replacer: Replacer) -> None:  # noqa: ANN401 - an element of lxml
    for column, text in _texts(root):
        replacer.learn(text, column)


def _texts(root: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - an element of lxml
    for element in root.iter(etree.Element):
        column = str(element.get("name") or _local(element))
        yield column, element.text or ""
        yield column, element.tail or ""
        yield from ((str(name), str(value)) for name, value in element.attrib.items() if name not in _STRUCTURE)


def _replace(element: Any, column: str, replacer: Replacer, structure: frozenset[str]) -> None:  # noqa: ANN401
    element.text = replacer.text(element.text, column) if element.text else element.text
    element.tail = replacer.text(element.tail, "") if element.tail else element.tail
    for name, value in element.attrib.items():
        if name not in structure:
            element.set(name, replacer.text(str(value), column or str(name)))


def _local(element: Any) -> str:  # noqa: ANN401 - an element of lxml
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
