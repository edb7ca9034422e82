"""Validation of records that a remote adapter has already normalised. Pure."""

from dataclasses import dataclass
from typing import Any

from adapters.contract import Normal
from adapters.remote.bodies import body_of
from adapters.remote.wire import Item
from schemas.resources import Resource


@dataclass(frozen=True, slots=True)
class Normaliser:
    """Validates records of one resource."""

    resource: Resource[Any, Any]

    def normalise(self, w: Item) -> Normal[Any]:
        """Return the canonical body and its doubts. Raises `UnusableRecordError`."""
        return Normal(body_of(self.resource, w), w.doubts)


def key(w: Item) -> str:
    """Return the system's own key."""
    return w.key
