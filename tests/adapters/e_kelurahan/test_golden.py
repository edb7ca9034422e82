"""Every recorded wire record and what becomes of it, and what may become of any other."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from adapters.contract import Refused
from adapters.e_kelurahan import SPEC, codes
from adapters.e_kelurahan.denormalise import submission, supplement
from adapters.e_kelurahan.normalise import purpose_without_code
from adapters.e_kelurahan.wire import Layanan, Permohonan
from adapters.errors import UnusableRecordError
from adapters.legacy.texts import plain_text
from schemas.application import ApplicationStatus, SubmitApplication, SupplementApplication
from schemas.places import RegionLevel, regions
from schemas.quality import QualityCode
from simulators.e_kelurahan.letters import LETTERS

HERE = Path(__file__).parent
PLACE = "63.71.01.1001"
WIRE = {"application": Permohonan, "service": Layanan}
ROWS = {row.resource.name: row for row in SPEC.reads}
CASES = sorted(path.name.removesuffix(".in.json") for path in HERE.glob("*.in.json"))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60)
TEXTS = st.text(max_size=40) | st.sampled_from(["0", "1", "-", "0000-00-00", "2026-02-30 25:00:00", "Y", "T", "&#0;"])


def recorded(case):
    return WIRE[case.partition("-")[0]].model_validate_json((HERE / f"{case}.in.json").read_bytes())


def outcome(case):
    try:
        normal = ROWS[case.partition("-")[0]].normalise(recorded(case))
    except UnusableRecordError as error:
        return {"set_aside": str(error)}
    return {
        "body": normal.body.model_dump(mode="json"),
        "doubts": [doubt.model_dump(mode="json") for doubt in normal.doubts],
    }


@pytest.mark.parametrize("case", CASES)
def test_what_becomes_of_a_record(case):
    assert outcome(case) == json.loads((HERE / f"{case}.out.json").read_text("utf-8"))


def test_every_state_has_a_case():
    states = {outcome(case)["body"]["status"] for case in CASES if case.startswith("application-")}
    assert states == set(ApplicationStatus) == set(codes.STATUS_TEXTS)


@pytest.mark.parametrize("case", CASES)
def test_a_wire_record_is_not_shown(case):
    wire = recorded(case)
    assert "63719" not in f"{wire!r} {wire}"
    assert "Galuh" not in f"{wire!r} {wire}"


def test_the_same_id_in_another_table_is_another_key():
    one, other = recorded("application-waiting"), recorded("application-same-id-in-another-table")
    assert one.id == other.id
    assert ROWS["application"].key(one) != ROWS["application"].key(other)
    # An id that came as a number is the same id.
    assert ROWS["application"].key(recorded("application-numbers-in-place-of-texts")) == one.key


def test_the_code_table_is_the_agencys():
    ours = {(letter.kode, letter.tabel, letter.jenis) for letter in codes.LETTERS}
    assert ours == {(letter.kode, letter.tabel, letter.jenis) for letter in LETTERS}
    assert len(codes.BY_CODE) == len(codes.BY_KODE) == len(codes.BY_PLACE) == len(codes.LETTERS)


@given(st.dictionaries(st.sampled_from(sorted(Permohonan.model_fields)), SCALARS | TEXTS))
def test_any_application_becomes_a_record_or_is_set_aside(columns):
    try:
        wire = Permohonan.model_validate({"tabel": "surat", "id": "0001", **columns})
    except ValidationError:
        return
    normal = ROWS["application"].normalise(wire)
    assert normal.body.status in ApplicationStatus
    ROWS["application"].resource.owner(normal.body)


@given(st.dictionaries(st.sampled_from(sorted(Layanan.model_fields)), SCALARS | TEXTS))
def test_any_letter_becomes_a_record_or_is_set_aside(columns):
    try:
        normal = ROWS["service"].normalise(Layanan.model_validate({"kode": "DOM", "nama": "Surat", **columns}))
    except (ValidationError, UnusableRecordError):
        return
    assert normal.body.processing_time is None or normal.body.processing_time < timedelta(days=1000)


@given(st.text(min_size=3, max_size=500))
def test_the_receipt_code_comes_off_again(purpose):
    command = SubmitApplication(service="domicile", region="63.71.01.1001", purpose=purpose)
    fields = submission(command, "6371994502900011", "GB-7F3K2Q")
    meant = plain_text(purpose, placeholders=frozenset()).value or ""
    if isinstance(fields, Refused):
        written = len(meant.encode("cp1252", "xmlcharrefreplace"))
        assert (fields.code, len(meant) < 3 or written > 1950) == ("purpose-refused", True)
        return
    assert fields["keperluan"] == f"{meant} [GB-7F3K2Q]"
    if "&" not in meant:
        assert purpose_without_code(fields["keperluan"]) == meant


def test_what_the_form_would_cut_off_is_refused_beforehand():
    # As numbers of HTML these are nine characters each, and the form takes 2,000: the code at the end would be gone.
    exotic = "\U0001f600" * 400
    submitted = submission(SubmitApplication(service="domicile", region=PLACE, purpose=exotic), "1", "GB-7F3K2Q")
    supplemented = supplement(SupplementApplication(application_key="surat/0007", note=exotic), "1", "GB-7F3K2Q")
    assert [submitted.code, supplemented.code] == ["purpose-refused", "note-refused"]
    usual = SubmitApplication(service="domicile", region=PLACE, purpose="é" * 500)
    assert not isinstance(submission(usual, "1", "GB-7F3K2Q"), Refused)


def test_a_fee_that_is_no_sum_of_money_costs_the_letter_its_fee_only():
    for fee in (f"Rp. {'9' * 25},-", "Rp. 1,1234567"):
        normal = ROWS["service"].normalise(Layanan(kode="DOM", nama="Surat", biaya=fee))
        assert normal.body.fee is None
        assert [doubt.code for doubt in normal.doubts] == [QualityCode.NUMBER_AMBIGUOUS]


def test_what_is_not_compulsory_is_marked_however_it_is_written():
    written = "Fotokopi KTP (BILA ADA) <br>Fotokopi KK(bila ada)<br/>(bila ada) surat"
    found = ROWS["service"].normalise(Layanan(kode="DOM", nama="Surat", persyaratan=written)).body.requirements
    assert [(one.name.id, one.required) for one in found] == [
        ("Fotokopi KTP", False),
        ("Fotokopi KK", False),
        ("(bila ada) surat", True),
    ]


def test_every_kelurahan_and_every_letter_fits_the_form():
    places = [code for code, region in regions().items() if region.level is RegionLevel.SUBDISTRICT]
    assert len(places) == 52
    for place in places:
        for letter in codes.LETTERS:
            fields = submission(SubmitApplication(service=letter.code, region=place, purpose="untuk"), "1", "GB-1")
            assert not isinstance(fields, Refused)
            assert fields["kode"] == letter.kode
