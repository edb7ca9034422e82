"""Telephone columns as Indonesian systems hold them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.legacy.phones import phone, phones
from adapters.legacy.reading import Reading, absent
from schemas.doubts import DoubtCode as Code


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0811-900-0011", "+628119000011"),
        ("0812 3456 789", "+628123456789"),
        ("0812.3456.7890", "+6281234567890"),
        ("'081234567890", "+6281234567890"),
        ("62811900011", "+62811900011"),
        ("62 812 3456 789", "+628123456789"),
        ("+62 812\u20113456\u2011789", "+628123456789"),
        ("+62 (0)811 9000 011", "+628119000011"),
        ("620812 3456 7890", "+6281234567890"),
        ("(0511) 3354567", "+625113354567"),
        ("0511-3354567", "+625113354567"),
        ("0511\u00a0990010", "+62511990010"),
        ("0511-12345", "+6251112345"),
        ("+62 511 3354567", "+625113354567"),
        ("021-5551234", "+62215551234"),
        ("0628 1234567", "+626281234567"),
        ("0881234567890", "+62881234567890"),
    ],
)
def test_numbers_as_they_are_written(written, number):
    assert phone(written) == Reading(number)
    assert phone(number) == Reading(number)


@pytest.mark.parametrize("blank", [None, "", " ", "\t"])
def test_an_empty_cell_is_no_doubt(blank):
    assert phone(blank) == absent()


@pytest.mark.parametrize(
    "written",
    [
        "0",
        "-",
        "62812",
        "8123456789",
        "00812345678",
        "0062 812 3456 789",
        "+62 0 0812345678",
        "+1 202 555 0143",
        "0812345678901234",
        "0800x",
        "0812-KANTOR",
        "tel:0812-3456-789",
        "0812 3456 789 ext. 5",
        "telp. 0812 3456 789",
        "\uff10\uff18\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19",
        "6371994502900011",
    ],
)
def test_what_is_no_telephone_number(written):
    assert phone(written) == absent(Code.PHONE_FORM)


@pytest.mark.parametrize(
    "written",
    ["0844 3456 789", "0510 3354567", "0800 123 4567", "0809 123 4567", "0804 123 4567", "1500123", "112"],
    ids=["no operator", "no area", "toll-free", "premium", "shared cost", "short", "emergency"],
)
def test_numbers_of_another_kind_or_of_nobody_are_none(written):
    """Stricter than the digits alone: the plan says which prefixes are in use, and for what."""
    assert phone(written) == absent(Code.PHONE_FORM)


def test_a_landline_whose_own_number_begins_with_0_is_one():
    """Looser than the national plan: the library does not bound the first digit behind the area code."""
    assert phone("0511 0123456") == Reading("+625110123456")


@pytest.mark.parametrize("between", [" / ", "/", ", ", ";", " dan "])
def test_two_numbers_in_one_cell(between):
    cell = f"0812 3456 789{between}(0511) 3354567"
    assert phones(cell) == Reading(("+628123456789", "+625113354567"))
    assert phone(cell) == Reading("+628123456789", (Code.PHONE_FORM,))


def test_of_several_numbers_the_good_ones_stay_with_a_doubt():
    assert phones("0812 3456 789 / - / 62 812 3456 789") == Reading(("+628123456789",), (Code.PHONE_FORM,))


@given(st.text(max_size=40) | st.text("0123456789+ -()6208", max_size=24))
@example("0" * 200_000)
def test_any_text_is_read_or_doubted(written):
    reading = phone(written)
    if reading.value is None:
        assert reading == (absent(Code.PHONE_FORM) if written.strip() else absent())
    else:
        assert phone(reading.value) == Reading(reading.value)
