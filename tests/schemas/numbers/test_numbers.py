"""The number modules: what they accept, refuse and print, with python-stdnum as an oracle where it is right."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.id import nik as oracle

from schemas.numbers import (
    NumberComponentError,
    NumberError,
    NumberFormatError,
    NumberLengthError,
    insurance_card,
    kk,
    nib,
    nik,
)
from schemas.numbers.nik import RegionValidity
from schemas.resident import Sex

WOMAN = "6371994502900011"


@pytest.mark.parametrize("written", [WOMAN, "637199 450290 0011", "63.71.99.450290.0011", "'6371994502900011"])
def test_a_nik_is_the_same_number_however_it_is_written(written):
    assert nik.validate(written) == WOMAN
    assert nik.format(written) == "637199 450290 0011"


@pytest.mark.parametrize(
    ("written", "error"),
    [
        ("637199450290001", NumberLengthError),
        ("63719945029000110", NumberLengthError),
        ("6.37199E+15", NumberFormatError),
        ("６３７１９９４５０２９０００１１", NumberFormatError),
        ("", NumberFormatError),
        ("6371994502900000", NumberComponentError),
        ("6371990002900011", NumberComponentError),
        ("6371994002900011", NumberComponentError),
        ("6371993202900011", NumberComponentError),
        ("6371997202900011", NumberComponentError),
        ("6371990113900011", NumberComponentError),
        ("6371993002900011", NumberComponentError),
        ("0371994502900011", NumberComponentError),
    ],
)
def test_what_is_no_nik_is_refused_without_being_repeated(written, error):
    with pytest.raises(error) as raised:
        nik.validate(written)
    assert isinstance(raised.value, NumberError)
    assert not written or written not in str(raised.value)
    assert not nik.is_valid(written)


def test_the_year_of_a_nik_has_two_digits_and_two_meanings():
    assert nik.claimed_birth_dates(WOMAN) == (date(1990, 2, 5), date(2090, 2, 5))
    assert nik.claimed_birth_dates("6371990101050011") == (date(1905, 1, 1), date(2005, 1, 1))
    # 1900 had no 29 February; 2000 had one.
    assert nik.claimed_birth_dates("6371992902000011") == (date(2000, 2, 29),)


@pytest.mark.parametrize(
    ("region", "standing"),
    [
        ("637101", RegionValidity.KNOWN),
        ("637105", RegionValidity.KNOWN),
        ("637199", RegionValidity.KNOWN),
        ("637106", RegionValidity.UNKNOWN),
        ("637201", RegionValidity.PLAUSIBLE),
        ("317101", RegionValidity.PLAUSIBLE),
        ("990101", RegionValidity.UNKNOWN),
        ("630001", RegionValidity.UNKNOWN),
        ("637200", RegionValidity.UNKNOWN),
    ],
)
def test_a_region_is_known_plausible_or_unknown_and_never_refused(region, standing):
    number = f"{region}0502909999"
    assert nik.validate(number) == number
    assert nik.region_validity(number) is standing


@given(
    born=st.dates(date(1930, 1, 1), date(2025, 12, 31)),
    woman=st.booleans(),
    serial=st.integers(1, 9999),
)
def test_what_a_nik_claims_is_what_it_was_made_of(born, woman, serial):
    number = f"637199{born.day + 40 * woman:02d}{born:%m%y}{serial:04d}"
    assert nik.validate(nik.format(number)) == number
    assert born in nik.claimed_birth_dates(number)
    assert nik.claimed_sex(number) is (Sex.FEMALE if woman else Sex.MALE)
    assert nik.is_valid(number)
    assert oracle.is_valid(number)


@given(st.text(alphabet="0123456789 .-E+", max_size=20))
def test_whatever_we_accept_python_stdnum_accepts_too(text):
    # Not the other way: it accepts serial 0000 and knows no temporary numbers.
    if nik.is_valid(text) and nik.region_validity(nik.compact(text)) is RegionValidity.KNOWN:
        assert oracle.is_valid(nik.compact(text))


def test_a_family_card_adds_nothing_to_the_day():
    assert kk.validate("637199 170817 0011") == "6371991708170011"
    assert kk.format("6371991708170011") == "637199 170817 0011"
    for wrong in ("6371995708170011", "6371991708170000", "637199170817001", "637199170817001x"):
        assert not kk.is_valid(wrong)


@pytest.mark.parametrize("module", [nib, insurance_card])
def test_thirteen_digit_numbers(module):
    assert module.validate("0009 9000 00011") == "0009900000011"
    assert module.format("0009-9000-00011") == "0009900000011"
    assert not module.is_valid("0000000000000")
    assert not module.is_valid("000990000001")
    assert not module.is_valid("000990000001x")


@given(st.sampled_from([nik, kk, nib, insurance_card]), st.text(max_size=30))
def test_nothing_but_a_number_error_is_ever_raised(module, text):
    try:
        valid = module.validate(text)
    except NumberError:
        return
    assert module.validate(valid) == valid


def test_a_birth_date_of_today_is_possible():
    today = date(2026, 11, 23)
    for born in (today, today - timedelta(days=1)):
        assert born in nik.claimed_birth_dates(f"637199{born:%d%m%y}0001")
