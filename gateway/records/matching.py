"""Selection of the records that match a query."""

from collections.abc import Sequence
from typing import Any, TypeVar

from schemas.records import Body, Record
from schemas.resources import Query, Resource

B = TypeVar("B", bound=Body)
Q = TypeVar("Q", bound=Query)


def matching_records(resource: Resource[Any, Q], records: Sequence[Record[B]], query: Q) -> tuple[Record[B], ...]:
    """Return the records that match, in the same order: without any filter all of them, and none is looked at."""
    if not query.has_filters:
        return tuple(records)
    return tuple(record for record in records if resource.matches(record.body, query))
