"""Every recorded wire record and what becomes of it, and what may become of any other."""

import json
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
from schemas.application import ApplicationAction, SubmitApplication, SupplementApplication
from schemas.case import CaseStatus
from schemas.codes import Coded
from schemas.doubts import DoubtCode
from schemas.places import RegionLevel, regions
from schemas.service import ServiceStatus
from schemas.texts import Text
from simulators.e_kelurahan.letters import LETTERS
from simulators.e_kelurahan.seed import STAGES

HERE = Path(__file__).parent
PLACE = "63.71.01.1001"
WIRE = {"application": Permohonan, "service": Layanan}
STATES = {
    CaseStatus.DRAFT,
    CaseStatus.SUBMITTED,
    CaseStatus.NEEDS_COMPLETION,
    CaseStatus.UNDER_REVIEW,
    CaseStatus.AWAITING_SIGNATURE,
    CaseStatus.APPROVED,
    CaseStatus.READY,
    CaseStatus.COLLECTED,
    CaseStatus.REJECTED,
    CaseStatus.WITHDRAWN,
    CaseStatus.REVOKED,
}
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
    assert states == {*STATES, CaseStatus.UNKNOWN}


def test_only_the_wording_that_differs_is_the_adapters_own():
    assert set(codes.STATUS_TEXTS) <= STATES
    assert all(status.text != text for status, text in codes.STATUS_TEXTS.items())
    waiting = ROWS["application"].normalise(recorded("application-waiting")).body
    ready = ROWS["application"].normalise(recorded("application-ready")).body
    assert (waiting.status_text, ready.status_text) == (Text(id="Diterima", en="Received"), CaseStatus.READY.text)


def application(**columns):
    """The body and the doubts of an application with these columns, as (code, field, original)."""
    normal = ROWS["application"].normalise(Permohonan.model_validate({"tabel": "surat", "id": "0007", **columns}))
    return normal.body, [(doubt.code, doubt.field, doubt.original) for doubt in normal.doubts]


def letter(**columns):
    normal = ROWS["service"].normalise(Layanan.model_validate({"kode": "DOM", "nama": "Surat", **columns}))
    return normal.body, [(doubt.code, doubt.field, doubt.original) for doubt in normal.doubts]


@pytest.mark.parametrize("stage", sorted(set(STAGES) - {"lain"}))
def test_every_documented_state_of_the_system_is_known(stage):
    day = "2026-11-21" if stage == "diambil" else "0000-00-00"
    body, doubts = application(jenis="5", tanggal_ambil=day, **STAGES[stage].columns)
    assert (body.status in STATES, doubts) == (True, [])


def test_every_stamp_of_the_system_is_known():
    stamps = {stamp for stage in STAGES.values() for stamp in stage.stamps}
    # What an applicant may add; tests of the steps put both on the simulator's pages.
    stamps |= {("Pemohon", "Dilengkapi"), ("Pemohon", "Dibatalkan")}
    assert {word.lower() for _, word in stamps} == set(codes.STEPS)
    for role, word in stamps:
        stamp = {"pada": "2026-11-16 14:00:00", "oleh": role, "langkah": word}
        body, doubts = application(jenis="5", status="2", riwayat=[stamp])
        (event,) = body.history
        assert (event.status in STATES, event.status_text.id, doubts) == (True, word, [])
        assert event.status_text.en
        assert event.by.en


@pytest.mark.parametrize(
    ("columns", "doubt"),
    [
        ({"status": "7"}, (DoubtCode.STATUS_UNKNOWN, "/status", "7")),
        ({"status": " Ditangguhkan\x07 "}, (DoubtCode.STATUS_UNKNOWN, "/status", "Ditangguhkan")),
        ({"status": " "}, (DoubtCode.FIELD_MISSING, "/status", None)),
        ({}, (DoubtCode.FIELD_MISSING, "/status", None)),
        ({"status": "0", "dikirim": "1"}, (DoubtCode.STATUS_UNKNOWN, "/status", "dikirim=1")),
        ({"status": "0"}, (DoubtCode.FIELD_MISSING, "/status", None)),
    ],
)
def test_an_unknown_status_is_not_guessed(columns, doubt):
    body, doubts = application(jenis="5", **columns)
    assert (body.status, body.status_text, body.phase) == (CaseStatus.UNKNOWN, CaseStatus.UNKNOWN.text, None)
    assert doubts == [doubt]


