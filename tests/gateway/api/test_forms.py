"""Lists in formats other than JSON: the same records and the same states of the sources."""

import csv
import io
import json
import re

import pytest

from adapters.errors import UpstreamUnavailableError
from schemas.places import Location, Point
from tests.gateway.fakes import (
    Clock,
    Fake,
    Wire,
    application,
    complaint,
    consultation,
    facility,
    gateway_before,
    incident,
    programme,
)

pytestmark = pytest.mark.anyio

HERE = Location(text="Jalan Contoh", position=Point(coordinates=(114.59, -3.32)))
CSV, GEOJSON, CALENDAR = "text/csv", "application/geo+json", "text/calendar"


@pytest.fixture
async def gateway(tmp_path, anyio_backend):
    system = Fake(
        asks=("application", "resident"), feeds=("programme", "complaint", "consultation", "incident", "facility")
    )
    system.records = {
        "application": [Wire("1", application(text="=HYPERLINK(1)"))],
        "programme": [Wire(str(number), programme(f"P{number:02}")) for number in range(5)],
        "complaint": [Wire("1", complaint("-2+3", location=HERE)), Wire("2", complaint("Gelap"))],
        "consultation": [Wire("1", consultation("Forum", starts_at=Clock()()))],
        "incident": [Wire("1", incident("Genangan", location=HERE)), Wire("2", incident("Banjir"))],
        "facility": [Wire("1", facility("Pekauman"))],
    }
    async with gateway_before(tmp_path, system) as opened:
        opened.system = system
        yield opened


def table(answer):
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("path", ["/v1/traffic/incidents", "/v1/complaints", "/v1/health/facilities"])
async def test_geojson_contains_the_records_and_the_states_of_the_sources(gateway, path):
    plain = (await gateway.get(path)).json()
    answer = await gateway.get(path, accept=GEOJSON)
    assert answer.headers["content-type"] == GEOJSON
    found = answer.json()
    assert found["type"] == "FeatureCollection"
    assert {name: found[name] for name in ("next", "complete", "sources")} == {
        name: plain[name] for name in ("next", "complete", "sources")
    }
    for item, feature in zip(plain["items"], found["features"], strict=True):
        location = item["location"]
        assert feature["geometry"] == (location.pop("position") if location else None)
        assert {"id": feature["id"], **feature["properties"]} == item
    assert all(set(one) == {"type", "id", "geometry", "properties"} for one in found["features"])


async def test_csv_contains_the_records_and_headers_the_states_of_the_sources(gateway):
    answer = await gateway.get("/v1/complaints", accept=CSV)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["content-disposition"] == 'attachment; filename="complaints.csv"'
    assert answer.headers["gerbang-complete"] == "?1"
    assert re.fullmatch(
        r'register;state="held";fetched_at="[^"]+";items=2;set_aside=0', answer.headers["gerbang-sources"]
    )
    assert answer.headers["link"] == '</v1/complaints>; rel="alternate"; type="application/json"'
    first, second = sorted(table(answer), key=lambda line: line["text"])
    assert (first["text"], first["location.position.longitude"], first["location.position.latitude"]) == (
        "'-2+3",
        "114.59",
        "-3.32",
    )
    assert (second["text"], second["location.position.longitude"]) == ("Gelap", "")
    assert "Siti" not in answer.text


async def test_an_own_list_as_csv_is_private_and_formulas_are_escaped(gateway):
    answer = await gateway.get("/v1/me/applications", "resident", accept=CSV)
    assert answer.headers["cache-control"] == "private, no-store"
    assert "etag" not in answer.headers
    assert [line["text"] for line in table(answer)] == ["'=HYPERLINK(1)"]
    log = table(await gateway.get("/v1/me/access-log", "resident", accept=CSV))
    assert log[0]["operation"] == "listMyApplications"


async def test_every_format_links_to_the_next_page(gateway):
    address, seen = "/v1/programmes?limit=2", []
    while address:
        answer = await gateway.get(address, accept=CSV)
        seen += [line["name"] for line in table(answer)]
        links = dict(re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers["link"]))
        address = {rel: target for target, rel in links.items()}.get("next")
    assert seen == [f"P{number:02}" for number in range(5)]
    cursor = (await gateway.get("/v1/programmes?limit=2")).json()["next"]
    assert len(table(await gateway.get(f"/v1/programmes?limit=2&cursor={cursor}", accept=CSV))) == 2


