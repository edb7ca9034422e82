"""The client against the simulator, over real sockets, in good days and bad ones."""

import logging
from datetime import date, timedelta

import pytest

from adapters.e_puskesmas import SPEC, client, facilities, normalise
from adapters.e_puskesmas.settings import Settings
from adapters.errors import (
    Cause,
    CredentialsRefusedError,
    UpstreamMalformedError,
    UpstreamUnavailableError,
)
from schemas.booking import BookingStatus
from schemas.health import APPOINTMENT, VISIT, AppointmentQuery, VisitQuery, VisitStatus
from schemas.resident import exact_nik
from simulators.people import DEMONSTRATION, population

pytestmark = pytest.mark.anyio

RESIDENT = DEMONSTRATION["resident"].nik
DEMONSTRATION_NIKS = [person.nik for person in DEMONSTRATION.values() if person.nik]
QUERY = AppointmentQuery()
TODAY = date(2026, 11, 23)


async def whole(feed):
    batches = [batch async for batch in feed]
    assert batches[-1].whole
    return [item for batch in batches for item in batch.items]


async def appointments(call):
    found, mark = [], None
    for _ in range(50):
        batch = await client.ask_appointments(call, QUERY, mark)
        found += batch.items
        if batch.next is None:
            return found
        mark = batch.next
    raise AssertionError("paging does not end")


@pytest.mark.parametrize("name", ["pekauman", "cempaka", "sungai-jingah"])
async def test_facility_and_queues_of_every_office_agree(office, name):
    async with office(name) as here:
        (profile,) = await whole(client.feed_facility(here.call(), None))
        queues = await whole(client.feed_queues(here.call(), None))
    facility = facilities.facility(profile).body
    bodies = [facilities.queue(row).body for row in queues]
    assert facility.name == f"PUSKESMAS {name.replace('-', ' ').upper()}"
    assert facility.location.position is not None
    assert [number.value for number in facility.identifiers] == [facilities.facility_key(profile)]
    assert facility.agency.id == SPEC.agency
    assert len(facility.hours) == 7
    assert {body.facility.id for body in bodies} == {facilities.facility_key(profile)}
    assert {body.clinic for body in bodies} == set(facility.clinics)
    assert {body.day for body in bodies} == {TODAY}
    assert all(body.called and body.total for body in bodies)
    assert len({facilities.queue_key(row) for row in queues}) == len(queues)


@pytest.mark.parametrize("name", ["pekauman", "cempaka"])
async def test_a_resident_has_past_and_coming_appointments_in_two_offices(office, name):
    async with office(name) as here:
        rows = await appointments(here.call(RESIDENT))
    normal = [normalise.appointment(row) for row in rows]
    days = [one.body.day for one in normal]
    assert min(days) < TODAY < max(days)
    assert all(APPOINTMENT.owner(one.body).nik == RESIDENT for one in normal)
    assert all(one.doubts == () for one in normal)
    assert {one.body.status for one in normal if one.body.day > TODAY} == {BookingStatus.BOOKED}
    assert BookingStatus.FULFILLED in {one.body.status for one in normal if one.body.day < TODAY}


async def visits(call):
    found, mark = [], None
    while True:
        batch = await client.ask_visits(call, VisitQuery(), mark)
        found += batch.items
        mark = batch.next
        if mark is None:
            return found


@pytest.mark.parametrize("name", ["pekauman", "cempaka"])
async def test_a_resident_has_visited_where_they_were_served(office, name):
    async with office(name) as here:
        normal = [normalise.visit(row) for row in await visits(here.call(RESIDENT))]
        booked = [normalise.appointment(row).body for row in await appointments(here.call(RESIDENT))]
        received = here.state.received.as_json()
    served = {one.day for one in booked if one.status is BookingStatus.FULFILLED}
    assert {one.body.starts_at.date() for one in normal if one.body.status is VisitStatus.FINISHED} == served
    assert all(VISIT.owner(one.body).nik == RESIDENT and one.doubts == () for one in normal)
    assert all(one.body.starts_at < one.body.ends_at for one in normal if one.body.ends_at)
    assert {one.body.kind.code for one in normal} == {"AMB"}
    assert all(RESIDENT not in one["query"] for one in received)


