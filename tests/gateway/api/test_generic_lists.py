"""Lists of a generic resource: its own records and those of its profiles, under the rules of each."""

import csv
import dataclasses
import io
from datetime import date, datetime, timedelta

import pytest
from icalendar import Calendar

from gateway.ground.clock import WITA
from schemas.application import APPLICATION
from schemas.booking import BOOKING, Booking, BookingStatus
from schemas.case import CASE, Case, CaseStatus
from schemas.codes import Coded
from schemas.complaint import COMPLAINT
from schemas.doubts import Doubt, DoubtCode
from schemas.entitlement import Entitlement, EntitlementStatus
from schemas.facility import PLACE, Place
from schemas.identifiers import Person
from schemas.notice import NOTICE, Notice, NoticeStatus, Severity
from schemas.places import Location, RegionReference
from schemas.texts import Text
from tests.gateway.fakes import (
    MANTUIL,
    NIK,
    OTHER_NIK,
    Fake,
    Wire,
    application,
    appointment,
    complaint,
    consultation,
    enrolment,
    facility,
    gateway_before,
    incident,
    numbers,
    principal,
)

pytestmark = pytest.mark.anyio

AT = datetime(2026, 11, 20, 8, tzinfo=WITA)


def kind(code):
    return Coded(scheme="kind", code=code, text=Text(id=f"Jenis {code}", en=f"Kind {code}"))


def person(nik=NIK):
    return Person(name="Siti Contoh", identifiers=numbers(nik))


def case(title, nik=NIK, **changes):
    changes.setdefault("status", CaseStatus.SUBMITTED)
    return Case(kind=kind("admission"), title=title, applicant=person(nik), **changes)


def booking(title, nik=NIK, **changes):
    return Booking(kind=kind("hall"), title=title, status=BookingStatus.BOOKED, holder=person(nik), **changes)


@pytest.fixture
async def gateway(tmp_path, anyio_backend):
    asked = Fake("asked", asks=("case", "application", "complaint", "entitlement", "booking", "appointment"), needs=())
    asked.strict = False
    asked.records = {
        "case": [
            Wire("1", case("SMP 1", submitted_at=AT)),
            Wire("2", case("SMP 2", OTHER_NIK, submitted_at=AT)),
            Wire("3", case("SD 3", submitted_at=AT - timedelta(days=4), status=CaseStatus.CLOSED)),
        ],
        "application": [
            Wire(
                "1",
                application(at=AT - timedelta(days=1)),
                (
                    Doubt(code=DoubtCode.CODE_UNKNOWN, field="/service", original="x"),
                    Doubt(code=DoubtCode.CODE_UNKNOWN, field="/kind", original="y"),
                ),
            ),
            Wire("2", application(OTHER_NIK, at=AT)),
        ],
        "complaint": [Wire("1", complaint("Lampu padam", submitted_at=AT - timedelta(days=2)))],
        "entitlement": [
            Wire("1", Entitlement(title="Kartu", number="A-1", status=EntitlementStatus.ACTIVE, holder=person())),
            Wire("2", Entitlement(title="Kartu", number="A-2", status=EntitlementStatus.ACTIVE, holder=person(""))),
        ],
        "booking": [
            Wire("1", booking("GOR", day=date(2026, 12, 5), starts_at=datetime(2026, 12, 5, 19, tzinfo=WITA))),
            Wire("2", booking("Loket", day=date(2026, 12, 7))),
            Wire("3", booking("Lain", OTHER_NIK, day=date(2026, 12, 7))),
        ],
        "appointment": [Wire("1", appointment(day=date(2026, 12, 6), number="A-007"))],
    }
    fed = Fake("fed", feeds=("place", "facility", "notice", "incident", "consultation", "enrolment"), needs=())
    fed.records = {
        "place": [Wire("1", Place(name="Perpustakaan", kind=kind("library"), location=_mantuil()))],
        "facility": [Wire("1", facility("Puskesmas")), Wire("2", facility("Apotek"))],
        "notice": [
            Wire("1", Notice(title="Air mati", kind=kind("outage"), status=NoticeStatus.CONFIRMED, starts_at=AT)),
        ],
        "incident": [Wire("1", incident("Banjir", starts_at=AT + timedelta(hours=1), severity=Severity.MAJOR))],
        "consultation": [Wire("1", consultation("Forum"))],
        "enrolment": [Wire("1", enrolment())],
    }
    async with gateway_before(tmp_path, asked, fed) as opened:
        opened.asked, opened.fed = asked, fed
        opened.people["less"] = principal("less", without={"applications.read", "health.read"})
        opened.people["none"] = principal("none", without={"cases.read"})
        yield opened


def _mantuil():
    return Location(text="Jl. Contoh 7", region=RegionReference.to(MANTUIL))


