"""What a record of the demo refers to can be opened, and is what it is called."""

import pytest

from tests.e2e.conftest import Demo

OPENS = {
    "fac": "/v1/health/facilities",
    "prg": "/v1/programmes",
    "rte": "/v1/transit/routes",
    "stp": "/v1/transit/stops",
    "svc": "/v1/services",
}
LISTS = {
    "/v1/me/appointments?limit=200": {"facility"},
    "/v1/me/applications?limit=200": {"service"},
    "/v1/me/enrolments?limit=200": {"programme"},
    "/v1/transit/vehicles?limit=200": {"route"},
}


@pytest.mark.parametrize("path", LISTS)
def test_what_a_record_refers_to_can_be_opened(demo: Demo, path: str) -> None:
    items = demo.get(path, "resident" if "/me/" in path else None).json()["items"]
    references = [item[name] for item in items for name in LISTS[path] if item[name]]
    assert references
    for reference in {one["id"]: one for one in references}.values():
        _opens(demo, reference)


def test_a_departure_names_its_stop_and_its_route(demo: Demo) -> None:
    stop = demo.get("/v1/transit/stops?text=siring").json()["items"][0]
    departures = demo.departures(stop["id"])
    assert {departure["stop"]["id"] for departure in departures} == {stop["id"]}
    for route_id in {departure["route"]["id"] for departure in departures}:
        _opens(demo, {"id": route_id, "name": None})


def test_a_route_names_its_stops(demo: Demo) -> None:
    routes = demo.get("/v1/transit/routes").json()["items"]
    assert all(route["stops"] for route in routes)
    for stop in {stop["id"]: stop for route in routes for stop in route["stops"]}.values():
        _opens(demo, stop)


def test_a_stop_is_found_by_the_code_on_its_sign(demo: Demo) -> None:
    (stop,) = demo.get("/v1/transit/stops?text=0008").json()["items"]
    assert (stop["name"], stop["code"]) == ("Halte 0 Km", "0008")


def test_lists_are_filtered_by_the_record_that_they_refer_to(demo: Demo) -> None:
    vehicles = demo.get("/v1/transit/vehicles?limit=200").json()["items"]
    for route_id in {vehicle["route"]["id"] for vehicle in vehicles if vehicle["route"]}:
        found = demo.get(f"/v1/transit/vehicles?limit=200&route={route_id}").json()["items"]
        expected = {one["id"] for one in vehicles if one["route"] and one["route"]["id"] == route_id}
        assert {one["id"] for one in found} == expected


def _opens(demo: Demo, reference: dict[str, str | None]) -> None:
    record_id = str(reference["id"])
    answer = demo.get(f"{OPENS[record_id[:3]]}/{record_id}")
    assert answer.status_code == 200, answer.text
    item = answer.json()["item"]
    assert item["id"] == record_id
    if reference["name"]:
        assert reference["name"].lower() == item["name"].lower()
