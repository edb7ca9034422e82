"""What people are called, born and numbered is replaced, always by the same; what is known to be nobody's is left."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapter_tools.recorder.final_scan import SurvivedError, refuse_survivors
from gateway.adapter_tools.recorder.replacer import Replacer
from gateway.adapter_tools.recorder.standins import StandIns
from gateway.adapter_tools.recorder.vocabulary import common_words, source_words
from gateway.registry.builtin import BUILTIN
from schemas.numbers import nik as nik_number
from tests.gateway.adapter_tools.recorder.conftest import TODAY, Canary, replacer

ROOT = Path(__file__).resolve().parents[4]
RECORDED = sorted((ROOT / "tests" / "adapters").glob("*/*.in.json"))
CANARY = Canary()
FORMS = sorted(CANARY.forms)
KEYS = ("nik", "nama", "catatan", "uraian")


def replaced(record: dict[str, Any], *words: str, **more: Any) -> dict[str, Any]:
    made = replacer(*words, **more)
    made.learn(record)
    return made.tree(record)


def test_the_same_person_becomes_the_same_other_person_everywhere() -> None:
    first = replaced(
        {"nik": CANARY.nik, "nama": CANARY.name, "catatan": f"Ibu {CANARY.name.upper()} ({CANARY.nik})"}, *KEYS
    )
    second = replaced({"nik": int(CANARY.nik), "uraian": f"{CANARY.name}, {CANARY.forms['nik grouped']}"}, *KEYS)
    number, name = first["nik"], first["nama"]
    assert number.startswith("637199")
    assert first["catatan"].endswith(f"{name.upper()} ({number})")
    assert second["nik"] == int(number)
    assert second["uraian"].replace(" ", "") == f"{name},{number}".replace(" ", "")


def test_another_key_draws_other_people() -> None:
    one = replaced({"nik": CANARY.nik}, "nik")
    other = replaced({"nik": CANARY.nik}, "nik", key=b"z" * 32)
    assert one != other


def test_a_nik_goes_on_agreeing_with_its_birth_date_and_sex() -> None:
    made = replaced({"nik": CANARY.nik, "tgl_lahir": "05-09-1988", "jk": "P"}, "nik", "tgl", "lahir", "jk")
    born = {day.strftime("%d-%m-%Y") for day in nik_number.claimed_birth_dates(made["nik"])}
    assert made["tgl_lahir"] in born
    assert made["tgl_lahir"] != "05-09-1988"
    assert nik_number.claimed_sex(made["nik"]).value == "female"
    assert made["jk"] == "P"


@pytest.mark.parametrize("damaged", ["637108450988000", "63710845098800070", "6371084509880000"])
def test_a_damaged_number_stays_as_damaged_as_it_was(damaged: str) -> None:
    made = replaced({"nik": damaged}, "nik")["nik"]
    assert len(made) == len(damaged)
    assert made.startswith("637199")
    assert (made[-1] == "0") is (damaged[-1] == "0") or len(damaged) != 16


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("status", "LUNAS"),
        ("jk", "L"),
        ("tahun", "2026"),
        ("tgl_bayar", "2026-08-01 09:30:00"),
        ("dibuat_at", "2026-08-01T09:30:00+08:00"),
        ("dibayar", "00-00-0000"),
        ("tgl_bayar", "30-02-2026"),
        ("jatuh_tempo", "31 Desember 2027"),
        ("jatuh_tempo", "Mei 2026"),
        ("waktu", 1_764_000_000),
        ("kelurahan", "Mantuil"),
        ("kode", "63.71.01.1001"),
        ("ada", True),
        ("tidak_ada", None),
        ("jumlah", 3),
        ("suhu", 36.6),
        ("kosong", ""),
    ],
)
def test_what_is_known_to_be_nobodys_is_left(column: str, value: Any) -> None:
    known = {"lunas", *column.split("_")}
    assert replaced({column: value}, *known) == {column: value}


def test_a_day_of_birth_is_replaced_in_whichever_column_it_stands() -> None:
    made = replaced({"nik": CANARY.nik, "tgl_bayar": "05-09-1988"}, "nik", "tgl", "bayar")
    assert made["tgl_bayar"] != "05-09-1988"


def test_columns_that_somebody_vouches_for_keep_their_words_but_not_peoples() -> None:
    record = {"nama": CANARY.name, "uraian": f"Lampu padam sejak Subuh, kata Zubaidah {CANARY.phone}"}
    made = replaced(record, "nama", "uraian", plain=frozenset({"uraian"}))
    assert made["uraian"].startswith("Lampu padam sejak Subuh, kata ")
    assert CANARY.traces(json.dumps(made)) == []


def test_a_word_that_is_somebodys_name_is_replaced_though_it_is_a_word_of_the_adapter() -> None:
    made = replaced(
        {"nama": "LUNAS MANTUIL", "status": "LUNAS", "kelurahan": "Mantuil"}, "lunas", "nama", "status", "kelurahan"
    )
    assert "LUNAS" not in json.dumps(made)
    assert made["kelurahan"] == "Mantuil"


def test_what_nobody_can_read_is_not_kept() -> None:
    assert replaced({"foto": "iVBORw0KGgo" * 20}, "foto") == {"foto": "Q09OVE9I"}


def test_members_that_are_named_after_people_are_renamed() -> None:
    assert CANARY.traces(json.dumps(replaced({CANARY.nik: 1, CANARY.name: {"x": 1}}))) == []


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("column", ["nama", "catatan", "x", "alamat", "tgl_bayar", "kelurahan"])
def test_no_form_of_a_person_survives_in_any_column(form: str, column: str) -> None:
    for text in (
        CANARY.forms[form],
        f"Kata Ibu: {CANARY.forms[form]}, lalu pulang.",
        json.dumps({"a": [CANARY.forms[form]]}),
    ):
        made = json.dumps(replaced({column: text, "nik": CANARY.nik}), ensure_ascii=False)
        assert CANARY.traces(made) == []


def _leaves(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    inner = [leaf for key, item in items for leaf in _leaves(item, (*place, key))]
    return inner or ([place] if not isinstance(value, dict | list) else [])


def _planted(value: Any, place: tuple[Any, ...], text: str) -> Any:
    if not place:
        return text
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[place[0]] = _planted(value[place[0]], place[1:], text)
    return copy


@given(st.data())
def test_a_canary_planted_in_any_systems_answer_never_survives(data: st.DataObject) -> None:
    """Anywhere in a recorded answer of any of the simulators, in any form, alone or in a sentence."""
    recorded = data.draw(st.sampled_from(RECORDED), label="recorded")
    package = recorded.parent.name
    record = json.loads(recorded.read_text("utf-8"))
    for _ in range(data.draw(st.integers(1, 4))):
        leaf = data.draw(st.sampled_from(_leaves(record)))
        form = CANARY.forms[data.draw(st.sampled_from(FORMS))]
        text = data.draw(st.sampled_from(["{}", "Kepada {} di tempat", "<p>{}</p>", '{{"isi": "{}"}}', "a;{};b"]))
        record = _planted(record, leaf, text.format(form.replace('"', "'")))
    sources = ROOT / "adapters" / package if package.replace("_", "-") in BUILTIN else ROOT / "adapters" / "remote"
    words = common_words() | source_words(sources)
    standins = StandIns(data.draw(st.binary(min_size=32, max_size=32)))
    made = Replacer(standins, words, TODAY)
    made.learn(record)
    written = json.dumps(made.tree(record), ensure_ascii=False)
    assert CANARY.traces(written) == []
    try:
        refuse_survivors([written], standins, words, [CANARY.nik])
    except SurvivedError:
        return  # refusing once too often is allowed; leaving something in is not
