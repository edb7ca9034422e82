"""The old application and its quirks, with the requests of its adapter."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulators.clock import Clock
from simulators.pbb.legacy.notices import ZERO_DATE, notices
from simulators.pbb.simulator import SIMULATOR, build, legacy_key, shared_secret, start_legacy
from simulators.people import DEMONSTRATION, population
from simulators.server import running
from simulators.spec import SimulatorState

pytestmark = pytest.mark.anyio


@pytest.fixture
async def state(tmp_path: Path) -> AsyncIterator[SimulatorState]:
    made = SimulatorState(SIMULATOR, None, tmp_path, clock=Clock(), seed=637199)
    with made.closing:
        yield made


@pytest.fixture
async def ask(state: SimulatorState) -> AsyncIterator[Any]:
    legacy = start_legacy(state)
    async with httpx.AsyncClient(trust_env=False) as client:

        async def form(**fields: str) -> Any:
            answer = await client.post(legacy.url, data={"kunci": legacy_key(state.folder), **fields})
            assert answer.status_code == 200  # Q04: whatever happens
            return answer.json()

        yield form


async def test_only_the_code_in_the_body_reports_the_outcome(ask: Any) -> None:
    assert (await ask(nik=DEMONSTRATION["resident"].nik))["message_code"] == 200
    assert (await ask(nik="6371994101900010")) == {
        "message_code": 101,
        "message": "Data tidak ditemukan",
        "data": None,
    }
    assert (await ask(nik="", kunci="x"))["message_code"] == 201
    assert (await ask(nik=""))["message_code"] == 202


async def test_each_column_has_its_own_thousands_separator(ask: Any) -> None:
    rows = (await ask(nik=DEMONSTRATION["resident"].nik))["data"]
    assert [row["PBB_YG_HARUS_DIBAYAR_SPPT"] for row in rows] == ["85.500"] * 3
    assert [row["DENDA"] for row in rows] == ["0", "20,520", "0"]
    assert [row["TGL_PEMBAYARAN_SPPT"] == ZERO_DATE for row in rows] == [True, True, False]


async def test_the_year_filters_the_notices(ask: Any, state: SimulatorState) -> None:
    year = str(state.clock.today().year - 1)
    rows = (await ask(nik=DEMONSTRATION["resident"].nik, tahun=year))["data"]
    assert [row["THN_PAJAK_SPPT"] for row in rows] == [year]


def test_the_seed_is_the_same_each_time_and_fits_the_people() -> None:
    today = Clock().today()
    rows = list(notices(population(), today))
    assert rows == list(notices(population(), today))
    assert len({(row["NOP"], row["THN_PAJAK_SPPT"]) for row in rows}) == len(rows) > 1500
    assert {row["NIK_WP"][:6] for row in rows} == {"637199"}
    assert len({row["KD_WILAYAH"] for row in rows}) == 52


async def test_notices_are_kept_added_and_withdrawn(state: SimulatorState, tmp_path: Path) -> None:
    nik = DEMONSTRATION["resident"].nik
    async with running(build(None, state), state) as simulator, httpx.AsyncClient(trust_env=False) as client:
        added = await client.post(f"{simulator.control}/records", json={"kind": "notice", "fields": {"NOP": "1"}})
        assert added.status_code == 201
        for wrong in (
            {},
            {"kind": "notice"},
            {"kind": "notice", "fields": {"X": "1"}},
            {"kind": "notice", "fields": {"NOP": 1}},
        ):
            assert (await client.post(f"{simulator.control}/records", json=wrong)).status_code == 422
        key = added.json()["key"]
        for status in (204, 404):
            assert (await client.delete(f"{simulator.control}/records/{key}")).status_code == status
        status = (await client.get(f"{simulator.control}/status")).json()
        assert {"login", "clock-skew", "slow"} <= set(status["supported_faults"])
        for refused in ("quota", "session-expired"):
            answer = await client.put(f"{simulator.control}/fault", json={"kind": refused})
            assert answer.status_code == 422
    secret = shared_secret(tmp_path)
    assert len(secret) >= 40
    again = SimulatorState(SIMULATOR, None, tmp_path, clock=Clock(), seed=1)
    with again.closing:
        start_legacy(again)
        assert shared_secret(tmp_path) == secret
        assert again.add_record({"kind": "notice", "fields": {"NIK_WP": nik}}).isdigit()
