"""Whole answers in XML: small documents only, without a document type, whose depth and number of tags are bounded."""

from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from adapters.errors import UpstreamMalformedError
from adapters.legacy.envelopes import looks_like_html
from adapters.upstream import HttpAnswer

MOST_TAGS: Final = 5_000
_BROKEN: Final = (ParseError, DefusedXmlException, LookupError, ValueError)


def read_xml(answer: HttpAnswer, root: str) -> Element:
    """The document's element, which is called `root`; the content type is not looked at.

    Raises `UpstreamMalformedError` for a page instead of data, another root, a document type or an entity of its own,
    what is no sound XML, and more than `MOST_TAGS` tags.
    """
    if looks_like_html(answer.content):
        raise UpstreamMalformedError("a page came where XML was expected")
    if answer.content.count(b"<") > MOST_TAGS:
        raise UpstreamMalformedError("the document has more tags than any answer needs")
    try:
        element = fromstring(answer.content, forbid_dtd=True)
    except _BROKEN:
        element = None
    # Raised outside the handler, so that the parser's error, which may quote its input, is not even its context.
    if element is None or element.tag != root:
        raise UpstreamMalformedError("the answer is not well-formed XML of the expected kind")
    return element


def text_at(element: Element, path: str) -> str | None:
    """The text of the first element at `path`, without blanks around it; None when there is none, or it is empty."""
    return (element.findtext(path) or "").strip() or None
