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
from schemas.codes import Coded
from schemas.consultation import ConsultationStage, Contribute
from schemas.doubts import Doubt, DoubtCode
from schemas.notice import NoticeStatus
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
    assert normal.doubts == tuple(Doubt.model_validate(doubt) for doubt in expected["doubts"])


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
    assert Doubt(code=DoubtCode.FIELD_MISSING, field="/contributions") in normal.doubts


PAPERS = (
    {"urut": 0, "nama": "Rancangan", "jenis": "rancangan"},
    {"urut": 1, "nama": "Undangan", "jenis": "undangan"},
)


def ids_of_documents(*rows: dict[str, Any]) -> tuple[list[str], set[Doubt]]:
    normal = CONSULTATIONS.normalise(Konsultasi.model_validate({**USUAL, "dokumen": rows}))
    return [document.id for document in normal.body.documents], set(normal.doubts)


def test_the_id_of_a_document_is_its_number_and_not_its_position() -> None:
    assert ids_of_documents(*PAPERS) == (["0", "1"], set())
    assert ids_of_documents(*reversed(PAPERS)) == (["1", "0"], set())
    assert ids_of_documents(PAPERS[1]) == (["1"], set())
    assert ids_of_documents({"nama": "-"}, *PAPERS)[0] == ["0", "1"]


def test_documents_without_a_number_of_their_own_get_different_ids_that_stay() -> None:
    unnumbered = ({**PAPERS[0], "urut": None}, {**PAPERS[1], "urut": None})
    repeated = (PAPERS[0], {**PAPERS[1], "urut": 0})
    for rows, code in ((unnumbered, DoubtCode.FIELD_MISSING), (repeated, DoubtCode.ID_DUPLICATE)):
        ids, doubts = ids_of_documents(*rows)
        assert len(set(ids)) == 2
        assert doubts == {Doubt(code=code, field=f"/documents/{place}/id") for place in (0, 1)}
        assert ids_of_documents(*reversed(rows))[0] == ids[::-1]


def test_a_document_that_was_entered_twice_is_shown_once() -> None:
    assert ids_of_documents(PAPERS[0], PAPERS[0]) == (["0"], set())


def contributions(*rows: dict[str, Any]) -> tuple[list[tuple[str, str]], set[Doubt]]:
    given = [{"isian": f"Masukan {place}", "tampil": 1, **row} for place, row in enumerate(rows)]
    normal = CONSULTATIONS.normalise(Konsultasi.model_validate({**USUAL, "masukan": given}))
    return [(one.id, one.text) for one in normal.body.contributions], set(normal.doubts)


def test_contributions_are_in_the_order_in_which_they_were_received() -> None:
    early, late = "2026-11-20 08:00:00", "2026-11-21 08:00:00"
    rows = ({"id": 2}, {"id": 10, "masuk": late}, {"id": 9, "masuk": late}, {"id": 11, "masuk": early}, {"id": 1})
    found, doubts = contributions(*rows)
    assert [number for number, _ in found] == ["11", "9", "10", "1", "2"]
    assert doubts == set()


def test_a_contribution_without_a_number_of_its_own_gets_an_id_that_stays() -> None:
    for rows, code in (({}, {}), DoubtCode.FIELD_MISSING), (({"id": 4}, {"id": 4}), DoubtCode.ID_DUPLICATE):
        found, doubts = contributions(*rows)
        assert len({number for number, _ in found}) == 2
        assert "4" not in dict(found)
        assert doubts == {Doubt(code=code, field=f"/contributions/{place}/id") for place in (0, 1)}
        assert contributions(*rows)[0] == found
    assert contributions({"id": 4, "isian": "Sama saja"}, {"id": 4, "isian": "Sama saja"}) == (
        [("4", "Sama saja")],
        set(),
    )


