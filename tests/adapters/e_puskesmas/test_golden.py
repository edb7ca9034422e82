"""Every recorded wire record and what becomes of it."""

import json
from pathlib import Path

import pytest

from adapters.e_puskesmas import SPEC
from adapters.e_puskesmas.wire import Kunjungan, Pendaftaran, Profil, StatusAntrean
from adapters.errors import UnusableRecordError
from schemas.health import VisitStatus

HERE = Path(__file__).parent
WIRE = {"facility": Profil, "queue": StatusAntrean, "appointment": Pendaftaran, "visit": Kunjungan}
ROWS = {row.resource.name: row for row in SPEC.reads}
CASES = sorted(path.name.removesuffix(".in.json") for path in HERE.glob("*.in.json"))


def outcome(case):
    resource = case.partition("-")[0]
    wire = WIRE[resource].model_validate_json((HERE / f"{case}.in.json").read_bytes())
    try:
        normal = ROWS[resource].normalise(wire)
    except UnusableRecordError as error:
        return {"set_aside": str(error)}
    return {
        "body": normal.body.model_dump(mode="json", exclude_none=True),
        "doubts": [doubt.model_dump(mode="json", exclude_none=True) for doubt in normal.doubts],
    }


@pytest.mark.parametrize("case", CASES)
def test_what_becomes_of_a_record(case):
    assert outcome(case) == json.loads((HERE / f"{case}.out.json").read_text("utf-8"))


def test_every_resource_has_cases():
    assert {case.partition("-")[0] for case in CASES} == set(ROWS) == set(WIRE)


@pytest.mark.parametrize("case", CASES)
def test_a_wire_record_is_not_shown(case):
    resource = case.partition("-")[0]
    wire = WIRE[resource].model_validate_json((HERE / f"{case}.in.json").read_bytes())
    assert "63719" not in repr(wire)
    assert "GALUH" not in f"{wire!r} {wire}"


def test_the_complaint_is_not_even_read():
    wire = Pendaftaran.model_validate_json((HERE / "appointment-booked.in.json").read_bytes())
    assert "batuk" not in wire.model_dump_json()


def test_what_a_visit_found_is_not_even_read():
    recorded = json.loads((HERE / "visit-finished.in.json").read_bytes())
    wire = Kunjungan.model_validate(recorded)
    for column in ("keluhan", "kdDiag1", "nmDiag1", "terapi"):
        assert recorded[column] not in wire.model_dump_json()
    assert not {"keluhan", "kdStatusPulang"} & set(Kunjungan.model_fields)
    assert not any("diag" in name.lower() or "terapi" in name.lower() for name in Kunjungan.model_fields)


def test_every_state_of_a_visit_has_a_case():
    found = [outcome(case) for case in CASES if case.startswith("visit-")]
    assert {one["body"]["status"] for one in found if "body" in one} == set(VisitStatus)
