"""OpenAPI schemas of the formats of a list other than JSON."""

from typing import Any, Final

from gateway.api.formats.geojson import GEOJSON
from gateway.api.formats.page import Representation
from schemas.classes import Classed

_SOURCES: Final = {"type": "array", "items": {"$ref": "#/components/schemas/Source"}}
_POINT: Final = {"anyOf": [{"$ref": "#/components/schemas/Point"}, {"type": "null"}]}
_TEXT: Final = {
    "text/csv": (
        "Baris pertama nama kolom, didahului BOM UTF-8; kolomnya selalu sama. Keadaan sumber ada di header.\n\n"
        "The first line contains the column names, after a UTF-8 byte order mark; the columns are always the same. The "
        "states of the sources are in headers."
    ),
    "text/calendar": (
        "Satu VEVENT tiap konsultasi yang bertanggal (RFC 5545).\n\nOne VEVENT for each dated consultation (RFC 5545)."
    ),
}


def format_schema(representation: Representation, model: type[Classed]) -> dict[str, Any]:
    """Return the schema of a list of this model in a format."""
    if representation is GEOJSON:
        return _collection(model.__name__.removesuffix("List"))
    return {"type": "string", "description": _TEXT[representation.media_type]}


def _collection(name: str) -> dict[str, Any]:
    feature = {
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "const": "Feature"},
            "id": {"type": "string"},
            "geometry": _POINT,
            "properties": {
                "type": "object",
                "description": f"{name} tanpa id dan letak · {name} without id and position",
            },
        },
    }
    return {
        "type": "object",
        "description": "RFC 7946, dengan keadaan sumber · RFC 7946, with the states of the sources",
        "required": ["type", "features", "next", "complete", "sources"],
        "properties": {
            "type": {"type": "string", "const": "FeatureCollection"},
            "features": {"type": "array", "items": feature},
            "next": {"type": ["string", "null"]},
            "complete": {"type": "boolean"},
            "sources": _SOURCES,
        },
    }
