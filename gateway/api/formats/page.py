"""A page of a list before serialisation: disclosed items and the states of their sources. And the JSON envelope."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import from_json, to_json

from gateway.api.sources import PublicSources
from gateway.policy.disclosure import Disclosed
from gateway.snapshots.validity import Edition


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of a list: disclosed items, sources, cursor of the next page, and total number of matches (`found`).

    `edition` states what a public page was made from. Without one, the page is made anew for each request.
    """

    disclosed: Disclosed
    sources: PublicSources
    next: str | None = None
    found: int | None = None
    edition: Edition | None = None

    def parsed(self) -> Iterable[dict[str, Any]]:
        """Return the items as Python values, for formats that do not contain them as JSON objects."""
        return map(from_json, self.disclosed.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Representation:
    """One format of a list: its media type, and the function that serialises a page.

    `carries_sources` states whether the body contains the states of the sources; otherwise headers do. `extension` is
    that of the downloaded file, None if the format is not for download. `prepare` does slow work, such as an import,
    before the first page is serialised.
    """

    media_type: str
    write: Callable[[ListPage], bytes]
    content_type: str | None = None
    carries_sources: bool = True
    extension: str | None = None
    prepare: Callable[[], object] | None = None


def envelope_fields(page: ListPage) -> bytes:
    """Return the envelope's JSON members besides the items: next, found, complete, sources."""
    found = b"" if page.found is None else b',"found":' + to_json(page.found)
    return b'"next":' + to_json(page.next) + found + b"," + page.sources.json_members()


def _envelope(page: ListPage) -> bytes:
    return b'{"items":[' + b",".join(page.disclosed.items) + b"]," + envelope_fields(page) + b"}"


JSON: Final = Representation(media_type="application/json", write=_envelope)
"""The JSON envelope, the default format."""
