"""Unknown words and malformed numbers: nothing is invented, and no doubt about health data carries a word."""

import json
from pathlib import Path

import pytest

from adapters.e_puskesmas import SPEC, facilities, normalise
from adapters.e_puskesmas.wire import Kunjungan, Pendaftaran, Profil, StatusAntrean
from schemas.booking import BookingStatus
from schemas.codes import Phase
from schemas.doubts import Doubt, DoubtCode
from schemas.health import VisitStatus
from schemas.identifiers import Identifier, IdentifierScheme

HERE = Path(__file__).parent
STATUS_UNKNOWN = (Doubt(code=DoubtCode.STATUS_UNKNOWN, field="/status"),)
STATUS_MISSING = (Doubt(code=DoubtCode.FIELD_MISSING, field="/status"),)


def recorded(case):
    return json.loads((HERE / f"{case}.in.json").read_text("utf-8"))


def appointment(case="appointment-booked", **changed):
    return normalise.appointment(Pendaftaran.model_validate({**recorded(case), **changed}))


def visit(case="visit-finished", **changed):
    return normalise.visit(Kunjungan.model_validate({**recorded(case), **changed}))


def facility(**changed):
    return facilities.facility(Profil.model_validate({**recorded("facility-plain"), **changed}))


@pytest.mark.parametrize("case", ["appointment-booked", "appointment-arrived", "appointment-called"])
@pytest.mark.parametrize(("column", "word"), [("status", "Dirujuk"), ("panggil", "7"), ("batal", "YA")])
def test_an_unknown_word_makes_the_status_of_an_appointment_unknown(case, column, word):
    normal = appointment(case, **{column: word})
    assert normal.body.status is BookingStatus.UNKNOWN
    assert normal.body.phase is None
    assert normal.doubts == STATUS_UNKNOWN


@pytest.mark.parametrize("word", [None, "", " - "])
def test_no_word_at_all_is_a_missing_field(word):
    normal = appointment(status=word)
    assert (normal.body.status, normal.doubts) == (BookingStatus.UNKNOWN, STATUS_MISSING)


@pytest.mark.parametrize(
    ("columns", "status"),
    [
        ({"batal": "Y", "status": "Dirujuk", "panggil": "7"}, BookingStatus.CANCELLED),
        ({"panggil": "2", "status": "Dirujuk"}, BookingStatus.NO_SHOW),
        ({"status": "Sudah dilayani", "panggil": "7"}, BookingStatus.FULFILLED),
    ],
)
def test_a_column_that_decides_leaves_the_following_ones_unread(columns, status):
    normal = appointment(**columns)
    assert (normal.body.status, normal.doubts) == (status, ())


@pytest.mark.parametrize("desk", [None, "", "-", "0000-00-00 00:00:00"])
def test_a_patient_without_a_time_at_the_desk_has_not_arrived(desk):
    normal = appointment(waktuCheckIn=desk)
    assert (normal.body.status, normal.doubts) == (BookingStatus.BOOKED, ())


def test_an_unreadable_time_at_the_desk_makes_the_status_unknown():
    normal = appointment(waktuCheckIn="2026-02-30 07:31:00")
    assert normal.body.status is BookingStatus.UNKNOWN
    assert normal.doubts == (Doubt(code=DoubtCode.DATE_IMPOSSIBLE, field="/status"),)


@pytest.mark.parametrize("case", ["visit-arrived", "visit-in-progress", "visit-finished"])
@pytest.mark.parametrize(("column", "word"), [("statusPeriksa", "9"), ("batal", "YA")])
def test_an_unknown_word_makes_the_status_of_a_visit_unknown(case, column, word):
    normal = visit(case, **{column: word})
    assert (normal.body.status, normal.body.phase, normal.doubts) == (VisitStatus.UNKNOWN, None, STATUS_UNKNOWN)


@pytest.mark.parametrize("word", [None, "", " "])
def test_a_visit_without_a_status_misses_a_field(word):
    normal = visit(statusPeriksa=word)
    assert (normal.body.status, normal.doubts) == (VisitStatus.UNKNOWN, STATUS_MISSING)


def test_a_patient_who_is_called_is_waited_for():
    body = appointment("appointment-called").body
    assert (body.phase, body.status_text) == (Phase.WAITING_FOR_YOU, BookingStatus.CALLED.text)


def test_the_doubt_about_a_clinic_carries_its_code_in_public_records_only():
    own = {"poli": {"kdPoli": "021", "nmPoli": "SANTUN LANSIA"}}
    public = Doubt(code=DoubtCode.CODE_UNKNOWN, field="/clinics/0", original="021")
    clinic = {"kodepoli": "021", "namapoli": "SANTUN LANSIA", "kdProvider": "17990101"}
    assert facility(poli=[clinic]).doubts == (public,)
    queue = facilities.queue(StatusAntrean.model_validate({**recorded("queue-plain"), **clinic}))
    assert queue.doubts == (public.model_copy(update={"field": "/clinic"}),)
    personal = (Doubt(code=DoubtCode.CODE_UNKNOWN, field="/clinic"),)
    assert appointment(**own).doubts == visit(**own).doubts == personal
    bodies = [facility(poli=[clinic]).body.clinics[0], queue.body.clinic, appointment(**own).body.clinic]
    assert {(one.scheme, one.code, one.text.id) for one in bodies} == {("e-puskesmas/poli", "021", "SANTUN LANSIA")}


def test_an_unknown_coverage_keeps_its_own_word():
    normal = visit(asuransi={"nama": "JAMKESDA"})
    assert (normal.body.coverage.scheme, normal.body.coverage.code) == ("e-puskesmas/asuransi", "JAMKESDA")
    assert normal.doubts == (Doubt(code=DoubtCode.CODE_UNKNOWN, field="/coverage"),)


def test_a_health_centre_has_its_bpjs_code_and_its_agency():
    body = facility().body
    assert body.identifiers == (Identifier(scheme=IdentifierScheme.HEALTH_FACILITY, value="17990101"),)
    assert body.agency.id == SPEC.agency


@pytest.mark.parametrize("code", ["1799010", "17990101-2", "Pekauman"])
def test_a_malformed_bpjs_code_is_not_exact(code):
    normal = facility(kdProvider=code)
    assert [(number.value, number.exact) for number in normal.body.identifiers] == [(code, False)]
    assert normal.doubts == (Doubt(code=DoubtCode.NUMBER_FORM, field="/identifiers/0"),)


def test_a_centre_of_which_no_place_is_known_has_no_location():
    nowhere = dict.fromkeys(("alamat", "kdKelurahan", "kodePos", "lintang", "bujur"))
    normal = facility(**nowhere)
    assert (normal.body.location, normal.doubts) == (None, ())


def test_a_malformed_card_number_is_not_exact_and_has_a_doubt():
    card = {**recorded("appointment-booked")["peserta"], "noKartu": "00099"}
    for normal, person in ((appointment(peserta=card), "holder"), (visit(peserta=card), "patient")):
        (_, number) = getattr(normal.body, person).identifiers
        assert (number.value, number.exact) == ("00099", False)
        assert normal.doubts == (Doubt(code=DoubtCode.NUMBER_FORM, field=f"/{person}/identifiers/1"),)
