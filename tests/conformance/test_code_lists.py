"""Adapters whose coded values are not in their declared code lists."""

from dataclasses import replace
from pathlib import Path

import pytest

from schemas.code_lists import CodeList
from schemas.codes import Coded
from schemas.texts import Text

pytestmark = pytest.mark.xdist_group("conformance")

_ROOT = Path(__file__).resolve().parents[2]
NAME = Text(id="Daftar", en="List")


def _without_value(spec, scheme, code):
    """Return the spec with one code removed from one list."""
    lists = tuple(
        one.model_copy(update={"values": tuple(value for value in one.values if value.code != code)})
        if one.scheme == scheme
        else one
        for one in spec.codes
    )
    return replace(spec, codes=lists)


def test_an_adapter_with_complete_lists(letters, centres, assert_passed):
    for adapter in (letters, centres):
        assert_passed(adapter.check("code-lists"))


def test_a_code_that_is_not_in_its_list(letters, assert_broken):
    spec = _without_value(letters.spec, "letter-type", "domicile")
    assert_broken(
        letters.check("code-lists", spec), r"the code list letter-type does not have 1 of \d+ codes in records"
    )


def test_a_list_that_is_not_declared(letters, assert_broken):
    spec = replace(letters.spec, codes=())
    assert_broken(letters.check("code-lists", spec), "the code list letter-type is not declared")


def test_a_code_within_a_list_of_values(centres, assert_broken):
    spec = _without_value(centres.spec, "clinic", "general")
    assert_broken(centres.check("code-lists", spec), "the code list clinic does not have 1 of")


def test_a_kind_that_the_canonical_schema_does_not_have(centres, assert_broken):
    row = centres.row("facility")

    def normalise(w):
        normal = row.normalise(w)
        return replace(normal, body=normal.body.model_copy(update={"kind": Coded(scheme="facility-kind", code="inn")}))

    spec = centres.with_row("facility", normalise=normalise)
    assert_broken(centres.check("code-lists", spec), "the code list facility-kind does not have 1 of 1 codes")


def test_a_golden_pair_is_enough_to_find_it(copied, assert_broken):
    register = copied(("codes.py", r'    CodeList.of_coded\(Text\(id="Agama".*?\n', ""))
    fixtures = _ROOT / "tests" / "adapters" / "dukcapil"
    assert_broken(register.check("code-lists", fixtures=fixtures), "the code list religion is not declared")


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        (CodeList(scheme="case-status", name=NAME), "case-status is a list of the canonical schema"),
        (CodeList(scheme="letter-type", name=NAME), "two declared code lists have one scheme"),
        (CodeList(scheme="more", name=Text(id="Daftar")), "more: a name or text is not in both languages"),
    ],
)
def test_a_declaration_that_is_not_valid(letters, assert_broken, declared, words):
    spec = replace(letters.spec, codes=(*letters.spec.codes, declared))
    assert_broken(letters.check("code-lists", spec), words)


def test_an_own_list_of_the_system_is_open(letters, assert_passed):
    row = letters.row("application")

    def normalise(w):
        normal = row.normalise(w)
        kind = Coded(scheme="e-kelurahan/jenis", code=normal.body.kind.code)
        return replace(normal, body=normal.body.model_copy(update={"kind": kind}))

    assert_passed(letters.check("code-lists", letters.with_row("application", normalise=normalise)))
