"""Strict validation of the bodies that a remote adapter sends."""

from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import to_json

from adapters.errors import UnusableRecordError
from adapters.legacy.envelopes import validation_summary
from adapters.remote.wire import Item
from schemas.records import Body
from schemas.resources import Query, Resource

B = TypeVar("B", bound=Body)
Q = TypeVar("Q", bound=Query)


def body_of(resource: Resource[B, Q], item: Item) -> B:
    """Return the validated body of an item.

    Raises `UnusableRecordError` for a missing or unknown member, or a wrong type.
    """
    try:
        # Validated as JSON: only in that mode strict validation accepts a text as a date, and refuses it as a number.
        return resource.body.model_validate_json(to_json(item.body, inf_nan_mode="null"), strict=True)
    except ValidationError as error:
        reason = validation_summary(error)
    raise UnusableRecordError(f"the body is not canonical: {reason}")
