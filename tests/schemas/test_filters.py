"""Filters that several resources share."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas.filters import PERSONAL_NUMBER, Words, inside
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


# Digits of other scripts are refused too, which the document cannot say.
LETTERS = st.characters(exclude_categories=["Cs", "Nd"]) | st.sampled_from("0123456789")


@given(st.text(LETTERS, max_size=120) | st.from_regex(r"[a-z ]{0,5}([0-9][ .-]?){10,16}[a-z]{0,5}"))
def test_the_document_says_which_words_are_refused(words):
    schema = TypeAdapter(Words).json_schema()
    fits = re.search(schema["pattern"], words) is not None
    assert fits == is_taken(words)


def is_taken(words):
    try:
        TypeAdapter(Words).validate_python(words)
    except ValidationError:
        return False
    return True


def test_thirteen_digits_are_a_personal_number_however_they_are_grouped():
    for number in (
        "6371994502900011",
        "6371 9945 0290 0011",
        "63.71.99.450290.0011",
        "0001260123456",
        "63_71_99_45_02_90_0011",
        "637199      450290 --   0011",
        "٦٣٧١٩٩٤٥٠٢٩٠٠٠١١",
        "６３７１９９４５０２９０００１１",
    ):
        assert not is_taken(f"surat {number} lama")
    assert is_taken("081190000011")
    assert is_taken("7/145.1/01.001/2026"), "the number of a letter is no personal number"
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(Words).validate_python("6371994502900011")
    assert refused.value.errors()[0]["type"] == PERSONAL_NUMBER
