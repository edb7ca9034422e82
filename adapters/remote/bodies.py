"""From what a remote adapter calls a canonical body to one: validated as strictly as JSON can be."""

from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import to_json

from adapters.errors import UnusableRecordError
from adapters.legacy.envelopes import fault
from adapters.remote.wire import Item
from schemas.records import Body
from schemas.resources import Query, Resource

B = TypeVar("B", bound=Body)
Q = TypeVar("Q", bound=Query)


def body_of(resource: Resource[B, Q], item: Item) -> B:
    """The body of an item. Raises `UnusableRecordError` for a missing or unknown member, or a wrong type."""
    try:
        # As JSON once more: only there a date is a text and yet no number may be one.
        return resource.body.model_validate_json(to_json(item.body, inf_nan_mode="null"), strict=True)
    except ValidationError as error:
        reason = fault(error)
    raise UnusableRecordError(f"the body is not canonical: {reason}")
