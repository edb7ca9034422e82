"""Records with a position as a GeoJSON FeatureCollection (RFC 7946).

The position is the geometry, null where it is not known; the id is the feature's; everything else is in its properties.
The account of the sources stands beside the features, as foreign members (section 6.1).
"""

from typing import Any, Final

from pydantic_core import to_json

from gateway.api.formats.page import ListPage, Representation, account

_GEOMETRY: Final = "position"


def _feature(item: dict[str, Any]) -> bytes:
    geometry, identity = item.pop(_GEOMETRY), item.pop("id")
    return to_json({"type": "Feature", "id": identity, "geometry": geometry, "properties": item})


def _collection(page: ListPage) -> bytes:
    features = b",".join(_feature(item) for item in page.parsed())
    return b'{"type":"FeatureCollection","features":[' + features + b"]," + account(page) + b"}"


GEOJSON: Final = Representation(media_type="application/geo+json", write=_collection)
"""For maps. What of a record has no position is a feature without a geometry: no map shows it, and no list loses it."""


def has_position(body: type[Any]) -> bool:
    """Whether records of this body can be shown on a map."""
    return _GEOMETRY in body.model_fields
