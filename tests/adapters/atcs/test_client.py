"""The adapter before the running simulator: what the wall shows, hides, and how it refuses."""

from typing import Any

import pytest

from adapters.atcs import SPEC, client, normalise
from adapters.contract import Bad
from adapters.errors import AdapterError, CredentialsRefusedError, UpstreamMalformedError
from schemas.doubts import DoubtCode
from schemas.places import position_of
from schemas.traffic import Camera, CameraStatus, Condition, Congestion
from simulators.atcs.wall import cameras
from simulators.faults import Fault, FaultKind

pytestmark = pytest.mark.anyio


async def _items(feed: Any) -> list[Any]:
    batches = [batch async for batch in feed]
    assert batches[-1].whole
    return [item for batch in batches for item in batch.items]


async def _cameras(wall: Any) -> dict[str, tuple[Camera, set[DoubtCode]]]:
    items = await _items(client.feed_cameras(wall.call(), None))
    found = {normalise.camera_key(item): normalise.camera(item) for item in items}
    return {key: (normal.body, {doubt.code for doubt in normal.doubts}) for key, normal in found.items()}


async def test_the_whole_wall_comes(wall: Any) -> None:
    await client.probe(wall.call())
    found = await _cameras(wall)
    assert set(found) == {camera["code"] for camera in cameras()}
    assert position_of(found["KAMBOJA-1"][0].location) is not None
    assert found["KAMBOJA-1"][0].stream_url == f"{wall.simulator.url}/stream/KAMBOJA-1/index.m3u8"


async def test_positions_outside_the_city_are_none(wall: Any) -> None:
    found = await _cameras(wall)
    for code in ("MAHAJI-1", "PAL-6-2"):
        body, doubts = found[code]
        assert (body.location, DoubtCode.POSITION_OUTSIDE in doubts) == (None, True)
    assert (found["JEMBATAN-MERDEKA"][0].location, found["JEMBATAN-MERDEKA"][1]) == (None, set())


async def test_what_lies_behind_the_wall_is_not_shown(wall: Any) -> None:
    found = await _cameras(wall)
    everything = " ".join(body.model_dump_json() for body, _ in found.values())
    assert "10.20" not in everything
    assert "token" not in everything
    assert found["ANTASARI-2"][0].stream_url is None
    assert found["KAYUTANGI-2"][0].snapshot_url is None
    paths = [request["path"] for request in wall.state.received.as_json()]
    assert not any(code in path for path in paths for code in ("ANTASARI-2", "KAYUTANGI-2", "SIRING"))


async def test_a_camera_is_online_when_its_stream_goes_on(wall: Any) -> None:
    found = {code: body.status for code, (body, _) in (await _cameras(wall)).items()}
    assert found["KAMBOJA-1"] is CameraStatus.ONLINE
    assert {found[code] for code in ("MAHAJI-2", "KAMBOJA-2", "TOWER-PDAM-1")} == {CameraStatus.OFFLINE}
    assert {found[code] for code in ("ANTASARI-2", "SIRING-0-KM")} == {CameraStatus.UNKNOWN}


@pytest.mark.parametrize(
    ("state", "status"),
    [("undated", CameraStatus.UNKNOWN), ("empty", CameraStatus.OFFLINE), ("closed", CameraStatus.OFFLINE)],
)
async def test_a_stream_that_is_of_no_use(wall: Any, state: str, status: CameraStatus) -> None:
    wall.state.add_record({"kind": "camera", "code": "KAMBOJA-1", "aliran": state})
    assert (await _cameras(wall))["KAMBOJA-1"][0].status is status


async def test_at_most_so_many_streams_are_looked_at(wall: Any) -> None:
    for number in range(30):
        code = f"TAMBAHAN-{number}"
        wall.state.add_record({"kind": "camera", "code": code, "stream": f"/stream/{code}/index.m3u8"})
    await _cameras(wall)
    looks = [one for one in wall.state.received.as_json() if one["path"].endswith(".m3u8")]
    assert len(looks) == client.MOST_LOOKS


@pytest.mark.parametrize("kind", [FaultKind.RESET, FaultKind.LOGIN, FaultKind.ERROR_500])
async def test_streams_that_cannot_be_reached_are_not_tried_for_ever(wall: Any, kind: FaultKind) -> None:
    wall.state.faults.set(Fault(kind, None, "/stream/"))
    found = await _cameras(wall)
    assert {body.status for body, _ in found.values()} == {CameraStatus.UNKNOWN}
    paths = {one["path"] for one in wall.state.received.as_json()}
    assert len([path for path in paths if path.endswith(".m3u8")]) == 3
    assert "/.tantangan" not in paths


@pytest.mark.parametrize("feed", [client.feed_cameras, client.feed_counts])
async def test_an_empty_wall_is_not_believed(wall: Any, feed: Any) -> None:
    assert await _items(feed(wall.call(), None))
    with pytest.raises(UpstreamMalformedError, match="Referer"):
        await _items(feed(wall.call(referer="https://elsewhere.example/"), None))


async def test_a_wall_that_turns_empty_is_not_believed_either(wall: Any) -> None:
    wall.state.add_record({"kind": "empty-wall"})
    with pytest.raises(UpstreamMalformedError):
        await _cameras(wall)
    assert wall.state.withdraw_record("empty-wall")
    assert await _cameras(wall)


@pytest.mark.parametrize("path", ["/api/public/cameras", "/api/public/positions", "/api/public/time"])
async def test_before_the_shield_it_stops(wall: Any, path: str) -> None:
    wall.state.faults.set(Fault(FaultKind.LOGIN, None, path))
    with pytest.raises(CredentialsRefusedError, match="ask the agency"):
        await _cameras(wall)
    assert not any("tantangan" in request["path"] for request in wall.state.received.as_json())


async def test_the_puzzle_itself_is_recognised(wall: Any) -> None:
    with pytest.raises(CredentialsRefusedError):
        await client._sent(wall.call(), "/.tantangan")


async def test_conditions_of_every_arm(wall: Any) -> None:
    items = await _items(client.feed_counts(wall.call(), None))
    assert not any(isinstance(item, Bad) for item in items)
    assert len({normalise.condition_key(item) for item in items}) == len(items)
    found: dict[str, tuple[Condition, set[DoubtCode]]] = {}
    for item in items:
        normal = normalise.condition(item)
        found[normalise.condition_key(item)] = normal.body, {doubt.code for doubt in normal.doubts}
    body, doubts = found["S03/Utara"]
    assert body.congestion is not Congestion.UNKNOWN
    assert body.saturation
    assert body.vehicle_flow
    assert position_of(body.location)
    assert not doubts
    body, doubts = found["S05/Utara"]
    assert (body.congestion, body.saturation, body.vehicle_flow) == (Congestion.UNKNOWN, None, None)
    assert DoubtCode.RECORD_OUTDATED in doubts
    assert body.observed_at is not None
    body, doubts = found["S08/Barat"]
    assert (body.observed_at, body.saturation, body.vehicle_flow) == (None, None, None)
    assert DoubtCode.DATE_ZERO in doubts


async def test_offences_are_not_read(wall: Any) -> None:
    items = await _items(client.feed_counts(wall.call(), None))
    assert "pelanggaran" not in repr(items)


async def test_nothing_secret_is_said_of_a_wall_that_is_none(wall: Any) -> None:
    wall.state.faults.set(Fault(FaultKind.HTML, None, "/api/"))
    with pytest.raises(AdapterError) as raised:
        await SPEC.probe(wall.call())
    assert wall.simulator.url not in str(raised.value)
