"""Code lists: ids, values, and what a record may contain."""

import pytest
from pydantic import ValidationError

from schemas.case import CaseStatus
from schemas.code_lists import CODED_LISTS, CodeList, CodeValue, enumerations, scheme_of
from schemas.codes import Coded, Phase
from schemas.texts import Text

NAME = Text(id="Agama", en="Religion")


def coded(code, word, scheme="religion"):
    return Coded(scheme=scheme, code=code, text=Text(id=word, en=word))


@pytest.mark.parametrize(
    ("enumeration", "scheme"), [("Sex", "sex"), ("CaseStatus", "case-status"), ("DoubtCode", "doubt-code")]
)
def test_the_id_of_an_enumeration_is_its_class_name_in_kebab_case(enumeration, scheme):
    assert enumeration in enumerations()
    assert scheme_of(enumeration) == scheme


def test_a_list_of_statuses_has_their_phases():
    listed = CodeList.of_enumeration("case-status", NAME, CaseStatus)
    by_code = {value.code: value for value in listed.values}
    assert set(by_code) == set(CaseStatus)
    assert by_code["closed"] == CodeValue(code="closed", text=CaseStatus.CLOSED.text, phase=Phase.DONE)
    assert by_code["unknown"].phase is None


def test_several_words_of_one_code_are_one_value_with_the_first_text():
    listed = CodeList.of_coded(NAME, (coded("catholic", "Katolik"), coded("catholic", "Katholik"), coded("x", "X")))
    assert [(value.code, value.text.id) for value in listed.values] == [("catholic", "Katolik"), ("x", "X")]


def test_values_of_two_lists_are_not_one_list():
    with pytest.raises(ValueError, match="too many values"):
        CodeList.of_coded(NAME, (coded("a", "A"), coded("b", "B", scheme="clinic")))


@pytest.mark.parametrize("scheme", ["lapor/topik", "", "9", "two words", "a" * 61])
def test_an_id_that_cannot_be_part_of_an_address_is_refused(scheme):
    with pytest.raises(ValidationError):
        CodeList(scheme=scheme, name=NAME)


def test_a_code_that_occurs_twice_is_refused():
    with pytest.raises(ValidationError):
        CodeList(scheme="religion", name=NAME, values=(CodeValue(code="a"), CodeValue(code="a")))


def test_only_a_list_that_another_authority_publishes_allows_other_codes():
    values = (CodeValue(code="AMB"),)
    closed, open_list = (CodeList(scheme="s", name=NAME, values=values, complete=given) for given in (True, False))
    assert [closed.allows(code) for code in ("AMB", "IMP")] == [True, False]
    assert [open_list.allows(code) for code in ("AMB", "IMP")] == [True, True]


def test_canonical_lists_have_the_ids_of_their_enumerations():
    assert set(CODED_LISTS) == {scheme_of(name) for name in ("DocumentKind", "FacilityKind", "IncidentKind")}
