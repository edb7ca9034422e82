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
from adapters.sipd_rkpd import normalise
from adapters.sipd_rkpd.places import KELURAHAN
from adapters.sipd_rkpd.wire import Program, Usulan
from schemas.places import Point, RegionLevel, regions
from schemas.planning import PROPOSAL, PlanLevel, PlanScheme, ProposalStatus, SubmitProposal
from schemas.texts import KEEP
from simulators.sipd_rkpd.places import numbers

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
    assert {body.get("status") for body in bodies} - {None} == set(ProposalStatus)
    assert {body.get("level") for body in bodies} - {None} == set(PlanLevel)
    assert {body.get("scheme") for body in bodies} - {None} == set(PlanScheme)


def test_sipds_own_numbers_name_every_kelurahan_once():
    every = {code for code, region in regions().items() if region.level is RegionLevel.SUBDISTRICT}
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
    ("columns", "status"),
    [
        ({"is_batal": 1, "is_tolak": 1}, ProposalStatus.CANCELLED),
        ({"is_tolak": 1, "status_usul_teks": "Diakomodasi"}, ProposalStatus.REJECTED),
        # The number beside the words is counted anew in each version.
        ({"status_usul": 99, "status_usul_teks": "tapd"}, ProposalStatus.BUDGET_TEAM),
    ],
)
def test_what_counts_first_for_the_status(columns, status):
    row = json.loads((HERE / "proposal-public.in.json").read_bytes())
    assert normalise.proposal(Usulan.model_validate({**row, **columns})).body.status is status


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
    year=2027, problem="Jalan lingkungan rusak dan becek", title="Perbaikan jalan", region="63.71.01.1001"
)


def test_a_command_becomes_the_columns_of_a_proposal():
    more = {"amount": Decimal("1250000.5"), "position": Point(coordinates=(114.5851, -3.33)), "volume": "120  M2"}
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
        ({"problem": "\u200b rusak \x00\n\n\n\n\n"}, NIK, "problem-refused"),
    ],
)
def test_what_sipd_would_not_take_is_refused_before_it_is_sent(changes, nik, code):
    refused = normalise.submission(COMMAND.model_copy(update=changes), nik, "GB-7F3K2Q")
    assert isinstance(refused, Refused)
    assert refused.code == code
