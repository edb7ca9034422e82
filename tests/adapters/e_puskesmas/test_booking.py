"""Booking a place and giving it back, against the running simulator."""

import json
from dataclasses import replace
from datetime import date

import pytest

from adapters.contract import Absent, Refused, Stored
from adapters.e_puskesmas import SPEC
from adapters.e_puskesmas.wire import Berkode
from adapters.errors import Cause, CredentialsRefusedError, UpstreamMalformedError, UpstreamUnavailableError
from adapters.upstream import HttpAnswer
from schemas.booking import BookingStatus
from schemas.health import APPOINTMENT, AppointmentQuery, BookAppointment, CancelAppointment
from simulators.people import DEMONSTRATION

pytestmark = pytest.mark.anyio

BOOK, CANCEL = SPEC.writes
RESIDENT, NEIGHBOUR = DEMONSTRATION["resident"].nik, DEMONSTRATION["resident-damaged"].nik
CODE = "GB-7F3K2Q"
COMMAND = BookAppointment(facility_key="17990101", clinic="dental", day=date(2026, 11, 28))


def cancellation(key, reason="Berhalangan"):
    return CancelAppointment(appointment_key=key, reason=reason)


async def bodies(here, nik=RESIDENT):
    row = next(row for row in SPEC.reads if row.resource is APPOINTMENT)
    batch = await row.ask(here.call(nik), AppointmentQuery(), None)
    return {row.key(one): row.normalise(one).body for one in batch.items}


def ledger(here):
    return [write["code"] for write in here.state.ledger.writes]


async def test_a_booking_is_stored_shown_and_found_again(office):
    async with office("pekauman") as here:
        call = here.call(RESIDENT)
        assert await BOOK.look(call, COMMAND, CODE) == Absent()
        stored = await BOOK.send(call, COMMAND, CODE)
        assert isinstance(stored, Stored)
        body = (await bodies(here))[stored.key]
        assert await BOOK.look(call, COMMAND, CODE) == stored
        assert await BOOK.look(call, COMMAND, "GB-OTHER1") == Absent()
        assert ledger(here) == [CODE]
    assert (body.day, body.clinic.code, body.number) == (COMMAND.day, "dental", stored.reference)
    assert body.status is BookingStatus.BOOKED


async def test_what_is_sent_twice_is_booked_twice(office):
    # So the gateway looks before it sends again.
    async with office("pekauman") as here:
        first, second = [await BOOK.send(here.call(RESIDENT), COMMAND, CODE) for _ in range(2)]
        assert first.key != second.key
        assert ledger(here) == [CODE, CODE]


async def test_nothing_of_a_complaint_is_written_or_read(office):
    async with office("pekauman") as here:
        await BOOK.send(here.call(RESIDENT), COMMAND, CODE)
        (sent,) = [one for one in here.state.received.as_json() if one["method"] == "POST"]
        assert dict(sent["headers"])["content-type"] == "text/plain"
        assert json.loads(sent["body"])["keluhan"] == f"Pendaftaran lewat Gerbang [{CODE}]"
    told = {"noUrut": "A-001", "tglDaftar": "28-11-2026", "peserta": {}, "poli": {"kdPoli": "001"}}
    complaint = Berkode.model_validate({**told, "keluhan": "sakit gigi [bengkak]", "alasanBatal": f"pindah [{CODE}]"})
    assert complaint.keluhan is None
    assert complaint.alasanBatal == CODE


async def test_a_place_is_given_back_once(office):
    async with office("pekauman") as here:
        call = here.call(RESIDENT)
        stored = await BOOK.send(call, COMMAND, CODE)
        command = cancellation(stored.key)
        assert await CANCEL.look(call, command, "GB-CANCEL") == Absent()
        assert await CANCEL.send(call, command, "GB-CANCEL") == stored
        assert (await bodies(here))[stored.key].status is BookingStatus.CANCELLED
        assert await CANCEL.look(call, command, "GB-CANCEL") == stored
        again = await CANCEL.send(call, command, "GB-AGAIN1")
        assert (again.code, again.reason) == ("too-late", "Antrean sudah dibatalkan")
        # That it is cancelled does not mean that this command did it.
        assert await CANCEL.look(call, command, "GB-AGAIN1") == Absent()
        assert ledger(here) == [CODE, "GB-CANCEL"]


async def test_what_was_served_cannot_be_given_back(office):
    async with office("pekauman") as here:
        past = [key for key, body in (await bodies(here)).items() if body.status is BookingStatus.FULFILLED]
        refused = await CANCEL.send(here.call(RESIDENT), cancellation(past[0]), CODE)
        assert refused.code == "too-late"
        assert ledger(here) == []


