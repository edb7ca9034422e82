"""The code lists of all systems: merged, or refused with one sentence."""

from dataclasses import replace

import pytest

from adapters.lapor import SPEC as LAPOR
from gateway.registry.code_lists import merge_code_lists
from gateway.registry.registry import LiveSystem, Registry
from gateway.registry.system_files import RegistryError
from schemas.code_lists import CodeList, CodeValue
from schemas.texts import Text

NAME = Text(id="Poli", en="Clinic")
GENERAL = CodeValue(code="general", text=Text(id="Poli Umum", en="General clinic"))
DENTAL = CodeValue(code="dental", text=Text(id="Poli Gigi", en="Dental clinic"))


def clinics(*values, scheme="clinic", name=NAME, complete=True):
    return CodeList(scheme=scheme, name=name, values=values, complete=complete)


def merged(*declared):
    specs = (replace(LAPOR, id=f"system-{number}", codes=lists) for number, lists in enumerate(declared))
    return merge_code_lists(Registry(LiveSystem(spec, ()) for spec in specs))


def test_lists_with_one_scheme_are_merged():
    found = merged((clinics(GENERAL),), (), (clinics(GENERAL, DENTAL),))
    assert found == {"clinic": clinics(GENERAL, DENTAL)}


def test_each_scheme_stays_a_list_of_its_own():
    found = merged((clinics(GENERAL), clinics(scheme="kbli-2020", complete=False)), (clinics(DENTAL, scheme="c"),))
    assert list(found) == ["clinic", "kbli-2020", "c"]


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (clinics(GENERAL.model_copy(update={"text": Text(id="Umum", en="General")})), "the text of general differs"),
        (clinics(GENERAL, name=Text(id="Klinik", en="Clinic")), "its name differs"),
        (clinics(GENERAL, complete=False), "only one of them lists all values"),
    ],
)
def test_a_contradiction_is_refused_with_one_sentence(other, reason):
    with pytest.raises(RegistryError) as raised:
        merged((clinics(GENERAL),), (other,))
    assert str(raised.value) == (
        f"The systems system-0 and system-1 contradict each other about the code list clinic: {reason}."
    )


@pytest.mark.parametrize("scheme", ["case-status", "facility-kind"])
def test_a_list_of_the_canonical_schema_is_refused(scheme):
    with pytest.raises(RegistryError) as raised:
        merged((clinics(GENERAL, scheme=scheme),))
    assert str(raised.value) == (
        f"The system system-0 declares the code list {scheme}, which the canonical schema has."
    )