@pytest.mark.parametrize(
    ("columns", "status", "word"),
    [
        ({"status": "0", "dikirim": "1", "paraf": "Y"}, CaseStatus.AWAITING_SIGNATURE, "dikirim=1"),
        ({"status": "0", "dikirim": "Y", "paraf": "x"}, CaseStatus.SUBMITTED, "paraf=x"),
        ({"status": "1", "siap_ambil": "2"}, CaseStatus.APPROVED, "siap_ambil=2"),
    ],
)
def test_a_status_is_what_the_readable_columns_prove(columns, status, word):
    body, doubts = application(jenis="5", **columns)
    assert (body.status, doubts) == (status, [(DoubtCode.CODE_UNKNOWN, "/status", word)])


def test_an_unknown_step_is_an_event_without_a_status():
    stamps = [
        {"pada": "2026-11-17 10:00:00", "oleh": "Camat", "langkah": "Disposisi", "catatan": "Untuk kasi"},
        {"pada": "2026-11-17 11:00:00", "oleh": "Petugas", "langkah": "", "catatan": "Pemohon ditelepon"},
    ]
    body, doubts = application(jenis="5", status="2", riwayat=stamps)
    first, second = body.history
    assert (first.status, first.status_text, first.by) == (None, Text(id="Disposisi"), Text(id="Camat"))
    assert (first.at.isoformat(), first.text) == ("2026-11-17T10:00:00+08:00", "Untuk kasi")
    assert (second.status, second.status_text, second.text) == (None, None, "Pemohon ditelepon")
    assert doubts == [
        (DoubtCode.STATUS_UNKNOWN, "/history/0/status", "Disposisi"),
        (DoubtCode.CODE_UNKNOWN, "/history/0/by", None),
        (DoubtCode.FIELD_MISSING, "/history/1/status", None),
    ]


def test_only_an_empty_stamp_is_left_out():
    empty = {"pada": "0000-00-00 00:00:00", "oleh": " ", "langkah": "-", "catatan": ""}
    body, doubts = application(jenis="5", status="2", riwayat=[empty])
    assert (body.history, doubts) == ((), [(DoubtCode.FIELD_MISSING, "/history", None)])


def test_an_unknown_kind_is_not_guessed():
    files = [{"jenis": "foto", "tautan": "/berkas/9"}, {"jenis": " ", "tautan": "/berkas/10"}]
    body, doubts = application(jenis="77", status="2", berkas=files)
    assert body.kind == Coded(scheme="e-kelurahan/jenis", code="surat/77")
    own = Coded(scheme="e-kelurahan/jenis-berkas", code="foto")
    assert [document.kind for document in body.documents] == [own, None]
    assert doubts == [
        (DoubtCode.CODE_UNKNOWN, "/kind", "surat/77"),
        (DoubtCode.CODE_UNKNOWN, "/documents/0/kind", "foto"),
        (DoubtCode.FIELD_MISSING, "/documents/1/kind", None),
    ]


def test_the_id_of_a_document_does_not_depend_on_its_place():
    letter_file = {"jenis": "surat", "nomor": "7/145.1", "tautan": "/berkas/12"}
    odd = {"jenis": "lampiran", "tautan": "/unduh?f=3"}
    other = {"jenis": "lampiran", "tautan": "/unduh?f=4"}

    def ids(*files):
        return [document.id for document in application(jenis="5", status="2", berkas=files)[0].documents]

    before = ids(letter_file, odd)
    assert before[0] == "12"
    assert ids(other, odd, letter_file)[1:] == before[::-1]
    assert len(set(ids(odd, other))) == 2


def test_two_links_to_one_file_are_noticed():
    file = {"jenis": "surat", "tautan": "/berkas/12"}
    body, doubts = application(jenis="5", status="2", berkas=[file, file])
    assert len(body.documents) == 2
    assert doubts == [(DoubtCode.ID_DUPLICATE, "/documents/1/id", None)]


@pytest.mark.parametrize(
    ("word", "status", "doubts"),
    [
        ("y", ServiceStatus.ACTIVE, []),
        ("T", ServiceStatus.WITHDRAWN, []),
        ("1", ServiceStatus.UNKNOWN, [(DoubtCode.STATUS_UNKNOWN, "/status", "1")]),
        ("", ServiceStatus.UNKNOWN, [(DoubtCode.FIELD_MISSING, "/status", None)]),
        (None, ServiceStatus.UNKNOWN, [(DoubtCode.FIELD_MISSING, "/status", None)]),
    ],
)
def test_whether_a_letter_is_offered(word, status, doubts):
    body, found = letter(aktif=word)
    assert (body.status, found) == (status, doubts)


