"""Filters that several resources share."""

import pytest
from pydantic import ValidationError

from schemas.filters import inside
from schemas.places import Point
from schemas.traffic import CameraQuery

CITY = "114.5,-3.4,114.7,-3.2"
HERE = Point(coordinates=(114.59, -3.32))


@pytest.mark.parametrize("bbox", [CITY, "-180,-90,180,90", "180.0,0,-180,1", "0,0,0,0"])
def test_boxes_in_degrees_are_taken(bbox):
    assert CameraQuery(bbox=bbox).bbox == bbox


@pytest.mark.parametrize(
    "bbox", ["", "114.5,-3.4,114.7", "181,0,1,1", "0,91,1,92", "0,-90.1,1,1", "1;2;3;4", "nan,0,1,1", "999,0,999,1"]
)
def test_anything_else_is_refused(bbox):
    with pytest.raises(ValidationError):
        CameraQuery(bbox=bbox)


def test_a_point_lies_in_its_box_and_nowhere_without_a_position():
    assert inside(HERE, CITY)
    assert inside(HERE, None)
    assert not inside(HERE, "114.6,-3.4,114.7,-3.2")
    assert not inside(HERE, "114.5,-3.2,114.7,-3.4")
    assert not inside(None, CITY)
    assert inside(None, None)


def test_a_box_may_cross_the_antimeridian():
    across = "170,-10,-170,10"
    assert inside(Point(coordinates=(179.0, 0.0)), across)
    assert inside(Point(coordinates=(-179.0, 0.0)), across)
    assert not inside(HERE, across)
