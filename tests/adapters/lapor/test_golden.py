"""Every recorded report and what becomes of it, what may become of any other, and of a command."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from adapters.contract import Refused
from adapters.errors import UnusableRecordError
from adapters.lapor import SPEC, codes, normalise
from adapters.lapor.wire import Laporan
from schemas.case import CaseStatus
from schemas.complaint import COMPLAINT, SubmitComplaint
from schemas.doubts import Doubt, DoubtCode
from schemas.places import Point
from schemas.texts import KEEP
from simulators.lapor.topics import STAGES, TOPICS

HERE = Path(__file__).parent
CASES = sorted(path.name.removesuffix(".in.json") for path in HERE.glob("*.in.json"))
NIK = "6371994502900011"
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60)
ANYTHING = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.text(max_size=8), SCALARS, max_size=3)


def recorded(case: str) -> Laporan:
    return Laporan.model_validate_json((HERE / f"{case}.in.json").read_bytes())


def outcome(case: str) -> dict[str, object]:
    try:
        normal = normalise.complaint(recorded(case))
    except UnusableRecordError as error:
        return {"set_aside": str(error)}
    return {
        "body": normal.body.model_dump(mode="json", exclude_none=True, context=KEEP),
        "doubts": [doubt.model_dump(mode="json", exclude_none=True) for doubt in normal.doubts],
    }


@pytest.mark.parametrize("case", CASES)
def test_what_becomes_of_a_report(case):
    assert outcome(case) == json.loads((HERE / f"{case}.out.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES)
def test_a_wire_record_is_not_shown(case):
    wire = recorded(case)
    assert "63719" not in f"{wire!r} {wire}"
    assert "Galuh" not in f"{wire!r} {wire}"


def test_all_rows_normalise_alike():
    assert {row.normalise for row in SPEC.reads} == {normalise.complaint}
    assert {row.key for row in SPEC.reads} == {normalise.key}


def test_every_stage_of_the_simulator_but_one_is_known_and_every_status_is_reached():
    unknown = [stage for stage in STAGES if codes.folded(stage) not in codes.STAGES]
    assert unknown == ["Arsip Daerah"]
    assert {status for status, _ in codes.STAGES.values()} == {
        CaseStatus.SUBMITTED,
        CaseStatus.VERIFIED,
        CaseStatus.FORWARDED,
        CaseStatus.IN_PROGRESS,
        CaseStatus.ANSWERED,
        CaseStatus.CLOSED,
        CaseStatus.REJECTED,
        CaseStatus.MERGED,
    }


@pytest.mark.parametrize(("stage", "code"), [("Arsip Daerah", "status-unknown"), ("", "field-missing")])
def test_a_stage_that_no_table_knows_is_no_status_but_is_kept_as_a_word(stage, code):
    read = normalise.complaint(recorded("complaint-public").model_copy(update={"tahap": stage}))
    assert (read.body.status, read.body.phase) == (CaseStatus.UNKNOWN, None)
    assert Doubt(code=DoubtCode(code), field="/status", original=stage or None) in read.doubts


def test_the_text_of_a_status_is_lapors_word_where_it_differs():
    written = {codes.folded(text.id) for _, text in codes.STAGES.values()}
    assert written == set(codes.STAGES)
    assert all(text.en for _, text in codes.STAGES.values())
    usual = {word for word, (status, text) in codes.STAGES.items() if text == status.text}
    assert usual == {"selesai", "ditolak", "digabung"}


@pytest.mark.parametrize("flag", ["rahasia", "anonim"])
def test_an_unknown_flag_protects_and_is_kept_as_a_word_in_the_doubt(flag):
    read = normalise.complaint(recorded("complaint-public").model_copy(update={flag: "TIDAK"}))
    field = {"rahasia": "confidential", "anonim": "anonymous"}[flag]
    assert getattr(read.body, field)
    assert read.doubts == (Doubt(code=DoubtCode.CODE_UNKNOWN, field=f"/{field}", original="TIDAK"),)


def test_every_topic_of_the_simulator_but_the_new_one_is_known_by_its_name():
    named = {topic: name for topic, _, name in TOPICS}
    assert {topic: coded.text.id for topic, coded in codes.CATEGORIES.items()} == {
        topic: name for topic, name in named.items() if topic != "77"
    }
    assert {codes.TOPICS[coded.code] for coded in codes.CATEGORIES.values()} == set(codes.CATEGORIES)


@pytest.mark.parametrize(
    ("rahasia", "anonim", "shown", "nik", "region"),
    [
        ("0", "0", True, NIK, "63.71.01.1001"),
        ("1", "0", False, NIK, "63.71.01.1001"),
        ("0", "1", True, NIK, None),
        ("1", "1", False, NIK, None),
        ("", "", False, NIK, None),
        ("TIDAK", "0", False, NIK, "63.71.01.1001"),
    ],
)
def test_secret_and_anonymous_are_two_things(rahasia, anonim, shown, nik, region):
    wire = recorded("complaint-own").model_copy(update={"rahasia": rahasia, "anonim": anonim})
    body = normalise.complaint(wire).body
    assert COMPLAINT.anyone_may_see(body) is shown
    owner = COMPLAINT.owner(body)
    assert (owner.nik, owner.region) == (nik, region)


def test_a_time_of_the_server_is_wita_already():
    created = normalise.complaint(recorded("complaint-public")).body.submitted_at
    assert created.isoformat() == "2026-11-14T10:09:02+08:00"


@given(st.dictionaries(st.sampled_from(sorted(Laporan.model_fields)), ANYTHING))
def test_any_report_is_normalised_or_set_aside(changes):
    row = {**json.loads((HERE / "complaint-own.in.json").read_bytes()), **changes}
    try:
        wire = Laporan.model_validate(row)
    except ValidationError:
        return
    try:
        body = normalise.complaint(wire).body
    except UnusableRecordError:
        return
    assert body.text
    assert normalise.key(wire).isdecimal()


COMMAND = SubmitComplaint(text="Jalan di depan pasar rusak parah", kind="road", region="63.71.01.1001")


def test_a_command_becomes_the_fields_of_a_report():
    command = COMMAND.model_copy(
        update={
            "title": " Jalan \n rusak ",
            "position": Point(coordinates=(114.5851, -3.33)),
            "confidential": True,
            "place": "-",
        }
    )
    assert normalise.submission(command, NIK, "GB-7F3K2Q") == {
        "nik": NIK,
        "rahasia": "1",
        "anonim": "0",
        "judul": "Jalan rusak",
        "isi": "Jalan di depan pasar rusak parah [GB-7F3K2Q]",
        "topik": "13",
        "kelurahan": "Mantuil",
        "kecamatan": "Banjarmasin Selatan",
        "lokasi": "",
        "lat": "-3.330000",
        "lng": "114.585100",
    }


@pytest.mark.parametrize(
    ("changes", "nik", "code"),
    [
        ({}, None, "nik-missing"),
        ({"kind": "no-such"}, NIK, "kind-unknown"),
        ({"region": "63.71.01"}, NIK, "region-unknown"),
        ({"region": "63.71.09.1001"}, NIK, "region-unknown"),
        ({"text": " \u200b\x00 . \n\n x y "}, NIK, "text-refused"),
    ],
)
def test_what_lapor_would_not_take_is_refused_before_it_is_sent(changes, nik, code):
    refused = normalise.submission(COMMAND.model_copy(update=changes), nik, "GB-7F3K2Q")
    assert isinstance(refused, Refused)
    assert refused.code == code


@given(st.text(min_size=10, max_size=200))
def test_a_text_comes_back_without_its_receipt_code(text):
    fields = normalise.submission(COMMAND.model_copy(update={"text": text}), NIK, "GB-7F3K2Q")
    if isinstance(fields, Refused):
        return
    assert fields["isi"].endswith(" [GB-7F3K2Q]")
    assert normalise.text_without_code(fields["isi"]) == fields["isi"].removesuffix(" [GB-7F3K2Q]").rstrip()
