"""What a list shows, before it is written in any form: disclosed items, and the account of their sources."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import from_json, to_json

from gateway.policy.disclosure import Disclosed
from schemas.envelope import Source, is_complete


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list: what policy disclosed, and where the page stands; `found` is how many there are in all."""

    disclosed: Disclosed
    sources: tuple[Source, ...]
    next: str | None = None
    found: int | None = None

    @property
    def complete(self) -> bool:
        """Whether every source answered in full."""
        return is_complete(self.sources)

    def parsed(self) -> Iterable[dict[str, Any]]:
        """The items as Python values, for forms that are not JSON objects side by side."""
        return map(from_json, self.disclosed.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Representation:
    """One form: its media type, and how a page is written in it.

    `accounts` says whether the form has room for the account of the sources; where it has none, headers carry it.
    `extension` is that of a file that somebody saves; None where nobody does. `prepare` is what takes long before the
    first of them is written.
    """

    media_type: str
    write: Callable[[ListPage], bytes]
    content_type: str | None = None
    accounts: bool = True
    extension: str | None = None
    prepare: Callable[[], object] | None = None


def account(page: ListPage) -> bytes:
    """The members of a JSON object that say where its page stands: next, found, complete, sources."""
    return (
        b'"next":'
        + to_json(page.next)
        + (b"" if page.found is None else b',"found":' + to_json(page.found))
        + (b',"complete":true' if page.complete else b',"complete":false')
        + b',"sources":['
        + b",".join(write_source(source) for source in page.sources)
        + b"]"
    )


def write_source(source: Source) -> bytes:
    """A source as JSON, without what does not apply."""
    return source.model_dump_json(exclude_none=True).encode()


def _envelope(page: ListPage) -> bytes:
    return b'{"items":[' + b",".join(page.disclosed.items) + b"]," + account(page) + b"}"


JSON: Final = Representation(media_type="application/json", write=_envelope)
"""The honest envelope: what everybody gets who asks for nothing else."""