@pytest.mark.parametrize("key", ["28-11-2026/002/B-099~0123456789abcdef", "surat/0001", "99-99-2026/1/1~" + "0" * 16])
async def test_an_appointment_that_is_not_there_is_refused_unsent(office, key):
    async with office("pekauman") as here:
        refused = await CANCEL.send(here.call(RESIDENT), cancellation(key), CODE)
        assert refused.code == "appointment-unknown"
        assert not [one for one in here.state.received.as_json() if one["method"] == "POST"]


async def test_somebody_elses_place_is_refused_as_if_it_were_not_there(office):
    async with office("pekauman") as here:
        stored = await BOOK.send(here.call(NEIGHBOUR), COMMAND, CODE)
        refused = await CANCEL.send(here.call(RESIDENT), cancellation(stored.key), "GB-OTHER1")
        assert refused == Refused("appointment-unknown", "Antrean tidak ditemukan.")
        assert await CANCEL.look(here.call(RESIDENT), cancellation(stored.key), CODE) == Absent()
        assert ledger(here) == [CODE]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"facility_key": "17990102"}, "facility-unknown"),
        ({"clinic": "021"}, "clinic-unknown"),
        ({"day": date(2026, 11, 22)}, "day-refused"),
        ({"day": date(2026, 12, 24)}, "day-refused"),
    ],
)
async def test_the_desk_says_what_it_objects_to(office, changes, code):
    async with office("pekauman") as here:
        refused = await BOOK.send(here.call(RESIDENT), COMMAND.model_copy(update=changes), CODE)
        assert refused.code == code
        assert refused.reason
        assert ledger(here) == []


async def test_who_has_no_card_here_books_nothing(office):
    async with office("sungai-jingah") as here:
        assert (await BOOK.send(here.call(RESIDENT), COMMAND, CODE)).code == "no-card"
        assert await BOOK.look(here.call(RESIDENT), COMMAND, CODE) == Absent()
        assert not [one for one in here.state.received.as_json() if one["method"] == "POST"]


async def test_a_spent_quota_and_a_wrong_clock_are_no_refusals(office):
    async with office("pekauman") as here:
        here.fault("quota", path="/pcare-rest/pendaftaran")
        with pytest.raises(UpstreamUnavailableError) as caught:
            await BOOK.send(here.call(RESIDENT), COMMAND, CODE)
        assert caught.value.cause is Cause.QUOTA_SPENT
        here.fault("clock-skew", path="/antreanfktp/antrean/batal")
        key = next(iter(await bodies(here)))
        with pytest.raises(CredentialsRefusedError):
            await CANCEL.send(here.call(RESIDENT), cancellation(key), CODE)
        assert ledger(here) == []


class Noting:
    """The way to the centre; what may be sent twice is noted."""

    def __init__(self, up):
        self._up, self.noted = up, set()

    async def send(self, request):
        self.noted.add((request.method, request.safe))
        return await self._up.send(request)


async def test_reading_may_be_repeated_and_writing_may_not(office):
    async with office("pekauman") as here:
        call = here.call(RESIDENT)
        noting = Noting(call.up)
        stored = await BOOK.send(replace(call, up=noting), COMMAND, CODE)
        await CANCEL.send(replace(call, up=noting), cancellation(stored.key), "GB-CANCEL")
        assert noting.noted == {("GET", True), ("POST", False)}


class Answering:
    """The way to the centre; every POST is answered with what the test says."""

    def __init__(self, up, status, body):
        self._up, self._status, self._body = up, status, body

    async def send(self, request):
        if request.method == "POST":
            return HttpAnswer(self._status, {}, json.dumps(self._body).encode())
        return await self._up.send(request)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (201, {"response": {"field": "noUrut", "message": " "}, "metaData": {"code": 201}}),
        (201, {"response": {"field": "noKartu", "message": "A-001"}, "metaData": {"code": 201}}),
        (201, {"response": None, "metaData": {"code": 201}}),
        (412, {"response": [], "metaData": {"code": 412}}),
        (412, {"response": [{"field": "kdPoli", "message": "?"}], "metaData": {"code": 200}}),
    ],
)
async def test_an_answer_that_says_neither_is_no_answer(office, status, body):
    async with office("pekauman") as here:
        call = here.call(RESIDENT)
        with pytest.raises(UpstreamMalformedError):
            await BOOK.send(replace(call, up=Answering(call.up, status, body)), COMMAND, CODE)


async def test_a_row_that_cannot_be_read_may_be_the_one(office, monkeypatch):
    async with office("pekauman") as here:
        monkeypatch.setattr("simulators.e_puskesmas.answers.label", lambda *_: None)
        with pytest.raises(UpstreamMalformedError, match="whether the booking exists"):
            await BOOK.look(here.call(RESIDENT), COMMAND, CODE)
