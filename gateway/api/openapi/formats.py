"""OpenAPI schemas of the formats of a list other than JSON."""

from typing import Annotated, Any, Final, Literal

from gateway.api.formats.geojson import GEOJSON
from gateway.api.formats.page import Representation
from schemas.classes import Classed, general
from schemas.envelope import Source
from schemas.places import Point

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


class Feature(Classed):
    """A record as a GeoJSON feature (RFC 7946)."""

    type: Annotated[Literal["Feature"], general("Jenis", "GeoJSON type")]
    id: Annotated[str, general("Nomor", "Opaque id", examples=["fac_Rk9vQmFy"])]
    geometry: Annotated[Point | None, general("Letak", "Position of the record; null if it has none")]
    properties: Annotated[
        dict[str, Any], general("Kolom", "Fields of the record as in the list in JSON, without id and position")
    ]


class FeatureCollection(Classed):
    """A page of records as GeoJSON (RFC 7946), with the state of every system that could have contributed."""

    type: Annotated[Literal["FeatureCollection"], general("Jenis", "GeoJSON type")]
    features: Annotated[tuple[Feature, ...], general("Isi", "Records of this page")]
    next: Annotated[str | None, general("Kursor berikutnya", "Cursor of the next page, null on the last")]
    complete: Annotated[bool, general("Lengkap", "Whether every source answered completely")]
    sources: Annotated[
        tuple[Source, ...], general("Sumber", "State of each system that was or could have been queried")
    ]


def format_schema(representation: Representation) -> dict[str, Any]:
    """Return the schema of a list in a format. That of GeoJSON is the component `FeatureCollection`."""
    if representation is GEOJSON:
        return {"$ref": f"#/components/schemas/{FeatureCollection.__name__}"}
    return {"type": "string", "description": _TEXT[representation.media_type]}
