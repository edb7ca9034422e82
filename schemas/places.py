"""Regions, locations, addresses and points.

Three region schemes are in use in the city and share digits: nine 10-digit numbers stand for one kelurahan in the BPS
scheme and for another in undotted Kemendagri digits. So a region code is always dotted (Kemendagri), and a foreign code
always has its scheme. Source of the table: Kepmendagri 300.2.2-2430/2025 for the 52 kelurahan, BPS 2018 codes, postal
codes.
"""

import csv
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, FiniteFloat, WithJsonSchema

from schemas.classes import Classed, general, personal
from schemas.codes import Code
from schemas.references import AgencyReference

CITY_CODE = "63.71"
_CITY_NAME = "Kota Banjarmasin"


class RegionLevel(Code):
    """The level of a region."""

    CITY = "city", "Kota", "City"
    KECAMATAN = "kecamatan", "Kecamatan", "Kecamatan (district)"
    KELURAHAN = "kelurahan", "Kelurahan", "Kelurahan (urban ward)"


_DOTTED = re.compile(r"\d{2}(\.\d{2}(\.\d{2}(\.\d{4})?)?)?", re.ASCII)


def _dotted(code: str) -> str:
    if not _DOTTED.fullmatch(code):
        raise ValueError("a region code is dotted Kemendagri digits, such as 63.71.01.1001")
    return code


RegionCode = Annotated[str, AfterValidator(_dotted)]


class RegionReference(Classed):
    """A reference to a region, with its name for display."""

    code: Annotated[RegionCode, general("Kode wilayah", "Dotted Kemendagri code", examples=["63.71.01.1001"])]
    name: Annotated[str | None, general("Nama", "Name", examples=["Mantuil"])] = None

    @classmethod
    def to(cls, code: str) -> "RegionReference":
        """Return a reference to `code`, with the name if it is a region of this city."""
        return _references().get(code) or cls(code=code)


class Region(Classed):
    """A region of the city: the city, a kecamatan or a kelurahan."""

    code: Annotated[RegionCode, general("Kode wilayah", "Dotted Kemendagri code", examples=["63.71.01.1001"])]
    name: Annotated[str, general("Nama", "Name", examples=["Mantuil"])]
    level: Annotated[RegionLevel, general("Tingkat", "Level")]
    parent: Annotated[RegionReference | None, general("Induk", "The region that contains it")] = None
    office: Annotated[AgencyReference | None, general("Kantor", "Its office, an agency; null for the city")] = None
    postal_code: Annotated[str | None, general("Kode pos", "Postal code", examples=["70244"])] = None
    bps_code: Annotated[str | None, general("Kode BPS", "Code in the BPS scheme of 2018")] = None


@cache
def regions() -> Mapping[str, Region]:
    """Return every region of the city by its dotted code: the city, 5 kecamatan, 52 kelurahan.

    Their offices are not set: agencies are configured at the gateway.
    """
    table = {CITY_CODE: Region(code=CITY_CODE, name=_CITY_NAME, level=RegionLevel.CITY)}
    with files("schemas").joinpath("data/kelurahan.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            code = row["kode_kemendagri"]
            kecamatan = code.rpartition(".")[0]
            table.setdefault(
                kecamatan,
                Region(
                    code=kecamatan,
                    name=row["kecamatan"],
                    level=RegionLevel.KECAMATAN,
                    parent=RegionReference(code=CITY_CODE, name=_CITY_NAME),
                ),
            )
            table[code] = Region(
                code=code,
                name=row["kelurahan"],
                level=RegionLevel.KELURAHAN,
                parent=RegionReference(code=kecamatan, name=row["kecamatan"]),
                postal_code=row["kodepos"],
                bps_code=row["kode_bps_2018"],
            )
    return MappingProxyType(table)


@cache
def _references() -> Mapping[str, RegionReference]:
    return {code: RegionReference(code=code, name=region.name) for code, region in regions().items()}


class Address(Classed):
    """A postal address in the city's terms; `rt` and `rw` are neighbourhood units, three digits as text."""

    text: Annotated[str | None, personal("Alamat", "Street and number, as written")] = None
    rt: Annotated[str | None, personal("RT", "Neighbourhood unit", examples=["001"])] = None
    rw: Annotated[str | None, personal("RW", "Neighbourhood association", examples=["002"])] = None
    region: Annotated[RegionReference | None, general("Kelurahan", "Kelurahan")] = None
    postal_code: Annotated[str | None, general("Kode pos", "Postal code")] = None


class Point(Classed):
    """A GeoJSON point (RFC 7946, WGS 84): longitude first, then latitude, in degrees."""

    type: Annotated[Literal["Point"], general("Jenis", "Always Point", examples=["Point"])] = "Point"
    coordinates: Annotated[
        tuple[FiniteFloat, FiniteFloat], general("Koordinat", "Longitude, latitude", examples=[[114.59, -3.32]])
    ]


_Position = Annotated[
    tuple[FiniteFloat, FiniteFloat],
    WithJsonSchema({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}),
]
"""Longitude and latitude in degrees, in a list of them."""


class LineString(Classed):
    """A GeoJSON line (RFC 7946, WGS 84): its points in order, each longitude first, then latitude, in degrees."""

    type: Annotated[Literal["LineString"], general("Jenis", "Always LineString", examples=["LineString"])] = (
        "LineString"
    )
    coordinates: Annotated[
        tuple[_Position, ...],
        general("Koordinat", "Longitude, latitude of each point", examples=[[[114.59, -3.32], [114.6, -3.33]]]),
        Field(min_length=2),
    ]


class Location(Classed):
    """A public location: in words, by region, by position, or by several of them."""

    text: Annotated[str | None, general("Lokasi", "Street, building or place, as written")] = None
    region: Annotated[RegionReference | None, general("Wilayah", "Kelurahan, or the region that contains it")] = None
    postal_code: Annotated[str | None, general("Kode pos", "Postal code")] = None
    position: Annotated[Point | None, general("Letak", "Position")] = None

    @classmethod
    def of(
        cls,
        *,
        text: str | None = None,
        region: RegionReference | None = None,
        postal_code: str | None = None,
        position: Point | None = None,
    ) -> Self | None:
        """Return a location, or None if nothing is known of it."""
        if text is None and region is None and postal_code is None and position is None:
            return None
        return cls(text=text, region=region, postal_code=postal_code, position=position)


def region_code(location: Location | Address | None) -> str | None:
    """Return the code of a location's region."""
    return location.region.code if location and location.region else None


def region_name(location: Location | Address | None) -> str | None:
    """Return the name of a location's region."""
    return location.region.name if location and location.region else None


def position_of(location: Location | None) -> Point | None:
    """Return the position of a location."""
    return location.position if location else None
