"""The last look finds what slipped through, in whichever disguise, and does not cry wolf over what was drawn."""

import base64

import pytest

from gateway.adapter_tools.recorder.final_scan import SurvivedError, refuse_survivors
from gateway.adapter_tools.recorder.standins import StandIns
from tests.gateway.adapter_tools.recorder.conftest import Canary

CANARY = Canary()


def known() -> StandIns:
    standins = StandIns(b"k" * 32)
    for word in CANARY.name.split():
        standins.word(word)
    standins.digits(CANARY.nik)
    standins.phone(CANARY.phone)
    return standins


@pytest.mark.parametrize(
    "left",
    [
        CANARY.name,
        "rahmawati",
        CANARY.nik,
        CANARY.forms["nik grouped"],
        CANARY.forms["name in entities twice"],
        CANARY.forms["name in percents"],
        CANARY.phone,
        CANARY.forms["phone spaced"],
        CANARY.mail,
        base64.b64encode(CANARY.name.encode()).decode(),
        base64.urlsafe_b64encode(f"nik={CANARY.nik}".encode()).decode(),
        "3578011203750001",
        "35 7801 120375 0001",
    ],
)
def test_what_is_left_of_somebody_is_found(left: str) -> None:
    with pytest.raises(SurvivedError, match="Nothing was saved") as refused:
        refuse_survivors([f'{{"a": "{left}"}}'], known(), frozenset(), ())
    assert CANARY.traces(str(refused.value)) == []


def test_the_subjects_own_number_is_looked_for_even_if_it_never_came() -> None:
    with pytest.raises(SurvivedError):
        refuse_survivors(["08123456789"], StandIns(b"k" * 32), frozenset(), ["08123456789"])


def test_what_was_drawn_may_stand() -> None:
    standins = known()
    drawn = [*standins.words.values(), *standins.numbers.values(), "x@contoh.invalid", "https://contoh.invalid/"]
    refuse_survivors([" ".join(drawn), "-3.330009949769934", "2026-11-24T07:32:53+08:00"], standins, frozenset(), ())