async def test_every_state_of_a_visit_comes_in_the_course_of_a_day(office):
    found = set()
    async with office("pekauman") as here:
        patients = {number: person.nik for number, person in enumerate(population()) if person.nik}
        for nik in [*DEMONSTRATION_NIKS, *patients.values()][:900]:
            found |= {normalise.visit(row).body.status for row in await visits(here.call(nik))}
            assert VisitStatus.UNKNOWN not in found
            if found >= {VisitStatus.ARRIVED, VisitStatus.IN_PROGRESS, VisitStatus.FINISHED, VisitStatus.CANCELLED}:
                return
    raise AssertionError(f"only {found} came")


async def test_every_word_of_an_appointment_has_a_known_status(office):
    sent = {
        BookingStatus.BOOKED,
        BookingStatus.ARRIVED,
        BookingStatus.CALLED,
        BookingStatus.FULFILLED,
        BookingStatus.NO_SHOW,
        BookingStatus.CANCELLED,
    }
    found = set()
    async with office("pekauman") as here:
        patients = [person.nik for person in population() if person.nik]
        for nik in [*DEMONSTRATION_NIKS, *patients][:900]:
            found |= {normalise.appointment(row).body.status for row in await appointments(here.call(nik))}
            assert found <= sent
            if found == sent:
                return
    raise AssertionError(f"only {found} came")


async def test_visits_come_in_pages(office):
    async with office("pekauman") as here:
        before = len(await visits(here.call(RESIDENT)))
        for ago in range(1, 121):
            day = (TODAY - timedelta(days=ago)).isoformat()
            here.state.add_record({"kind": "appointment", "nik": RESIDENT, "clinic": "002", "day": day, "number": 7})
        keys = [normalise.visit_key(row) for row in await visits(here.call(RESIDENT))]
    assert len(set(keys)) == len(keys) == before + 120


async def test_who_is_no_patient_of_an_office_has_nothing_there(office):
    async with office("sungai-jingah") as here:
        assert await appointments(here.call(RESIDENT)) == []
        assert await appointments(here.call(None)) == []
        assert await appointments(here.call("../../faskes/profil")) == []
        assert await visits(here.call(None)) == []
        assert here.state.requests == 1


async def test_a_patient_without_bookings_has_an_empty_list(office):
    async with office("sungai-jingah") as here:
        here.state.add_record(
            {
                "kind": "patient",
                "nik": RESIDENT,
                "card": "0009900000011",
                "name": "UJI",
                "sex": "P",
                "born": "1990-02-05",
            }
        )
        assert await appointments(here.call(RESIDENT)) == []


async def test_paging_gives_everything_once(office):
    async with office("pekauman") as here:
        before = len(await appointments(here.call(RESIDENT)))
        for ahead in range(120):
            day = TODAY + timedelta(days=20 + ahead)
            here.state.add_record({"kind": "appointment", "nik": RESIDENT, "clinic": "001", "day": day.isoformat()})
        rows = await appointments(here.call(RESIDENT))
        received = [entry["path"] for entry in here.state.received.as_json()]
    keys = [normalise.appointment_key(row) for row in rows]
    assert len(set(keys)) == len(keys) == before + 120
    assert sum("/pendaftaran/" in path for path in received) == 4


async def test_two_patients_with_one_number_have_two_keys(office):
    other = DEMONSTRATION["resident-damaged"].nik
    async with office("pekauman") as here:
        for nik in (RESIDENT, other):
            here.state.add_record(
                {"kind": "appointment", "nik": nik, "clinic": "002", "day": "2027-01-04", "number": 7}
            )
        keys = [
            normalise.appointment_key(row)
            for nik in (RESIDENT, other)
            for row in await appointments(here.call(nik))
            if row.tglDaftar == "04-01-2027"
        ]
    assert [key.partition("~")[0] for key in keys] == ["04-01-2027/002/B-007"] * 2
    assert len(set(keys)) == 2
    assert not any(DEMONSTRATION["resident"].insurance_card in key for key in keys)


async def test_records_added_and_withdrawn_are_seen_at_once(office):
    async with office("cempaka") as here:
        before = len(await appointments(here.call(RESIDENT)))
        key = here.state.add_record({"kind": "appointment", "nik": RESIDENT, "clinic": "003", "day": "2026-12-24"})
        assert len(await appointments(here.call(RESIDENT))) == before + 1
        assert here.state.withdraw_record(key)
        assert len(await appointments(here.call(RESIDENT))) == before


