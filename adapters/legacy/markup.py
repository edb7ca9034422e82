"""Reading of XML answers: small documents without a document type, with limits on depth and number of tags."""

from typing import Final
from xml.etree.ElementTree import Element

from adapters.errors import UpstreamMalformedError
from adapters.legacy.envelopes import looks_like_html
from adapters.legacy.hardened_xml import parse_tree
from adapters.upstream import HttpAnswer

MOST_TAGS: Final = 5_000


def read_xml(answer: HttpAnswer, root: str) -> Element:
    """Return the document's root element, which must be called `root`. The content type is ignored.

    Raises `UpstreamMalformedError` for an HTML page, another root, a document type or a custom entity, malformed XML,
    and more than `MOST_TAGS` tags.
    """
    if looks_like_html(answer.content):
        raise UpstreamMalformedError("the answer is an HTML page instead of XML")
    if answer.content.count(b"<") > MOST_TAGS:
        raise UpstreamMalformedError("the document has more tags than the limit")
    element = parse_tree(answer.content, what="the answer")
    if element.tag != root:
        raise UpstreamMalformedError("the answer has another root element than expected")
    return element


def text_at(element: Element, path: str) -> str | None:
    """Return the stripped text of the first element at `path`; None when there is no such element, or it is empty."""
    return (element.findtext(path) or "").strip() or None
