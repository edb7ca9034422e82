"""Resources: the kinds of records in the API, each with its body, query, total order and owner rule."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from schemas.records import Body
from schemas.texts import Text

B = TypeVar("B", bound=Body)


class Query(BaseModel):
    """The filters of a resource. Every filter is optional; a record matches when it meets all that are set."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @property
    def has_filters(self) -> bool:
        """Whether any filter is set. Without one, every record of the resource matches."""
        return any(value is not None for value in self.__dict__.values())


Q = TypeVar("Q", bound=Query)


@dataclass(frozen=True, slots=True)
class Owner:
    """The owner of a record: the exact NIK, if the record states one without doubt, and the kelurahan of the record."""

    nik: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource(Generic[B, Q]):
    """One kind of canonical record.

    * `order`: the fields of the total order, `-` in front for descending; the record's id is always the last criterion.
    * `owner`: the owner rule; None for a resource that concerns no person.
    * `anyone_may_see`: for a resource with owners, returns whether the general part of a record is public.
    * `matches`: returns whether a body meets a query.
    * `may_be_held`: False for data that may never be stored (health); such a list is one page.
    * `for_officers`: False for data that only its owner may see, whatever purpose an officer states.
    * `searched`: returns the texts of a body that the search indexes, its headline first; None excludes it from
      searches.
    * `generic`: the generic resource of which this one is a profile. Its body and query derive from those of the
      generic resource, so that the lists of the generic resource contain its records too.
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
    generic: "Resource[Any, Any] | None" = None

    @property
    def public(self) -> bool:
        """Whether anyone may see records of this resource, or the general part of some of them."""
        return self.owner is None or self.anyone_may_see is not None
