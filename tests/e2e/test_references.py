"""What a record of the demo refers to can be opened, and is what it is called."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.conftest import Demo, eventually

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


@pytest.fixture
def driving(demo: Demo) -> Iterator[None]:
    """A vehicle that drives at night too, when all others have no route."""
    operator = demo.simulators()["trans-banjarmasin"]
    key = operator.add(kind="vehicle", plate="DA 7999 ZZ", state="all-hours")
    eventually(lambda: routes_of(vehicles(demo)), bool)
    yield
    operator.withdraw(key)


def vehicles(demo: Demo, more: str = "") -> list[dict[str, Any]]:
    return list(demo.get(f"/v1/transit/vehicles?limit=200{more}").json()["items"])


def routes_of(found: list[dict[str, Any]]) -> set[str]:
    return {vehicle["route"]["id"] for vehicle in found if vehicle["route"]}


@pytest.mark.usefixtures("driving")
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


@pytest.mark.usefixtures("driving")
def test_lists_are_filtered_by_the_record_that_they_refer_to(demo: Demo) -> None:
    everything = vehicles(demo)
    for route_id in routes_of(everything):
        expected = {one["id"] for one in everything if one["route"] and one["route"]["id"] == route_id}
        assert {one["id"] for one in vehicles(demo, f"&route={route_id}")} == expected


def _opens(demo: Demo, reference: dict[str, str | None]) -> None:
    record_id = str(reference["id"])
    answer = demo.get(f"{OPENS[record_id[:3]]}/{record_id}")
    assert answer.status_code == 200, answer.text
    item = answer.json()["item"]
    assert item["id"] == record_id
    if reference["name"]:
        assert reference["name"].lower() == item["name"].lower()
