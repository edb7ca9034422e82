"""Records with a position as a GeoJSON FeatureCollection (RFC 7946).

The position of the location becomes the geometry, null if unknown, and `id` the feature's id. All fields are its
properties, except the position.
`next`, `complete` and `sources` are foreign members of the collection (section 6.1).
"""

from typing import Any, Final

from pydantic_core import to_json

from gateway.api.formats.page import ListPage, Representation, envelope_fields

_LOCATION: Final = "location"
_POSITION: Final = "position"


def _feature(item: dict[str, Any]) -> bytes:
    location, identity = item[_LOCATION], item.pop("id")
    geometry = location.pop(_POSITION) if location else None
    return to_json({"type": "Feature", "id": identity, "geometry": geometry, "properties": item})


def _collection(page: ListPage) -> bytes:
    features = b",".join(_feature(item) for item in page.parsed())
    return b'{"type":"FeatureCollection","features":[' + features + b"]," + envelope_fields(page) + b"}"


GEOJSON: Final = Representation(media_type="application/geo+json", write=_collection)
"""GeoJSON, for maps. A record without a position becomes a feature without a geometry, so that no record is lost."""


def has_position(body: type[Any]) -> bool:
    """Return whether records of this body have a location."""
    return _LOCATION in body.model_fields
