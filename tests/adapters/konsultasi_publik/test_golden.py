"""Every recorded row becomes what is written beside it; damage raises nothing but what the contract knows."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from adapters.contract import Refused
from adapters.errors import UnusableRecordError
from adapters.konsultasi_publik import CONSULTATIONS, normalise
from adapters.konsultasi_publik.wire import Konsultasi
from schemas.consultation import Contribute
from schemas.quality import Quality, QualityCode
from tests.loops import examples

CASES = sorted(Path(__file__).parent.glob("*.in.json"))
USUAL = json.loads((Path(__file__).parent / "consultation-usual.in.json").read_text("utf-8"))
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("recorded", CASES, ids=lambda path: path.name.removesuffix(".in.json"))
def test_recorded_row(recorded: Path) -> None:
    expected = json.loads(recorded.with_name(recorded.name.replace(".in.", ".out.")).read_text("utf-8"))
    read = Konsultasi.model_validate_json(recorded.read_bytes())
    if "set_aside" in expected:
        with pytest.raises(UnusableRecordError, match=expected["set_aside"]):
            CONSULTATIONS.normalise(read)
        return
    normal = CONSULTATIONS.normalise(read)
    assert normal.body == CONSULTATIONS.resource.body.model_validate(expected["body"])
    assert normal.doubts == tuple(Quality.model_validate(doubt) for doubt in expected["doubts"])


@pytest.mark.parametrize("column", ["tahap", "terima_masukan"])
@pytest.mark.parametrize("flag", [True, False])
def test_a_driver_that_makes_booleans_of_numbers_is_refused(column: str, flag: bool) -> None:
    with pytest.raises(ValidationError):
        Konsultasi.model_validate({**USUAL, column: flag})


@pytest.mark.parametrize("flag", [True, False, "1", None])
def test_a_contribution_that_may_not_be_for_everybody_is_left_out(flag: object) -> None:
    read = Konsultasi.model_validate({**USUAL, "masukan": [{"isian": "Tidak untuk umum.", "tampil": flag}]})
    normal = CONSULTATIONS.normalise(read)
    assert normal.body.contributions == ()
    assert Quality(code=QualityCode.FIELD_MISSING, field="/contributions") in normal.doubts


@settings(max_examples=examples(300), deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(USUAL)), ANYTHING, min_size=1))
def test_any_damage_is_refused_or_normalised(damage: dict[str, Any]) -> None:
    try:
        read = Konsultasi.model_validate({**USUAL, **damage})
    except ValidationError:
        return
    try:
        normal = CONSULTATIONS.normalise(read)
    except UnusableRecordError:
        return
    assert CONSULTATIONS.key(read)
    assert normal.body.model_dump_json()


@settings(max_examples=examples(200), deadline=None)
@given(st.text(max_size=60), st.text(min_size=10, max_size=60))
def test_a_command_becomes_columns_or_a_refusal(consultation: str, text: str) -> None:
    command = Contribute(consultation=consultation[:40], text=text)
    columns = normalise.contribution(command, "6371994502900011", "GB-ABCDEFGH")
    if isinstance(columns, Refused):
        assert columns.code in {"consultation-unknown", "text-refused"}
    else:
        assert str(columns["isi"]).endswith(" [GB-ABCDEFGH]")
        assert f"{columns['tabel']}/{columns['id_kegiatan']:0{len(consultation.partition('/')[2])}d}" == consultation


def test_nobody_contributes_without_a_number() -> None:
    command = Contribute(consultation="fkp/1", text="Mohon dermaga diberi atap")
    refused = normalise.contribution(command, None, "GB-ABCDEFGH")
    assert isinstance(refused, Refused)
    assert refused.code == "nik-missing"