async def test_the_probe_knows_good_credentials_from_bad(office):
    async with office("pekauman") as here:
        await client.probe(here.call())
        for field in ("cons_id", "secret_key", "username", "password", "user_key", "application"):
            wrong = Settings.model_validate({**here.settings.model_dump(), field: "wrong"})
            with pytest.raises(CredentialsRefusedError):
                await client.probe(replaced(here.call(), wrong))
        with pytest.raises(CredentialsRefusedError):
            await whole(client.feed_queues(replaced(here.call(), wrong), None))


def replaced(call, settings):
    return type(call)(settings=settings, up=call.up, now=call.now, office=call.office, subject=call.subject)


@pytest.mark.parametrize("way", ["pcare", "antrean"])
async def test_a_wrong_clock_is_named(office, way):
    async with office("pekauman") as here:
        here.fault("clock-skew")
        with pytest.raises(CredentialsRefusedError, match=r"clock is 600 s ahead of ours"):
            await (client.probe(here.call()) if way == "pcare" else whole(client.feed_queues(here.call(), None)))
        here.fault("none")
        late = here.call(RESIDENT, here.state.clock.now() + timedelta(minutes=6))
        with pytest.raises(CredentialsRefusedError, match=r"clock is 360 s behind ours"):
            await appointments(late)
        await client.probe(here.call(None, here.state.clock.now() + timedelta(minutes=4)))


@pytest.mark.parametrize("asks", ["facility", "queues", "appointments"])
async def test_a_spent_quota_is_known_until_midnight(office, asks):
    async with office("pekauman") as here:
        here.fault("quota")
        with pytest.raises(UpstreamUnavailableError) as raised:
            await {
                "facility": lambda: whole(client.feed_facility(here.call(), None)),
                "queues": lambda: whole(client.feed_queues(here.call(), None)),
                "appointments": lambda: appointments(here.call(RESIDENT)),
            }[asks]()
    assert raised.value.cause is Cause.QUOTA_SPENT
    assert raised.value.retry_at.isoformat() == "2026-11-24T00:00:00+08:00"


async def test_the_quota_is_really_counted(office):
    async with office("cempaka") as here:
        here.state.add_record({"kind": "quota", "per_day": 2})
        await client.probe(here.call())
        await client.probe(here.call())
        with pytest.raises(UpstreamUnavailableError):
            await client.probe(here.call())
        here.state.withdraw_record("quota")
        await client.probe(here.call())


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("html", UpstreamMalformedError),
        ("malformed", UpstreamMalformedError),
        ("redirect", UpstreamMalformedError),
        ("500", UpstreamUnavailableError),
        ("rate-limited", UpstreamUnavailableError),
        ("reset", UpstreamUnavailableError),
    ],
)
async def test_each_fault_has_its_error_and_heals(office, fault, error):
    async with office("pekauman") as here:
        for path in ("/pcare-rest/peserta", "/pcare-rest/pendaftaran"):
            here.fault(fault, path=path)
            with pytest.raises(error) as raised:
                await appointments(here.call(RESIDENT))
            assert RESIDENT not in f"{raised.value} {raised.value!r}"
        here.fault("none")
        assert await appointments(here.call(RESIDENT))


async def test_a_lost_queue_does_not_go_unnoticed(office):
    async with office("pekauman") as here:
        here.fault("malformed", path="/antreanfktp/antrean/status/003")
        with pytest.raises(UpstreamMalformedError):
            await whole(client.feed_queues(here.call(), None))


async def test_the_nik_stands_in_the_path_and_nowhere_else_of_ours(office, caplog):
    caplog.set_level(logging.DEBUG, "adapters")
    async with office("pekauman") as here:
        call = here.call(RESIDENT)
        rows = await appointments(call)
        received = here.state.received.as_json()
    assert [RESIDENT in entry["path"] for entry in received] == [True, False]
    assert all(RESIDENT not in str(entry["headers"]) + entry["query"] + entry["body"] for entry in received)
    assert not [record for record in caplog.records if record.name.startswith("adapters")]
    assert RESIDENT not in f"{call!r} {rows!r}"
    assert exact_nik(normalise.appointment(rows[0]).body.holder.identifiers) == RESIDENT


def test_the_spec_says_what_it_is():
    assert SPEC.id == "e-puskesmas"
    assert [(row.resource.name, bool(row.feed), bool(row.ask), row.keep) for row in SPEC.reads] == [
        ("facility", True, False, timedelta(days=7)),
        ("queue", True, False, timedelta(minutes=10)),
        ("appointment", False, True, timedelta(0)),
        ("visit", False, True, timedelta(0)),
    ]
    assert not any(row.resource.may_be_held for row in SPEC.reads if row.ask is not None)
