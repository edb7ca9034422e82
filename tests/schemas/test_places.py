"""Regions: the city, its five kecamatan and fifty-two kelurahan, and codes that cannot be mistaken for BPS's."""

from collections import Counter

import pytest
from pydantic import ValidationError

from schemas.places import CITY_CODE, Address, Location, Point, RegionLevel, RegionReference, regions


def test_there_are_fifty_eight_regions_each_within_its_own():
    table = regions()
    assert Counter(region.level for region in table.values()) == {
        RegionLevel.CITY: 1,
        RegionLevel.KECAMATAN: 5,
        RegionLevel.KELURAHAN: 52,
    }
    for code, region in table.items():
        assert code == region.code
        if region.level is RegionLevel.CITY:
            assert (code, region.parent) == (CITY_CODE, None)
            continue
        assert code.rpartition(".")[0] == region.parent.code
        assert table[region.parent.code].name == region.parent.name
        if region.level is RegionLevel.KELURAHAN:
            assert len(region.bps_code) == 10
            assert len(region.postal_code) == 5
    with pytest.raises(TypeError):
        table["63.71.99"] = table[CITY_CODE]


def test_nine_numbers_name_one_kelurahan_for_bps_and_another_without_dots():
    """Why a code is always written dotted, or with its scheme."""
    kelurahan = [region for region in regions().values() if region.level is RegionLevel.KELURAHAN]
    undotted = {region.code.replace(".", ""): region.name for region in kelurahan}
    bps = {region.bps_code: region.name for region in kelurahan}
    assert len(undotted) == len(bps) == 52
    shared = undotted.keys() & bps.keys()
    assert len(shared) == 9
    assert sum(undotted[code] != bps[code] for code in shared) == 9


@pytest.mark.parametrize("code", ["63", "63.71", "63.71.01", "63.71.01.1001", "99.99.99.9999"])
def test_a_code_is_dotted(code):
    assert RegionReference.to(code).code == code


@pytest.mark.parametrize(
    "code",
    ["", "6371011001", "63.71.1.1001", "63.71.01.1001 ", "63.71.01.1001\n", "63..01", "63.71.01.1001.1", "٦٣.٧١"],
)
def test_anything_else_is_no_code(code):
    with pytest.raises(ValidationError):
        RegionReference.to(code)


def test_a_reference_is_named_where_the_city_knows_it():
    assert RegionReference.to("63.71.01.1001").name == "Mantuil"
    assert RegionReference.to("99.99").name is None


def test_a_private_address_hides_what_a_public_one_shows():
    assert set(Address.model_fields) - set(Location.model_fields) == {"rt", "rw"}


@pytest.mark.parametrize("coordinates", [(114.59,), (114.59, -3.32, 0), ("east", "south"), None])
def test_a_point_has_two_coordinates(coordinates):
    with pytest.raises(ValidationError):
        Point.model_validate({"coordinates": coordinates})