def test_working_days_are_a_number_of_working_days():
    assert letter(aktif="Y", jangka_waktu="paling lama 3 hari kerja")[0].working_days == 3
    body, doubts = letter(aktif="Y", jangka_waktu="60 menit")
    assert body.working_days is None
    assert doubts == [(DoubtCode.NUMBER_FORM, "/working_days", "60 menit")]


@pytest.mark.parametrize("word", [" ", "\x07"])
def test_a_letter_without_a_code_is_set_aside(word):
    with pytest.raises(UnusableRecordError):
        letter(kode=word, aktif="Y")


def test_an_unknown_letter_keeps_its_code_of_at_most_forty_characters():
    body, doubts = letter(kode="BARU " + "2" * 99, aktif="Y")
    assert body.kind == Coded(scheme="e-kelurahan/kode", code="BARU " + "2" * 35)
    assert doubts == [(DoubtCode.CODE_UNKNOWN, "/kind", "BARU " + "2" * 35)]


@pytest.mark.parametrize(
    ("steps", "actions", "word"),
    [
        (None, None, None),
        ((), (), None),
        (("batalkan", "lengkapi", ""), (ApplicationAction.SUPPLEMENT, ApplicationAction.WITHDRAW), None),
        (("batalkan", "banding\x07"), (ApplicationAction.WITHDRAW,), "banding"),
    ],
)
def test_what_an_applicant_may_do_is_what_the_form_offers(steps, actions, word):
    body, doubts = application(jenis="5", status="2", tindakan=steps)
    assert body.actions == actions
    assert doubts == ([(DoubtCode.CODE_UNKNOWN, "/actions", word)] if word else [])


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
    assert normal.body.status in {*STATES, CaseStatus.UNKNOWN}
    ROWS["application"].resource.owner(normal.body)


@given(st.dictionaries(st.sampled_from(sorted(Layanan.model_fields)), SCALARS | TEXTS))
def test_any_letter_becomes_a_record_or_is_set_aside(columns):
    try:
        normal = ROWS["service"].normalise(Layanan.model_validate({"kode": "DOM", "nama": "Surat", **columns}))
    except (ValidationError, UnusableRecordError):
        return
    assert normal.body.working_days is None or 0 <= normal.body.working_days < 1000


@given(st.text(min_size=3, max_size=500))
def test_the_receipt_code_comes_off_again(purpose):
    command = SubmitApplication(kind="domicile", region="63.71.01.1001", text=purpose)
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
    submitted = submission(SubmitApplication(kind="domicile", region=PLACE, text=exotic), "1", "GB-7F3K2Q")
    supplemented = supplement(SupplementApplication(application_key="surat/0007", note=exotic), "1", "GB-7F3K2Q")
    assert [submitted.code, supplemented.code] == ["purpose-refused", "note-refused"]
    usual = SubmitApplication(kind="domicile", region=PLACE, text="é" * 500)
    assert not isinstance(submission(usual, "1", "GB-7F3K2Q"), Refused)


def test_a_fee_that_is_no_sum_of_money_costs_the_letter_its_fee_only():
    for fee in (f"Rp. {'9' * 25},-", "Rp. 1,1234567"):
        normal = ROWS["service"].normalise(Layanan(kode="DOM", nama="Surat", biaya=fee, aktif="Y"))
        assert normal.body.fee is None
        assert [doubt.code for doubt in normal.doubts] == [DoubtCode.NUMBER_AMBIGUOUS]


def test_what_is_not_compulsory_is_marked_however_it_is_written():
    written = "Fotokopi KTP (BILA ADA) <br>Fotokopi KK(bila ada)<br/>(bila ada) surat"
    found = ROWS["service"].normalise(Layanan(kode="DOM", nama="Surat", persyaratan=written)).body.requirements
    assert [(one.name.id, one.required) for one in found] == [
        ("Fotokopi KTP", False),
        ("Fotokopi KK", False),
        ("(bila ada) surat", True),
    ]


def test_every_kelurahan_and_every_letter_fits_the_form():
    places = [code for code, region in regions().items() if region.level is RegionLevel.KELURAHAN]
    assert len(places) == 52
    for place in places:
        for letter in codes.LETTERS:
            fields = submission(SubmitApplication(kind=letter.code, region=place, text="untuk"), "1", "GB-1")
            assert not isinstance(fields, Refused)
            assert fields["kode"] == letter.kode
