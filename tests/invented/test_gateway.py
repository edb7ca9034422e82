"""A gateway with the five invented systems: every generic list, search, format, rule of ownership and code list."""

import csv
import io
from collections import Counter
from datetime import datetime

import pytest
from icalendar import Calendar

from gateway.ground.clock import WITA
from tests.gateway.fakes import NIK, OTHER_NIK
from tests.invented.conftest import SYSTEMS, invented_gateway

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("invented-gateway")]

OWN_LISTS = ("/v1/me/cases", "/v1/me/entitlements", "/v1/me/bookings", "/v1/me/bills")
PUBLIC_LISTS = ("/v1/places", "/v1/notices")
MASKED = "*" * 12


async def answered(gateway, path, who=None, **headers):
    answer = await gateway.get(path, who, **headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def items(gateway, path, who=None, **headers):
    return (await answered(gateway, path, who, **headers))["items"]


def kinds(listed):
    return Counter(item["kind"]["code"] for item in listed)


async def test_the_overview_has_the_records_of_every_system(gateway):
    overview = await answered(gateway, "/v1/me/overview", "resident")
    shown = Counter((item["provenance"]["system"], item["resource"]) for item in overview["items"])
    assert shown == {
        ("gor", "booking"): 3,
        ("pdam", "bill"): 3,
        ("pdam", "entitlement"): 1,
        ("perpustakaan", "bill"): 2,
        ("perpustakaan", "entitlement"): 1,
        ("ppdb", "case"): 2,
        ("retribusi-pasar", "bill"): 3,
        ("retribusi-pasar", "entitlement"): 1,
    }
    assert all(item["kind"]["text"] for item in overview["items"])


async def test_a_case_has_an_applicant_a_subject_an_outcome_and_a_history(gateway):
    admitted, unknown = sorted(await items(gateway, "/v1/me/cases", "resident"), key=lambda item: item["number"])
    assert (admitted["status"], admitted["status_text"], admitted["phase"]) == (
        "approved",
        "Diterima, menunggu daftar ulang",
        "open",
    )
    assert admitted["outcome"] == {"scheme": "npsn", "code": "69971991", "text": "SMPN Contoh 1"}
    assert admitted["submitted_at"] == "2026-06-19T08:00:00+08:00"
    assert (admitted["applicant"]["name"], admitted["subject"]["name"]) == ("GALUH KENANGA PELANGI", "ANAK CONTOH SATU")
    assert [step["status"] for step in admitted["history"]] == ["submitted", "verified", "approved"]
    assert (unknown["status"], unknown["phase"]) == ("unknown", None)
    assert {"code": "status-unknown", "field": "/status", "original": "TITIPAN"} in unknown["doubts"]
    assert [step["status"] for step in unknown["history"]] == ["submitted", None]
    english = await items(gateway, "/v1/me/cases", "resident", accept_language="en")
    assert "Admitted, enrolment is open" in {item["status_text"] for item in english}


async def test_amounts_periods_and_days_of_three_formats_are_read_alike(gateway):
    listed = await items(gateway, "/v1/me/bills", "resident")
    bills = {(item["kind"]["code"], item["period"]["start"]): item for item in listed}
    fine, levy, water = (
        bills[key] for key in (("library-fine", "2026-10-14"), ("market-levy", "2026-10"), ("water", "2026-11"))
    )
    assert fine["amount"] == {"amount": "15000.00", "currency": "IDR"}
    assert (levy["amount"]["amount"], levy["penalty"]["amount"]) == ("1250000.00", "25000.00")
    assert (levy["due_on"], water["due_on"], water["amount"]["amount"]) == ("2026-10-25", "2026-11-20", "185400.00")
    assert levy["object"]["number"] == "B-12"
    assert (fine["status"], levy["status"], levy["phase"]) == ("unpaid", "overdue", "waiting-for-you")


@pytest.mark.parametrize(
    ("path", "system", "key"),
    [
        ("/v1/me/bills", "retribusi-pasar", ("market-levy", "2026-11")),
        ("/v1/me/bills", "pdam", ("water", "2019-02")),
    ],
)
async def test_a_status_that_no_table_explains_is_unknown(gateway, path, system, key):
    listed = await items(gateway, path, "resident")
    (found,) = [item for item in listed if (item["kind"]["code"], item["period"]["start"]) == key]
    assert (found["provenance"]["system"], found["status"], found["phase"]) == (system, "unknown", None)
    assert "status-unknown" in {doubt["code"] for doubt in found["doubts"]}


async def test_unknown_statuses_of_cards_bookings_and_notices_are_never_guessed(gateway):
    (card,) = await items(gateway, "/v1/me/entitlements?kind=library-card", "other")
    (booking,) = await items(gateway, "/v1/me/bookings?status=unknown", "resident")
    (notice,) = await items(gateway, "/v1/notices?status=unknown")
    assert (card["status"], booking["status"], notice["status"]) == ("unknown",) * 3
    # The status of a card and of a booking is personal data, so that its word is in no doubt.
    for record, original in ((card, None), (booking, None), (notice, "DIPANTAU")):
        (doubt,) = [doubt for doubt in record["doubts"] if doubt["code"] == "status-unknown"]
        assert (doubt["field"], doubt.get("original")) == ("/status", original)
    assert notice["severity"] == "unknown"


async def test_filters_hold_for_every_system(gateway):
    async def counted(path, who="resident"):
        return kinds(await items(gateway, path, who))

    assert await counted("/v1/me/bills") == {"library-fine": 2, "market-levy": 3, "water": 3}
    assert await counted("/v1/me/bills?kind=water") == {"water": 3}
    assert await counted("/v1/me/bills?status=overdue") == {"market-levy": 1, "water": 1}
    assert await counted("/v1/me/bills?year=2019") == {"water": 1}
    assert await counted("/v1/me/bills?due_from=2026-11-01&due_until=2026-11-30") == {"market-levy": 1, "water": 1}
    assert await counted("/v1/me/entitlements") == {"library-card": 1, "market-stall": 1, "water-connection": 1}
    assert await counted("/v1/me/entitlements?agency=dinas-perindag") == {"market-stall": 1}
    assert await counted("/v1/me/entitlements?status=suspended", "other") == {"market-stall": 1, "water-connection": 1}
    assert await counted("/v1/me/bookings?day_from=2026-12-01&day_until=2026-12-05") == {"sports-hall": 1}
    assert await counted("/v1/me/cases?region=63.71.05") == {"school-admission": 1}
    assert await counted("/v1/me/cases?submitted_from=2026-06-20") == {}
    assert await counted("/v1/places?region=63.71.01", None) == {"library": 2, "sports-hall": 1}
    assert await counted("/v1/places?kind=sports-hall", None) == {"sports-hall": 2}
    assert await counted("/v1/places?bbox=114.588,-3.34,114.6,-3.32", None) == {"library": 1}
    assert await counted("/v1/notices?severity=major&region=63.71.01", None) == {"water-outage": 1}
    assert await counted("/v1/notices?starts_from=2026-12-01", None) == {"water-outage": 1}


async def test_pages_over_several_systems_are_one_list(gateway):
    for path, who in (("/v1/me/bills", "resident"), ("/v1/me/entitlements", "resident"), ("/v1/places", None)):
        whole = await items(gateway, path, who)
        seen, cursor, systems = [], "", set()
        while cursor is not None:
            page = await answered(gateway, f"{path}?limit=2{cursor}", who)
            assert len(page["items"]) <= 2
            seen += page["items"]
            systems |= {source["system"] for source in page["sources"]}
            cursor = f"&cursor={page['next']}" if page["next"] else None
        assert [item["id"] for item in seen] == [item["id"] for item in whole]
        assert len(systems) >= 2


async def test_places_have_hours_a_position_and_their_agency(gateway):
    places = {item["name"]: item for item in await items(gateway, "/v1/places")}
    library, hall = places["Perpustakaan Contoh Pusat"], places["GOR Contoh Hasanah"]
    assert library["location"]["region"] == {"code": "63.71.01.1003", "name": "Pekauman"}
    assert library["location"]["position"]["coordinates"] == [114.5902, -3.3301]
    assert library["hours"][4] == {"weekday": 5, "opens": "08:00", "closes": "11:00"}
    assert [day["weekday"] for day in library["hours"]] == [1, 2, 3, 4, 5, 6]
    assert (library["agency"], library["phone"]) == (
        {"id": "dinas-perpustakaan", "name": "Dinas Perpustakaan"},
        "+625113250001",
    )
    assert len(hall["hours"]) == 7
    assert places["Lapangan Contoh Mantuil"]["location"]["position"] is None, "latitude and longitude are swapped"
    answer = await gateway.get("/v1/places", accept="application/geo+json")
    features = {feature["properties"]["name"]: feature for feature in answer.json()["features"]}
    assert features["GOR Contoh Hasanah"]["geometry"] == {"type": "Point", "coordinates": [114.5825, -3.312]}
    assert features["Lapangan Contoh Mantuil"]["geometry"] is None


async def test_lists_are_spreadsheets_and_calendars(gateway):
    for path, who, column, expected in (
        ("/v1/me/bills", "resident", "status", {"unpaid", "paid", "overdue", "unknown"}),
        ("/v1/me/cases", "resident", "number", {"PPDB-2026-1001", "PPDB-2026-1002"}),
        ("/v1/me/entitlements", "resident", "number", {"PB-2026011", "511.2/77/PSR", "0110203"}),
        ("/v1/notices", None, "title", {"Pipa bocor di Mantuil", "Perawatan pompa", "Air keruh"}),
    ):
        answer = await gateway.get(path, who, accept="text/csv")
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert {row[column] for row in rows} == expected, path
    bookings = await gateway.get("/v1/me/bookings", "resident", accept="text/calendar")
    events = {str(event["summary"]): event for event in Calendar.from_ical(bookings.content).walk("VEVENT")}
    assert set(events) == {"Lapangan bulu tangkis 2", "Lapangan futsal", "Lapangan tenis"}
    assert events["Lapangan bulu tangkis 2"]["dtstart"].dt == datetime(2026, 12, 5, 19, tzinfo=WITA)
    notices = await gateway.get("/v1/notices", accept="text/calendar")
    events = Calendar.from_ical(notices.content).walk("VEVENT")
    starts = {str(event["summary"]): event["dtstart"].dt for event in events}
    assert starts["Perawatan pompa"] == datetime(2026, 12, 1, 22, tzinfo=WITA)


async def test_the_search_finds_public_records_for_everybody_and_own_ones_for_their_owner(gateway):
    for words, who, expected in (
        ("pojok baca", None, {"place"}),
        ("pompa", None, {"notice"}),
        ("GOR hasanah", None, {"place"}),
        ("bulu tangkis", None, set()),
        ("bulu tangkis", "resident", {"booking"}),
        ("kios b-12", "resident", {"entitlement"}),
        ("retribusi", "resident", {"bill"}),
        ("PPDB SMP", "resident", {"case"}),
        ("bulu tangkis", "other", set()),
        ("kios b-12", "other", set()),
    ):
        found = await items(gateway, f"/v1/search?q={words}", who)
        assert {item["resource"] for item in found} == expected, (words, who)


@pytest.mark.parametrize("path", [*OWN_LISTS, *PUBLIC_LISTS])
async def test_every_listed_record_is_opened_by_its_id(gateway, path):
    who = "resident" if path in OWN_LISTS else None
    listed = await items(gateway, path, who)
    assert listed
    for item in listed:
        opened = (await answered(gateway, f"{path}/{item['id']}", who))["item"]
        assert opened | {"provenance": None} == item | {"provenance": None}
        if who is not None:
            assert (await gateway.get(f"{path}/{item['id']}", "other")).status_code == 404
            assert (await gateway.get(f"{path}/{item['id']}")).status_code == 401


@pytest.mark.parametrize("path", OWN_LISTS)
async def test_nobody_but_the_owner_reads_a_record(gateway, path):
    mine = {item["id"] for item in await items(gateway, path, "resident")}
    others = await items(gateway, path, "other")
    assert others
    assert not mine & {item["id"] for item in others}
    assert "GALUH" not in str(others)
    assert (await items(gateway, path, "no-nik")) == []
    assert (await gateway.get(path)).status_code == 401
    for purpose in (None, "application-handling"):
        assert (await gateway.get(path, "officer", purpose=purpose)).status_code == 403
    assert (await gateway.get(path, "machine")).status_code == 403


async def test_a_token_without_the_scope_is_refused(gateway):
    for path in ("/v1/me/bills", "/v1/me/bookings"):
        assert (await gateway.get(path, "less")).status_code == 403
    overview = await answered(gateway, "/v1/me/overview", "less")
    assert {item["resource"] for item in overview["items"]} == {"case", "entitlement"}
    assert {source["resource"] for source in overview["sources"] if source["state"] == "denied"} == {"bill", "booking"}


async def test_a_record_whose_nik_lost_a_digit_is_withheld(gateway):
    """The system of market levies finds it for the resident, but it does not prove whose it is."""
    answer = await answered(gateway, "/v1/me/bills", "resident")
    withheld = {source["system"]: source.get("withheld") for source in answer["sources"]}
    assert (answer["complete"], withheld) == (
        False,
        {"pdam": None, "perpustakaan": None, "retribusi-pasar": 1},
    )
    assert "2019-07" not in {item["period"]["start"] for item in answer["items"]}
    assert (await answered(gateway, "/v1/me/bills", "other"))["complete"] is True


async def test_a_nik_is_masked_in_every_record(gateway):
    shown = ""
    for path in (*OWN_LISTS, "/v1/me/overview"):
        answer = await gateway.get(path, "resident")
        assert MASKED + NIK[-4:] in answer.text
        shown += answer.text
    (case, *_) = await items(gateway, "/v1/me/cases?status=approved", "resident")
    assert case["subject"]["identifiers"][0]["value"] == f"{MASKED}1001", "that of the child is masked too"
    assert case["applicant"]["phone"] == "+6281200990011", "the owner sees their own telephone number"
    assert NIK not in shown
    assert OTHER_NIK not in shown


async def test_every_personal_read_is_in_the_access_log_without_a_number(gateway):
    for path in OWN_LISTS:
        await items(gateway, path, "other")
    answer = await gateway.get("/v1/me/access-log", "other")
    shown = [entry for entry in answer.json()["items"] if entry["records"]]
    logged = {(entry["operation"], entry["resource"], *entry["systems"]) for entry in shown}
    assert logged >= {
        ("listMyCases", "case", "ppdb"),
        ("listMyEntitlements", "entitlement", "pdam", "perpustakaan", "retribusi-pasar"),
        ("listMyBookings", "booking", "gor"),
        ("listMyBills", "bill", "pdam", "perpustakaan", "retribusi-pasar"),
    }
    assert OTHER_NIK not in answer.text


async def test_no_nik_is_in_an_address_of_a_request_to_a_system(gateway):
    for path in OWN_LISTS:
        await items(gateway, path, "resident")
    for system in gateway.systems.values():
        asked = [request for request in system.received if NIK.encode() in (request.content or b"")]
        assert asked, system.id
        assert not any(NIK in f"{one.path}{one.query}{one.headers}" for one in system.received), system.id


async def test_the_code_lists_of_the_five_are_published(gateway):
    listed = {one["scheme"]: one for one in await items(gateway, "/v1/codes")}
    found = {}
    for scheme in ("bill-kind", "booking-kind", "case-kind", "entitlement-kind", "notice-kind", "place-kind"):
        values = await items(gateway, f"/v1/codes/{scheme}", accept_language="en")
        found |= {(scheme, value["code"]): value["text"] for value in values}
    assert found == {
        ("bill-kind", "library-fine"): "Library fine",
        ("bill-kind", "market-levy"): "Market levy",
        ("bill-kind", "water"): "Water bill",
        ("booking-kind", "sports-hall"): "Court of a sports hall",
        ("case-kind", "school-admission"): "School admission",
        ("entitlement-kind", "library-card"): "Library card",
        ("entitlement-kind", "market-stall"): "Market stall licence",
        ("entitlement-kind", "water-connection"): "Water connection",
        ("notice-kind", "water-outage"): "Water outage",
        ("place-kind", "library"): "Library",
        ("place-kind", "sports-hall"): "Sports hall",
    }
    assert (listed["npsn"]["complete"], listed["npsn"]["size"]) == (False, 0)
    assert not any("/" in scheme for scheme in listed)


async def test_a_system_that_fails_costs_its_own_part_only(gateway):
    failing = gateway.systems["ppdb"]
    failing.down = True
    try:
        overview = await answered(gateway, "/v1/me/overview", "other")
        assert (await gateway.get("/v1/me/cases", "other")).status_code == 503
    finally:
        failing.down = False
    assert overview["complete"] is False
    states = {(source["system"], source["state"]) for source in overview["sources"] if source["resource"] == "case"}
    assert ("ppdb", "failed") in states
    assert {item["resource"] for item in overview["items"]} == {"bill", "booking", "entitlement"}


async def test_the_document_of_the_api_is_the_same_with_and_without_the_five(gateway, installed, tmp_path):
    async with invented_gateway(tmp_path, installed) as without:
        assert [item["id"] for item in await items(without, "/v1/systems")] == []
        assert sorted(item["id"] for item in await items(gateway, "/v1/systems")) == sorted(SYSTEMS)
        one, other = await without.get("/openapi.json"), await gateway.get("/openapi.json")
    assert one.status_code == 200
    assert one.content == other.content