async def test_the_file_name_of_an_incomplete_list_says_incomplete(gateway):
    async def away(name, call):
        raise UpstreamUnavailableError("away")

    gateway.system.before = away
    gateway.clock.forward(hours=2)
    answer = await gateway.get("/v1/complaints", accept=CSV)
    assert answer.headers["gerbang-complete"] == "?0"
    assert 'state="stale"' in answer.headers["gerbang-sources"]
    assert answer.headers["content-disposition"] == 'attachment; filename="complaints-tidak-lengkap.csv"'
    calendar = await gateway.get("/v1/consultations", accept=CALENDAR)
    assert "X-GERBANG-COMPLETE:FALSE" in calendar.text


async def test_a_304_has_the_file_name_and_a_list_that_became_incomplete_is_not_unchanged(gateway):
    async def away(name, call):
        raise UpstreamUnavailableError("away")

    kept = await gateway.get("/v1/traffic/incidents", accept=CSV)
    same = await gateway.get("/v1/traffic/incidents", accept=CSV, if_none_match=kept.headers["etag"])
    assert (same.status_code, same.headers["gerbang-complete"]) == (304, "?1")
    assert same.headers["content-disposition"] == 'attachment; filename="incidents.csv"'
    assert "content-type" not in same.headers
    gateway.system.before = away
    gateway.clock.forward(hours=2)
    changed = await gateway.get("/v1/traffic/incidents", accept=CSV, if_none_match=kept.headers["etag"])
    assert (changed.status_code, changed.headers["gerbang-complete"]) == (200, "?0")
    assert changed.headers["content-disposition"] == 'attachment; filename="incidents-tidak-lengkap.csv"'


async def test_the_file_name_of_one_page_of_several_says_partial(gateway):
    first = await gateway.get("/v1/programmes?limit=3", accept=CSV)
    assert first.headers["content-disposition"] == 'attachment; filename="programmes-sebagian.csv"'
    (address,) = re.findall(r'<([^>]+)>; rel="next"', first.headers["link"])
    last = await gateway.get(address, accept=CSV)
    assert len(table(last)) == 2
    assert last.headers["content-disposition"] == 'attachment; filename="programmes-sebagian.csv"'
    whole = await gateway.get("/v1/programmes", accept=CSV)
    assert whole.headers["content-disposition"] == 'attachment; filename="programmes.csv"'


async def test_a_calendar_gets_consultations(gateway):
    answer = await gateway.get("/v1/consultations", accept=CALENDAR)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "SUMMARY:Forum" in answer.text
    assert answer.headers["content-disposition"] == 'attachment; filename="consultations.ics"'


@pytest.mark.parametrize("form", [CSV, GEOJSON, CALENDAR])
async def test_each_format_has_its_own_etag_and_varies_by_accept(gateway, form):
    path = "/v1/consultations"
    plain, other = await gateway.get(path), await gateway.get(path, accept=form)
    assert plain.headers["etag"] != other.headers["etag"]
    for answer in (plain, other):
        assert answer.headers["vary"].split(", ")[0] == "Accept"
    same = await gateway.get(path, accept=form, if_none_match=other.headers["etag"])
    assert (same.status_code, same.content) == (304, b"")
    assert "content-type" not in same.headers
    assert (await gateway.get(path, accept=form, if_none_match=plain.headers["etag"])).status_code == 200


@pytest.mark.parametrize(
    ("path", "accept", "offered"),
    [
        ("/v1/programmes", GEOJSON, "application/json, text/csv"),
        ("/v1/complaints", CALENDAR, "application/json, application/geo+json, text/csv"),
        ("/v1/consultations", "text/html", "application/json, application/geo+json, text/calendar, text/csv"),
        ("/v1/regions", "image/png", "application/json, text/csv"),
    ],
)
async def test_an_unavailable_format_is_refused_with_the_available_ones(gateway, path, accept, offered):
    answer = await gateway.get(path, accept=accept)
    assert answer.status_code == 406
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"].endswith("/not-acceptable")
    assert answer.json()["errors"] == [{"pointer": "header:Accept", "detail": offered}]


async def test_no_system_is_queried_for_an_unavailable_format(gateway):
    assert (await gateway.get("/v1/me/applications", "resident", accept="image/png")).status_code == 406
    assert gateway.system.asked["application"] == 0


async def test_regions_as_csv(gateway):
    lines = table(await gateway.get("/v1/regions?level=kelurahan", accept=CSV))
    assert len(lines) == 52
    assert {line["code"]: line["name"] for line in lines}["63.71.01.1001"] == "Mantuil"
    assert json.loads((await gateway.get("/v1/regions?text=mantuil")).text)["items"][0]["code"] == "63.71.01.1001"
