"""Reads an XML document that a client sent; a document with a document type is refused."""

from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers.expat import ExpatError, ParserCreate


def read_document(document: bytes) -> Element | None:
    """The root element; None for what is not well-formed, or has a document type."""
    tree = TreeBuilder()
    parser = ParserCreate(None, "}")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = lambda name, attributes: tree.start(
        _name(name), {_name(key): value for key, value in attributes.items()}
    )
    parser.EndElementHandler = lambda name: tree.end(_name(name))
    parser.CharacterDataHandler = tree.data
    try:
        parser.Parse(document, True)
    except (ExpatError, ValueError, LookupError):
        return None
    return tree.close()


def _refuse(*_declaration: object) -> None:
    raise ValueError("a document type")


def _name(name: str) -> str:
    return "{" + name if "}" in name else name
