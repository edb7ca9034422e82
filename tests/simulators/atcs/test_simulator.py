"""The simulator of the camera wall, with the requests of its own page."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from simulators.atcs.simulator import SIMULATOR, build
from simulators.clock import Clock
from simulators.server import RunningSimulator, running
from simulators.spec import SimulatorState

pytestmark = pytest.mark.anyio
WALL = "/api/public/cameras/wall"


@pytest.fixture
async def simulator(tmp_path: Path) -> AsyncIterator[RunningSimulator]:
    state = SimulatorState(SIMULATOR, None, tmp_path, clock=Clock(), seed=637199)
    async with running(build(None, state), state) as answering:
        yield answering


@pytest.fixture
async def page(simulator: RunningSimulator) -> AsyncIterator[httpx.AsyncClient]:
    """As the wall's own page asks."""
    async with httpx.AsyncClient(
        base_url=simulator.url, headers={"Referer": f"{simulator.url}/dinding"}, trust_env=False
    ) as asks:
        yield asks


async def test_the_wall_is_empty_without_the_referer(page: httpx.AsyncClient) -> None:
    assert len((await page.get(WALL)).json()) > 10
    for path in (WALL, "/api/public/counts"):
        answer = await page.get(path, headers={"Referer": ""})
        assert (answer.status_code, answer.json()) == (200, [])


async def test_every_camera_has_the_status_online(page: httpx.AsyncClient) -> None:
    assert {camera["status"] for camera in (await page.get(WALL)).json()} == {"Online"}
    assert (await page.get("/stream/KAMBOJA-2/index.m3u8")).status_code == 404
    assert "ENDLIST" in (await page.get("/stream/TOWER-PDAM-1/index.m3u8")).text


async def test_a_player_finds_what_the_playlist_names(page: httpx.AsyncClient) -> None:
    playlist = (await page.get("/stream/KAMBOJA-1/index.m3u8")).text
    pieces = [line for line in playlist.splitlines() if line and not line.startswith("#")]
    piece = await page.get(f"/stream/KAMBOJA-1/{pieces[-1]}")
    assert len(pieces) == 5
    assert piece.content[:1] == b"\x47"
    assert (await page.get("/stream/KAMBOJA-1/poster.png")).content.startswith(b"\x89PNG")


async def test_the_bot_protection_redirects_to_a_challenge(
    simulator: RunningSimulator, page: httpx.AsyncClient
) -> None:
    await page.put(f"{simulator.control}/fault", json={"kind": "login"})
    answer = await page.get(WALL)
    assert (answer.status_code, answer.headers["location"]) == (302, "/.tantangan")
    puzzle = await page.get(answer.headers["location"])
    assert "sha256" in puzzle.text


async def test_added_and_removed_cameras_survive_a_restart(
    simulator: RunningSimulator, page: httpx.AsyncClient
) -> None:
    added = await page.post(f"{simulator.control}/records", json={"kind": "camera", "code": "BARU", "aliran": "gone"})
    assert added.json() == {"key": "BARU"}
    refused = await page.post(
        f"{simulator.control}/records", json={"kind": "camera", "code": "BARU", "aliran": "unsure"}
    )
    assert refused.status_code == 422
    again = SimulatorState(SIMULATOR, None, simulator.state.folder, clock=Clock(), seed=637199)
    build(None, again)
    assert again.withdraw_record("BARU")
    assert not again.withdraw_record("BARU")
