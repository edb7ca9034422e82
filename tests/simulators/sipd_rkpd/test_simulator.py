"""The planning system's simulator: its non-standard header, its lists, and a push that always reports success."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulators.clock import WITA, Clock
from simulators.faults import FaultKind
from simulators.people import DEMONSTRATION
from simulators.server import RunningSimulator, running
from simulators.sipd_rkpd.seed import OVERFLOW
from simulators.sipd_rkpd.simulator import SIMULATOR, build
from simulators.spec import SimulatorState

pytestmark = pytest.mark.anyio
RESIDENT = DEMONSTRATION["resident"].nik
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=WITA)
PROPOSAL = {"nik": RESIDENT, "tahun": "2027", "masalah": "Titian lapuk sekali [GB-7F3K2Q]", "id_kelurahan": 61519}


@dataclass
class Asking:
    simulator: RunningSimulator
    client: httpx.AsyncClient

    @property
    def token(self) -> str:
        return str(SIMULATOR.settings(None, "", self.simulator.state.folder)["token"])

    async def call(self, service: str, **asked: object) -> Any:
        headers = {"authentication": f"Bearer {self.token}"}
        url = f"{self.simulator.url}/run/serv/{service}?kodepemda=6371"
        answer = await self.client.post(url, json=asked, headers=headers)
        assert answer.status_code == 200
        return answer.json()

    async def every(self, service: str, **asked: object) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while rows := (await self.call(service, start=len(found), limit=100, **asked))["data"]:
            found += rows
        return found


@asynccontextmanager
async def started(folder: Path, client: httpx.AsyncClient) -> AsyncIterator[Asking]:
    state = SimulatorState(SIMULATOR, None, folder, clock=Clock(frozen_at=NOW), seed=637199)
    async with running(build(None, state), state) as simulator:
        yield Asking(simulator, client)


@pytest.fixture
async def asking(tmp_path: Path, client: httpx.AsyncClient) -> AsyncIterator[Asking]:
    async with started(tmp_path, client) as asking:
        yield asking


async def test_only_the_non_standard_header_authenticates(asking: Asking) -> None:
    url = f"{asking.simulator.url}/run/serv/cek_token?kodepemda=6371"
    for headers in ({}, {"Authorization": f"Bearer {asking.token}"}, {"authentication": asking.token}):
        answer = await asking.client.post(url, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (200, 401)
    assert (await asking.call("cek_token"))["code"] == 200


async def test_every_quirk_of_the_columns_occurs(asking: Asking) -> None:
    lines = await asking.every("get_prog_keg")
    assert any(line["kode_program"].endswith(".") for line in lines)
    assert any(line["kode_giat"].endswith(" ") for line in lines)
    assert any("\n" in line["nama_program"] for line in lines)
    assert any("\t" in line["nama_program"] for line in lines)
    assert f"{OVERFLOW}.00" in {line["pagu"] for line in lines}
    assert {line["tahun"] for line in lines} == {"2019", "2025", "2026", "2027"}
    proposals = await asking.every("get_usulan")
    assert {row["tolak_teks"] for row in proposals} == {0}
    assert {row["nip"] for row in proposals} == {0, OVERFLOW}
    assert all(61504 <= row["id_kelurahan"] <= 61555 for row in proposals)
    assert all("pengusul" not in row and "nik" not in row for row in proposals)
    accommodated = {(row["tahun"], row["status_usul"]) for row in proposals if row["status_usul_teks"] == "Diakomodasi"}
    assert accommodated == {("2026", 4), ("2027", 5)}


async def test_a_push_always_reports_success_and_its_log_the_outcome(asking: Asking) -> None:
    wrong = [{**PROPOSAL, "id_kelurahan": 4102}, {**PROPOSAL, "tahun": "2019"}, {**PROPOSAL, "nik": "0"}, 7]
    answer = await asking.call("push_usulan", usulan=[PROPOSAL, *wrong, {**PROPOSAL, "masalah": "x [GB-7F3K2Q]"}])
    assert (answer["code"], answer["msg"]) == (200, "Sukses menyimpan 6 usulan")
    assert [line.partition(": ")[2].partition(":")[0] for line in answer["log"]] == ["OK", *["ERROR"] * 5]
    (write,) = asking.simulator.state.ledger.writes
    assert answer["log"][0] == f"Baris 1: OK: id_usulan={write['key']}"
    assert write["code"] == "GB-7F3K2Q"
    assert (await asking.call("push_usulan", usulan="x"))["log"] == ["ERROR: Format tidak dikenal"]


async def test_duplicate_pushes_are_stored(asking: Asking) -> None:
    for _ in range(2):
        await asking.call("push_usulan", usulan=[PROPOSAL])
    found = await asking.call("get_usulan_saya", nik=RESIDENT, teks="[GB-7F3K2Q]", start=0, limit=10)
    assert (found["total"], len(asking.simulator.state.ledger.writes)) == ("2", 2)


async def test_a_proposer_is_returned_to_themselves_only(asking: Asking) -> None:
    mine = await asking.every("get_usulan_saya", nik=RESIDENT)
    assert len(mine) == 4
    key = mine[0]["id_usulan"]
    assert (await asking.call("get_usulan_id", id_usulan=key, nik=RESIDENT))["data"]["pengusul"]["nik"] == RESIDENT
    assert "pengusul" not in (await asking.call("get_usulan_id", id_usulan=key, nik="0"))["data"]
    assert (await asking.call("get_usulan_id", id_usulan="1"))["code"] == 404
    assert (await asking.call("get_usulan_saya"))["code"] == 422


async def test_data_survives_a_restart(asking: Asking) -> None:
    before = await asking.every("get_usulan_saya", nik=RESIDENT)
    async with started(asking.simulator.state.folder, asking.client) as again:
        assert await again.every("get_usulan_saya", nik=RESIDENT) == before


async def test_records_are_added_and_removed_on_demand(asking: Asking) -> None:
    records = f"{asking.simulator.control}/records"
    for record in ({"kind": "usulan", "is_tolak": 1}, {"kind": "program", "kode_program": "9.99.99"}):
        key = (await asking.client.post(records, json=record)).json()["key"]
        assert (await asking.client.delete(f"{records}/{key}")).status_code == 204
        assert (await asking.client.delete(f"{records}/{key}")).status_code == 404
    for record in ({}, {"kind": "usulan", "nik": "9999990101700004"}, {"kind": "program", "warna": "biru"}):
        assert (await asking.client.post(records, json=record)).status_code == 422


@pytest.mark.parametrize("kind", [FaultKind.LOGIN, FaultKind.SESSION_EXPIRED, FaultKind.QUOTA, FaultKind.CLOCK_SKEW])
async def test_unsupported_faults_are_refused_with_a_reason(asking: Asking, kind: FaultKind) -> None:
    answer = await asking.client.put(f"{asking.simulator.control}/fault", json={"kind": kind})
    assert answer.status_code == 422
    assert len(answer.json()["error"].split()) > 3