async def items(gateway, path, who=None, **headers):
    answer = await gateway.get(path, who, **headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_cases_of_every_kind_are_in_one_order_with_the_same_fields(gateway):
    answer = (await gateway.get("/v1/me/cases", "resident")).json()
    listed = answer["items"]
    assert [(item["resource"], item["title"] or item["text"]) for item in listed] == [
        ("case", "SMP 1"),
        ("application", None),
        ("complaint", "Lampu padam"),
        ("case", "SD 3"),
    ]
    fields = {"resource", "id", *Case.model_fields, "doubts", "provenance"}
    assert all(set(item) == fields for item in listed)
    assert listed[1]["kind"]["text"] == "Domisili"
    assert listed[0]["applicant"]["identifiers"][0]["value"] == "*" * 12 + NIK[-4:]
    assert [doubt["field"] for doubt in listed[1]["doubts"]] == ["/kind"], "the generic case has no field service"
    assert {(source["resource"], source["state"]) for source in answer["sources"]} == {
        (name, "fresh") for name in ("case", "application", "complaint")
    }


async def test_filters_of_the_generic_resource_hold_for_every_profile(gateway):
    assert [item["id"][:3] for item in await items(gateway, "/v1/me/cases?kind=domicile", "resident")] == ["apl"]
    assert len(await items(gateway, "/v1/me/cases?status=submitted", "resident")) == 3
    assert [item["id"][:3] for item in await items(gateway, "/v1/me/cases?region=63.71.01", "resident")] == ["apl"]
    assert await items(gateway, "/v1/me/cases?submitted_from=2026-11-20&submitted_until=2026-11-20", "resident")
    refused = await gateway.get("/v1/me/cases?confidential=true", "resident")
    assert refused.status_code == 422


async def test_a_part_whose_scope_the_token_lacks_is_denied_and_not_empty(gateway):
    answer = (await gateway.get("/v1/me/cases", "less")).json()
    assert "application" not in {item["resource"] for item in answer["items"]}
    (denied,) = [source for source in answer["sources"] if source["state"] == "denied"]
    assert (denied["resource"], denied["cause"]) == ("application", "insufficient-scope")
    assert (await gateway.get("/v1/me/cases", "none")).status_code == 403
    assert (await gateway.get("/v1/me/cases", "officer", purpose="application-handling")).status_code == 403


async def test_pages_of_a_mixed_list_are_one_list(gateway):
    whole = await items(gateway, "/v1/me/cases", "resident")
    seen, cursor = [], ""
    while cursor is not None:
        page = (await gateway.get(f"/v1/me/cases?limit=1{cursor}", "resident")).json()
        seen += page["items"]
        cursor = f"&cursor={page['next']}" if page["next"] else None
    assert [item["id"] for item in seen] == [item["id"] for item in whole]
    assert gateway.asked.asked["case"] == 2, "the later pages are from the held result"


async def test_a_cursor_is_refused_with_fewer_scopes_and_to_others(gateway):
    cursor = (await gateway.get("/v1/me/cases?limit=1", "resident")).json()["next"]
    fewer = gateway.people["less"].scopes
    gateway.people["resident"] = dataclasses.replace(gateway.people["resident"], scopes=fewer)
    for who in ("resident", "other"):
        refused = await gateway.get(f"/v1/me/cases?limit=1&cursor={cursor}", who)
        assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (422, "cursor-invalid"), who


async def test_one_record_of_a_mixed_list_is_opened_in_the_same_fields(gateway):
    for item in await items(gateway, "/v1/me/cases", "resident"):
        opened = await gateway.get(f"/v1/me/cases/{item['id']}", "resident")
        assert opened.json()["item"] | {"provenance": None} == item | {"provenance": None}
        assert (await gateway.get(f"/v1/me/cases/{item['id']}", "other")).status_code == 404
    mine = gateway.id_of(APPLICATION, gateway.asked, "1")
    assert (await gateway.get(f"/v1/me/cases/{mine}", "less")).status_code == 403
    for wrong in (gateway.id_of(BOOKING, gateway.asked, "1"), "cas_x", "x", gateway.id_of(CASE, gateway.asked, "2")):
        assert (await gateway.get(f"/v1/me/cases/{wrong}", "resident")).status_code == 404


async def test_a_confidential_part_of_a_profile_stays_with_its_own_rule(gateway):
    """A complaint's own list is public; the list of cases is for its reporter alone."""
    assert {item["resource"] for item in await items(gateway, "/v1/me/cases", "other")} == {"case", "application"}
    assert (await gateway.get(f"/v1/me/cases/{gateway.id_of(COMPLAINT, gateway.asked, '1')}")).status_code == 401


async def test_entitlements_withhold_what_names_nobody(gateway):
    answer = (await gateway.get("/v1/me/entitlements", "resident")).json()
    assert {(item["resource"], item["number"]) for item in answer["items"]} == {
        ("entitlement", "A-1"),
        ("enrolment", None),
    }
    assert answer["complete"] is False
    (asked,) = [source for source in answer["sources"] if source["resource"] == "entitlement"]
    assert asked["withheld"] == 1


async def test_bookings_are_calendar_events_of_an_hour_or_of_a_day(gateway):
    listed = await items(gateway, "/v1/me/bookings", "resident")
    assert [(item["resource"], item["title"]) for item in listed] == [
        ("booking", "Loket"),
        ("appointment", None),
        ("booking", "GOR"),
    ]
    answer = await gateway.get("/v1/me/bookings", "resident", accept="text/calendar")
    events = {str(event["summary"]): event for event in Calendar.from_ical(answer.content).walk("VEVENT")}
    assert set(events) == {"Loket", "GOR", "Janji temu A-007"}
    assert events["Janji temu A-007"]["description"] == "A-007"
    assert "description" not in events["Loket"]
    assert events["Loket"]["dtstart"].dt == date(2026, 12, 7)
    assert events["GOR"]["dtstart"].dt == datetime(2026, 12, 5, 19, tzinfo=WITA)


async def test_a_list_that_may_not_be_held_is_not_paged(gateway):
    assert (await gateway.get("/v1/me/bookings?limit=2", "resident")).status_code == 422
    assert len(await items(gateway, "/v1/me/bookings?limit=2&day_from=2026-12-06", "resident")) == 2


async def test_places_and_notices_mix_what_is_public(gateway):
    places = await items(gateway, "/v1/places")
    assert [(item["resource"], item["name"]) for item in places] == [
        ("facility", "Apotek"),
        ("place", "Perpustakaan"),
        ("facility", "Puskesmas"),
    ]
    assert all("clinics" not in item for item in places)
    assert [item["name"] for item in await items(gateway, "/v1/places?text=jl+contoh")] == ["Perpustakaan"]
    notices = await items(gateway, "/v1/notices")
    assert [item["title"] for item in notices] == ["Banjir", "Air mati", "Forum"]
    assert [item["title"] for item in await items(gateway, "/v1/notices?severity=major")] == ["Banjir"]
    for path, listed in (("/v1/places", places), ("/v1/notices", notices)):
        for item in listed:
            assert (await gateway.get(f"{path}/{item['id']}")).json()["item"] == item
    assert (await gateway.get(f"/v1/places/{gateway.id_of(NOTICE, gateway.fed, '1')}")).status_code == 404
    assert (await gateway.get(f"/v1/places/{gateway.id_of(PLACE, gateway.fed, '9')}")).status_code == 404


async def test_pages_of_a_public_mixed_list_are_one_list_though_a_snapshot_is_renewed(gateway):
    first = (await gateway.get("/v1/places?limit=1")).json()
    gateway.fed.records["place"] = []
    (feeder,) = [one for one in gateway.deps.feeds._fetchers if one.key.resource == "place"]
    assert await gateway.deps.feeds.renew(feeder)
    assert [item["name"] for item in await items(gateway, "/v1/places")] == ["Apotek", "Puskesmas"]
    rest = (await gateway.get(f"/v1/places?limit=5&cursor={first['next']}")).json()
    assert [item["name"] for item in first["items"] + rest["items"]] == ["Apotek", "Perpustakaan", "Puskesmas"]
    assert rest["next"] is None
    wrong = await gateway.get(f"/v1/notices?limit=1&cursor={first['next']}")
    assert wrong.status_code == 422


async def test_mixed_lists_are_spreadsheets_with_the_resource_of_each_row(gateway):
    answer = await gateway.get("/v1/places", accept="text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["resource"], row["name"]) for row in rows][1] == ("place", "Perpustakaan")
    typed = await gateway.get("/v1/health/facilities", accept="text/csv")
    assert "resource" not in typed.text.splitlines()[0]


async def test_every_resource_of_a_mixed_list_is_in_the_access_log(gateway):
    await items(gateway, "/v1/me/cases", "resident")
    entries = await items(gateway, "/v1/me/access-log", "resident")
    logged = {(entry["resource"], entry["records"]) for entry in entries if entry["operation"] == "listMyCases"}
    assert logged == {("case", 2), ("application", 1), ("complaint", 1), ("proposal", 0)}


async def test_generic_records_are_in_the_overview_and_in_the_search(gateway):
    overview = await items(gateway, "/v1/me/overview", "resident")
    assert {"case", "entitlement", "booking"} <= {item["resource"] for item in overview}
    assert {item["title"] for item in overview if item["resource"] == "case"} == {"SMP 1", "SD 3"}
    for words, who, expected in (
        ("perpustakaan", None, ["place"]),
        ("air mati", None, ["notice"]),
        ("SMP", "resident", ["case"]),
        ("kartu", "resident", ["entitlement"]),
        ("loket", "resident", ["booking"]),
        ("SMP", "other", ["case"]),
        ("loket", "other", []),
    ):
        found = await items(gateway, f"/v1/search?q={words}", who)
        assert [item["resource"] for item in found] == expected, (words, who)
