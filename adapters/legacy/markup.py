"""Reading of XML answers: small documents without a document type, with limits on depth and number of tags."""

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
    """Return the document's root element, which must be called `root`. The content type is ignored.

    Raises `UpstreamMalformedError` for an HTML page, another root, a document type or a custom entity, malformed XML,
    and more than `MOST_TAGS` tags.
    """
    if looks_like_html(answer.content):
        raise UpstreamMalformedError("the answer is an HTML page instead of XML")
    if answer.content.count(b"<") > MOST_TAGS:
        raise UpstreamMalformedError("the document has more tags than the limit")
    try:
        element = fromstring(answer.content, forbid_dtd=True)
    except _BROKEN:
        element = None
    # Raised outside the handler, so that the parser's error, which may quote its input, is not attached as context.
    if element is None or element.tag != root:
        raise UpstreamMalformedError("the answer is not well-formed XML of the expected kind")
    return element


def text_at(element: Element, path: str) -> str | None:
    """Return the stripped text of the first element at `path`; None when there is no such element, or it is empty."""
    return (element.findtext(path) or "").strip() or None
