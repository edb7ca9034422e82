"""Resources: the nouns of the API, each with its body, its query, its total order and its owner rule."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from schemas.records import Body
from schemas.texts import Text

B = TypeVar("B", bound=Body)


class Query(BaseModel):
    """What may be asked of a resource. Every filter is optional; a record passes when it meets all that are given."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


Q = TypeVar("Q", bound=Query)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a record is: the exact NIK, when the record states one without doubt, and the kelurahan it belongs to."""

    nik: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource(Generic[B, Q]):
    """One kind of canonical record.

    `order` names the fields of the total order, `-` in front for descending; the record's id always ends it.
    `owner` is None for a resource without people. `anyone_may_see` names the records of an owned resource whose general
    part is public. `matches` says whether a body meets a query.
    `may_be_held` is False for data that may never be held (health); such a list is one page.
    `for_officers` is False for data that concerns nobody but its owner: no officer sees it, whatever they state.
    `searched` gives the texts of a body that a search looks into, its headline first; None keeps it out of searches.
    """

    name: str
    prefix: str
    title: Text
    body: type[B]
    query: type[Q]
    order: tuple[str, ...]
    owner: Callable[[B], Owner] | None
    matches: Callable[[B, Q], bool]
    anyone_may_see: Callable[[B], bool] | None = None
    scope: str | None = None
    may_be_held: bool = True
    for_officers: bool = True
    searched: Callable[[B], tuple[str | Text | None, ...]] | None = None

    @property
    def public(self) -> bool:
        """Whether anyone may see records of this resource, or the general part of some."""
        return self.owner is None or self.anyone_may_see is not None