@pytest.mark.parametrize("number", [True, "4", 4.5])
def test_a_contribution_whose_number_is_none_is_left_out(number: object) -> None:
    found, doubts = contributions({"id": number}, {"id": 5})
    assert found == [("5", "Masukan 1")]
    assert doubts == {Doubt(code=DoubtCode.FIELD_MISSING, field="/contributions")}


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        ("fkp", ("consultation-kind", "consultation-forum")),
        ("musrenbang", ("consultation-kind", "planning-meeting")),
        ("reses", ("konsultasi-publik/tabel", "reses")),
    ],
)
def test_the_kind_is_that_of_the_table(table: str, kind: tuple[str, str]) -> None:
    normal = CONSULTATIONS.normalise(Konsultasi.model_validate({**USUAL, "tabel": table}))
    assert normal.body.kind is not None
    assert (normal.body.kind.scheme, normal.body.kind.code) == kind
    unknown = Doubt(code=DoubtCode.CODE_UNKNOWN, field="/kind", original=table)
    assert normal.doubts == ((unknown,) if kind[1] == table else ())


def test_an_unknown_word_makes_nothing_up_and_is_in_the_doubt() -> None:
    words = {"tahap": 9, "status": " X ", "dokumen": [{"urut": 0, "nama": "Denah", "jenis": "Peta"}]}
    normal = CONSULTATIONS.normalise(Konsultasi.model_validate({**USUAL, **words}))
    assert (normal.body.stage, normal.body.status) == (ConsultationStage.UNKNOWN, NoticeStatus.UNKNOWN)
    assert normal.body.documents[0].kind == Coded(scheme="konsultasi-publik/jenis", code="Peta")
    assert normal.body.phase is None
    assert normal.doubts == (
        Doubt(code=DoubtCode.CODE_UNKNOWN, field="/stage", original="9"),
        Doubt(code=DoubtCode.STATUS_UNKNOWN, field="/status", original="X"),
        Doubt(code=DoubtCode.CODE_UNKNOWN, field="/documents/0/kind", original="Peta"),
    )


@pytest.mark.parametrize(
    ("written", "code"), [(None, DoubtCode.FIELD_MISSING), (" ", DoubtCode.FIELD_MISSING), ("-", DoubtCode.PLACEHOLDER)]
)
def test_no_word_of_status_makes_it_unknown(written: str | None, code: DoubtCode) -> None:
    normal = CONSULTATIONS.normalise(Konsultasi.model_validate({**USUAL, "status": written}))
    assert normal.body.status is NoticeStatus.UNKNOWN
    assert normal.doubts == (Doubt(code=code, field="/status"),)


def test_a_contribution_to_an_event_with_two_places_goes_to_its_number() -> None:
    key = Konsultasi.model_validate({**USUAL, "ganda": "1c2f3a4b"}).key
    assert key == "fkp/12~1c2f3a4b"
    command = Contribute(consultation_key=key, text="Mohon dermaga diberi atap")
    columns = normalise.contribution(command, "6371994502900011", "GB-ABCDEFGH")
    assert not isinstance(columns, Refused)
    assert (columns["tabel"], columns["id_kegiatan"]) == ("fkp", 12)


@pytest.mark.parametrize("key", ["fkp/12~", "fkp/12~xyz", "fkp/12~1c2f3a4b0", "~1c2f3a4b", "12~1c2f3a4b"])
def test_a_key_of_another_form_is_refused(key: str) -> None:
    command = Contribute(consultation_key=key, text="Mohon dermaga diberi atap")
    refused = normalise.contribution(command, "6371994502900011", "GB-ABCDEFGH")
    assert isinstance(refused, Refused)
    assert refused.code == "consultation-unknown"


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
    command = Contribute(consultation_key=consultation[:40], text=text)
    columns = normalise.contribution(command, "6371994502900011", "GB-ABCDEFGH")
    if isinstance(columns, Refused):
        assert columns.code in {"consultation-unknown", "text-refused"}
    else:
        assert str(columns["isi"]).endswith(" [GB-ABCDEFGH]")
        event = consultation.partition("~")[0]
        assert f"{columns['tabel']}/{columns['id_kegiatan']:0{len(event.partition('/')[2])}d}" == event


def test_nobody_contributes_without_a_number() -> None:
    command = Contribute(consultation_key="fkp/1", text="Mohon dermaga diberi atap")
    refused = normalise.contribution(command, None, "GB-ABCDEFGH")
    assert isinstance(refused, Refused)
    assert refused.code == "nik-missing"
