"""The simulator of the operator's exports: independent readers accept its output, except for its quirks."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest
from google.transit import gtfs_realtime_pb2

from simulators.clock import WITA, Clock
from simulators.server import RunningSimulator, running
from simulators.spec import SimulatorState
from simulators.trans_banjarmasin.export import tables
from simulators.trans_banjarmasin.fleet import Fleet
from simulators.trans_banjarmasin.simulator import SIMULATOR, build

pytestmark = pytest.mark.anyio


@pytest.fixture
async def simulator(tmp_path: Path) -> AsyncIterator[RunningSimulator]:
    state = SimulatorState(SIMULATOR, None, tmp_path, clock=Clock(), seed=637199)
    async with running(build(None, state), state) as answering:
        yield answering


@pytest.fixture
async def asking(simulator: RunningSimulator) -> AsyncIterator[httpx.AsyncClient]:
    key = str(SIMULATOR.settings(None, simulator.url, simulator.state.folder)["key"])
    async with httpx.AsyncClient(base_url=simulator.url, headers={"X-Kunci-API": key}, trust_env=False) as client:
        yield client


def _rows(name: str) -> list[dict[str, str]]:
    text = tables(date(2026, 11, 24))[name].removeprefix("\ufeff")
    return list(csv.DictReader(io.StringIO(text), delimiter=";" if ";" in text.partition("\r")[0] else ","))


async def test_the_bindings_read_its_positions(simulator: RunningSimulator, asking: httpx.AsyncClient) -> None:
    content = (await asking.get("/ekspor/posisi.pb")).content
    message = gtfs_realtime_pb2.FeedMessage()
    message.ParseFromString(content)
    assert message.IsInitialized()
    assert message.header.gtfs_realtime_version == "2.0"
    assert len(message.entity) == 12
    assert message.SerializeToString() == content
    ages = [message.header.timestamp - entity.vehicle.timestamp for entity in message.entity]
    assert sum(age > timedelta(hours=3).total_seconds() for age in ages) == 2
    for entity in message.entity:
        assert entity.vehicle.vehicle.license_plate == entity.id
        position = entity.vehicle.position
        inside = -3.383 <= position.latitude <= -3.267 and 114.522 <= position.longitude <= 114.660
        assert inside or (position.latitude, position.longitude) == (0, 0)


async def test_requests_without_the_key_are_refused(asking: httpx.AsyncClient) -> None:
    for path in ("/ekspor/gtfs.zip", "/ekspor/posisi.pb"):
        assert (await asking.get(path, headers={"X-Kunci-API": "another"})).status_code == 401


async def test_the_archive_contains_the_required_files(asking: httpx.AsyncClient) -> None:
    with ZipFile(io.BytesIO((await asking.get("/ekspor/gtfs.zip")).content)) as archive:
        assert archive.testzip() is None
        assert {"agency.txt", "routes.txt", "stops.txt", "trips.txt", "stop_times.txt"} <= set(archive.namelist())
        assert all(archive.read(name).startswith(b"\xef\xbb\xbf") for name in archive.namelist())
        assert b"Asia/Jakarta" in archive.read("agency.txt")


def test_its_tables_agree_with_each_other() -> None:
    stops = {row["stop_id"] for row in _rows("stops.txt")}
    routes = {row["route_id"] for row in _rows("routes.txt")}
    trips = {row["trip_id"]: row for row in _rows("trips.txt")}
    services = {row["service_id"] for row in _rows("calendar.txt")}
    times = _rows("stop_times.txt")
    assert {row["stop_id"].strip() for row in times} == stops
    assert {row["trip_id"] for row in times} == set(trips)
    assert {row["route_id"] for row in trips.values()} == routes
    assert {row["service_id"] for row in trips.values()} == services
    assert {row["trip_id"] for row in _rows("frequencies.txt")} < set(trips)
    assert {row["shape_id"] for row in trips.values()} == {row["shape_id"] for row in _rows("shapes.txt")}
    assert {row["fare_id"] for row in _rows("fare_rules.txt")} == {
        row["fare_id"] for row in _rows("fare_attributes.txt")
    }


def test_the_archive_has_its_quirks() -> None:
    assert any(row["departure_time"] >= "24:00:00" for row in _rows("stop_times.txt"))
    assert any(" menit" in row["headway_secs"] for row in _rows("frequencies.txt"))
    assert all(" " in row["stop_id"] for row in _rows("stops.txt"))
    assert all("," in row["stop_lat"] for row in _rows("stops.txt"))
    assert {row["wheelchair_boarding"] for row in _rows("stops.txt")} == {"", "0", "1", "2"}
    points = _rows("shapes.txt")
    assert {row["shape_id"][:4] for row in points if float(row["shape_pt_lat"]) == 0} == {"KL 2"}
    numbers = [int(row["shape_pt_sequence"]) for row in points if row["shape_id"] == "K 1 PERGI"]
    assert sorted(numbers) == list(range(1, len(numbers) + 1)) != numbers


def test_only_a_vehicle_of_all_hours_has_a_route_at_night(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path / "armada.json", 637199)
    fleet.put({"plate": "DA 1 ZZ", "state": "all-hours"})
    night, noon = (fleet.positions(datetime(2026, 11, 23, hour, tzinfo=WITA)) for hour in (3, 12))
    assert {one.plate for one in night if one.route} == {"DA 1 ZZ"}
    assert sum(bool(one.route) for one in noon) > 1


async def test_vehicles_are_added_and_removed(simulator: RunningSimulator, asking: httpx.AsyncClient) -> None:
    added = await asking.post(f"{simulator.control}/records", json={"kind": "vehicle", "plate": "DA 1 ZZ", "age": 5})
    assert added.json() == {"key": "DA 1 ZZ"}
    for wrong in (
        {"kind": "vehicle"},
        {"kind": "vehicle", "plate": "DA 1 ZZ", "age": "5"},
        {"kind": "archive", "as": 1},
        {"kind": "archive", "as": ["bomb"]},
    ):
        assert (await asking.post(f"{simulator.control}/records", json=wrong)).status_code == 422
    assert b"DA 1 ZZ" in (await asking.get("/ekspor/posisi.pb")).content
    assert (await asking.delete(f"{simulator.control}/records/DA 1 ZZ")).status_code == 204
    assert b"DA 1 ZZ" not in (await asking.get("/ekspor/posisi.pb")).content
