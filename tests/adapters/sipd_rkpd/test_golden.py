"""Every recorded line and proposal and what becomes of it, what may become of any other, and of a command."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from adapters.contract import Refused
from adapters.errors import UnusableRecordError
from adapters.sipd_rkpd import codes, normalise
from adapters.sipd_rkpd.places import KELURAHAN
from adapters.sipd_rkpd.wire import Program, Usulan
from schemas.case import CaseStatus
from schemas.doubts import Doubt, DoubtCode
from schemas.places import Point, RegionLevel, regions
from schemas.planning import PROPOSAL, PlanLevel, PlanScheme, ProposalStage, SubmitProposal
from schemas.references import AgencyReference
from schemas.texts import KEEP, Text
from simulators.sipd_rkpd.places import numbers
from simulators.sipd_rkpd.seed import STAGES

HERE = Path(__file__).parent
CASES = sorted(path.name.removesuffix(".in.json") for path in HERE.glob("*.in.json"))
WIRE = {"plan": (Program, normalise.plan), "proposal": (Usulan, normalise.proposal)}
NIK = "6371994502900011"
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60)
ANYTHING = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.text(max_size=8), SCALARS, max_size=3)


def outcome(case: str) -> dict[str, object]:
    model, normalised = WIRE[case.partition("-")[0]]
    try:
        normal = normalised(model.model_validate_json((HERE / f"{case}.in.json").read_bytes()))
    except UnusableRecordError as error:
        return {"set_aside": str(error)}
    return {
        "body": normal.body.model_dump(mode="json", exclude_none=True, context=KEEP),
        "doubts": [doubt.model_dump(mode="json", exclude_none=True) for doubt in normal.doubts],
    }


@pytest.mark.parametrize("case", CASES)
def test_what_becomes_of_a_record(case):
    assert outcome(case) == json.loads((HERE / f"{case}.out.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES)
def test_a_wire_record_is_not_shown(case):
    model, _ = WIRE[case.partition("-")[0]]
    wire = model.model_validate_json((HERE / f"{case}.in.json").read_bytes())
    assert "63719" not in f"{wire!r} {wire}"
    assert "Galuh" not in f"{wire!r} {wire}"


def test_every_state_level_and_nomenclature_has_a_case():
    bodies = [found["body"] for found in map(outcome, CASES) if "body" in found]
    assert {body.get("status") for body in bodies} - {None} == {
        CaseStatus.UNDER_REVIEW,
        CaseStatus.ACCOMMODATED,
        CaseStatus.REJECTED,
        CaseStatus.CANCELLED,
        CaseStatus.UNKNOWN,
    }
    assert {body.get("stage") for body in bodies} - {None} == set(ProposalStage) - {ProposalStage.PARTNER}
    assert {body.get("level") for body in bodies} - {None} == set(PlanLevel)
    assert {body["code"]["scheme"] for body in bodies if "level" in body} == {*PlanScheme, codes.OWN_CODES}


def test_sipds_own_numbers_name_every_kelurahan_once():
    every = {code for code, region in regions().items() if region.level is RegionLevel.KELURAHAN}
    assert set(KELURAHAN.values()) == every
    assert len(KELURAHAN) == len(every) == 52
    assert dict(KELURAHAN) == {number: place.code for number, place in numbers().items()}


def test_the_same_code_of_two_agencies_is_two_lines():
    line = json.loads((HERE / "plan-activity.in.json").read_bytes())
    keys = {
        normalise.plan_key(Program.model_validate({**line, **change}))
        for change in ({}, {"kode_skpd": "7.01.0. "}, {"tahun": "2026"}, {"kode_giat": ""}, {"kode_skpd": None})
    }
    assert len(keys) == 5
    assert normalise.plan_key(Program.model_validate({**line, "kode_giat": "2.15.02.2.09."})) in keys


@pytest.mark.parametrize(
    ("columns", "status", "stage"),
    [
        ({"is_batal": 1, "is_tolak": 1, "status_usul_teks": "SKPD"}, CaseStatus.CANCELLED, ProposalStage.AGENCY),
        ({"is_tolak": 1, "status_usul_teks": "Diakomodasi"}, CaseStatus.REJECTED, None),
        ({"status_usul_teks": "Diakomodasi"}, CaseStatus.ACCOMMODATED, None),
        # The number beside the words is counted anew in each version.
        ({"status_usul": 99, "status_usul_teks": "tapd"}, CaseStatus.UNDER_REVIEW, ProposalStage.BUDGET_TEAM),
        ({"status_usul_teks": "Dewan"}, CaseStatus.UNKNOWN, None),
    ],
)
def test_what_counts_first_for_the_status(columns, status, stage):
    row = json.loads((HERE / "proposal-public.in.json").read_bytes())
    body = normalise.proposal(Usulan.model_validate({**row, **columns})).body
    assert (body.status, body.stage) == (status, stage)


def test_an_unknown_stage_is_kept_as_a_word_in_the_doubt():
    row = json.loads((HERE / "proposal-public.in.json").read_bytes())
    doubts = normalise.proposal(Usulan.model_validate({**row, "status_usul_teks": "Dewan"})).doubts
    assert Doubt(code=DoubtCode.STATUS_UNKNOWN, field="/status", original="Dewan") in doubts


def test_every_stage_of_the_simulator_is_known():
    assert {codes.folded(stage) for stage in STAGES} == {*codes.STAGES, codes.ACCOMMODATED}


@pytest.mark.parametrize("column", ["is_batal", "is_tolak"])
def test_the_unknown_stage_of_a_stopped_proposal_is_kept_as_a_word_in_the_doubt(column):
    row = json.loads((HERE / "proposal-public.in.json").read_bytes())
    read = normalise.proposal(Usulan.model_validate({**row, "status_usul_teks": "Dewan", column: "1"}))
    assert read.body.stage is None
    assert Doubt(code=DoubtCode.CODE_UNKNOWN, field="/stage", original="Dewan") in read.doubts


@pytest.mark.parametrize("column", ["is_batal", "is_tolak"])
def test_an_unknown_flag_does_not_count_and_is_kept_as_a_word_in_the_doubt(column):
    row = json.loads((HERE / "proposal-public.in.json").read_bytes())
    read = normalise.proposal(Usulan.model_validate({**row, column: "ya"}))
    assert read.body.status is CaseStatus.UNDER_REVIEW
    assert Doubt(code=DoubtCode.CODE_UNKNOWN, field="/status", original=f"{column}=ya") in read.doubts


def test_a_line_and_the_line_above_have_their_own_nomenclatures():
    row = json.loads((HERE / "plan-sub-activity.in.json").read_bytes())
    odd_line = normalise.plan(Program.model_validate({**row, "kode_sub_giat": "LAIN-LAIN"}))
    odd_above = normalise.plan(Program.model_validate({**row, "kode_giat": "LAIN-LAIN"}))
    assert (odd_line.body.code.scheme, odd_line.body.parent.scheme) == (
        codes.OWN_CODES,
        PlanScheme.PERMENDAGRI_90_2019,
    )
    assert (odd_above.body.code.scheme, odd_above.body.parent.scheme) == (
        PlanScheme.PERMENDAGRI_90_2019,
        codes.OWN_CODES,
    )
    assert [doubt.field for doubt in (*odd_line.doubts, *odd_above.doubts)] == ["/code/scheme", "/parent/scheme"]


def test_the_agency_of_a_line_is_the_name_that_sipd_writes():
    row = json.loads((HERE / "plan-sub-activity.in.json").read_bytes())
    named = [
        normalise.plan(Program.model_validate({**row, "nama_skpd": name})).body.agency
        for name in ("Dinas\r\nPerhubungan ", "-", "", None)
    ]
    assert named == [AgencyReference(name=Text(id="Dinas Perhubungan")), None, None, None]


def test_the_owner_is_whose_nik_stands_there():
    row = json.loads((HERE / "proposal-own.in.json").read_bytes())
    owner = PROPOSAL.owner(normalise.proposal(Usulan.model_validate(row)).body)
    assert (owner.nik, owner.region) == (NIK, "63.71.01.1001")
    row["pengusul"]["nik"] = "371994502900011"
    assert PROPOSAL.owner(normalise.proposal(Usulan.model_validate(row)).body).nik is None


@given(st.sampled_from(["plan-sub-activity", "proposal-own"]), st.data())
def test_any_record_is_normalised_or_set_aside(case, data):
    model, normalised = WIRE[case.partition("-")[0]]
    names = st.sampled_from(sorted(model.model_fields))
    row = {**json.loads((HERE / f"{case}.in.json").read_bytes()), **data.draw(st.dictionaries(names, ANYTHING))}
    try:
        wire = model.model_validate(row)
    except ValidationError:
        return
    try:
        body = normalised(wire).body
    except UnusableRecordError:
        return
    assert 2000 <= body.year <= 2100
    assert normalise.plan_key(wire) if isinstance(wire, Program) else normalise.proposal_key(wire)


COMMAND = SubmitProposal(
    year=2027, text="Jalan lingkungan rusak dan becek", title="Perbaikan jalan", region="63.71.01.1001"
)


def test_a_command_becomes_the_columns_of_a_proposal():
    more = {"amount": Decimal("1250000.5"), "position": Point(coordinates=(114.5851, -3.33)), "quantity": "120  M2"}
    assert normalise.submission(COMMAND.model_copy(update=more), NIK, "GB-7F3K2Q") == {
        "nik": NIK,
        "tahun": "2027",
        "masalah": "Jalan lingkungan rusak dan becek [GB-7F3K2Q]",
        "giat_teks": "Perbaikan jalan",
        "alamat_teks": "",
        "id_kelurahan": 61519,
        "anggaran": "1250000.50",
        "koefisien": "120 M2",
        "detail_latpeta": "-3.3300000",
        "detail_langpeta": "114.5851000",
    }


@pytest.mark.parametrize(
    ("changes", "nik", "code"),
    [
        ({}, None, "nik-missing"),
        ({"region": "63.71.01"}, NIK, "region-unknown"),
        ({"text": "\u200b rusak \x00\n\n\n\n\n"}, NIK, "text-refused"),
    ],
)
def test_what_sipd_would_not_take_is_refused_before_it_is_sent(changes, nik, code):
    refused = normalise.submission(COMMAND.model_copy(update=changes), nik, "GB-7F3K2Q")
    assert isinstance(refused, Refused)
    assert refused.code == code
