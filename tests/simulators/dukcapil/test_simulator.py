"""The civil registry's simulator: its answers as recorded, its quota, and its control records."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulators.clock import WITA, Clock
from simulators.dukcapil.simulator import SIMULATOR, build
from simulators.faults import FaultKind
from simulators.people import DEMONSTRATION, population
from simulators.server import RunningSimulator, running
from simulators.spec import SimulatorState

pytestmark = pytest.mark.anyio
ANSWERS = Path(__file__).parents[2] / "adapters" / "dukcapil" / "answers"
RESIDENT = DEMONSTRATION["resident"].nik
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=WITA)


@dataclass
class Asking:
    simulator: RunningSimulator
    client: httpx.AsyncClient

    async def call(self, **asked: object) -> httpx.Response:
        given: dict[str, object] = dict(SIMULATOR.settings(None, self.simulator.url, self.simulator.state.folder))
        given |= {"nik": RESIDENT, **asked}
        unit = given.pop("unit")
        answer = await self.client.post(f"{self.simulator.url}/dukcapil/get_json/{unit}/call_nik", json=given)
        assert answer.status_code == 200
        return answer

    async def content(self, **asked: object) -> Any:
        return (await self.call(**asked)).json()["content"]

    async def put(self, record: dict[str, object]) -> httpx.Response:
        return await self.client.post(f"{self.simulator.control}/records", json=record)


@pytest.fixture
async def asking(tmp_path: Path, client: httpx.AsyncClient) -> AsyncIterator[Asking]:
    state = SimulatorState(SIMULATOR, None, tmp_path, clock=Clock(frozen_at=NOW), seed=637199)
    async with running(build(None, state), state) as simulator:
        yield Asking(simulator, client)


@pytest.mark.parametrize("case", sorted(path.stem for path in ANSWERS.glob("*.json")))
async def test_answers_equal_the_adapters_fixtures(asking: Asking, case: str) -> None:
    recorded = (ANSWERS / f"{case}.json").read_bytes()
    content = json.loads(recorded)["content"]
    person = content if isinstance(content, dict) else content[0]
    asked: dict[str, object] = {
        "not-found": {"nik": "6371990101700001"},
        "wrong-password": {"password": "x"},
        "unknown-address": {"ip_user": "10.0.0.1"},
        "no-nik": {"nik": ""},
    }.get(case, {"nik": str(person.get("NIK", RESIDENT))})
    if case == "odd-values":
        known = {key.strip(): value for key, value in person.items()}
        await asking.put({"kind": "resident", "fields": {**known, "NIK": str(known["NIK"])}})
    if case == "quota-spent":
        await asking.client.put(f"{asking.simulator.control}/fault", json={"kind": "quota"})
    assert (await asking.call(**asked)).content == recorded.rstrip(b"\n")


async def test_every_quirk_occurs_among_the_residents(asking: Asking) -> None:
    rows = [await asking.content(nik=person.nik) for person in population()[4:200]]
    people = [row if isinstance(row, dict) else row[0] for row in rows]
    assert {type(row) for row in rows} == {dict, list}
    assert {type(person["NIK"]) for person in people} == {int, str}
    assert any("STATUS_KWIN" in person for person in people)
    assert all("PDDK_AKH " in person and "PDDK_AKH" not in person for person in people)
    assert "00-00-0000" in {person["TGL_LHR"] for person in people}


async def test_the_case_of_the_keys_does_not_matter(asking: Asking) -> None:
    given = dict(SIMULATOR.settings(None, "", asking.simulator.state.folder))
    url = f"{asking.simulator.url}/dukcapil/get_json/{given.pop('unit')}/call_nik"
    body = {key.upper(): value for key, value in {**given, "nik": RESIDENT}.items()}
    assert (await asking.client.post(url, json=body)).json()["content"][0]["NIK"] == int(RESIDENT)


@pytest.mark.parametrize("body", [b"", b"no json", b"[1]", b'{"nik": null}'])
async def test_an_invalid_request_is_refused_with_status_200(asking: Asking, body: bytes) -> None:
    url = f"{asking.simulator.url}/dukcapil/get_json/any/call_nik"
    answer = await asking.client.post(url, content=body)
    assert answer.status_code == 200
    assert answer.json()["content"]["RESPONSE_CODE"] == "11"


async def test_a_person_without_a_nik_is_not_in_the_register(asking: Asking) -> None:
    assert (await asking.content(nik=""))["RESPONSE_CODE"] == "08"
    assert await asking.content(nik="0") == [{"RESPON": "Data Tidak Ditemukan"}]


async def test_the_quota_is_counted_by_day_and_survives_a_restart(asking: Asking) -> None:
    await asking.put({"kind": "quota", "per_day": 3})
    spent = [{"RESPON": "Kuota Akses Hari ini telah Habis"}]
    await asking.content(password="wrong")
    await asking.content(nik="")
    await asking.content()
    await asking.content(nik="6371990101700001")
    state = SimulatorState(
        SIMULATOR, None, asking.simulator.state.folder, clock=asking.simulator.state.clock, seed=637199
    )
    async with running(build(None, state), state) as again:
        restarted = Asking(again, asking.client)
        assert await restarted.content() != spent
        assert await restarted.content() == spent
    asking.simulator.state.clock.offset = timedelta(days=1)
    assert await asking.content() != spent
    asking.simulator.state.clock.offset = timedelta(0)
    assert (await asking.client.delete(f"{asking.simulator.control}/records/quota")).status_code == 204
    assert await asking.content() != spent


async def test_residents_are_added_and_removed_on_demand(asking: Asking) -> None:
    fields = {"NIK": "6371990101700004", "NAMA_LGKP": "KAPUL JELUTUNG"}
    key = (await asking.put({"kind": "resident", "fields": fields})).json()["key"]
    assert (await asking.content(nik=fields["NIK"]))[0]["NAMA_LGKP"] == "KAPUL JELUTUNG"
    assert (await asking.client.delete(f"{asking.simulator.control}/records/{key}")).status_code == 204
    assert await asking.content(nik=fields["NIK"]) == [{"RESPON": "Data Tidak Ditemukan"}]
    assert (await asking.client.delete(f"{asking.simulator.control}/records/{key}")).status_code == 404


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"kind": "letter"},
        {"kind": "resident"},
        {"kind": "resident", "fields": {"NIK": 6371990101700004}},
        {"kind": "resident", "fields": {"NIK": "9999990101700004"}},
        {"kind": "resident", "fields": {"NIK": "6371990101700004", "SHOE_SIZE": 42}},
        {"kind": "quota", "per_day": -1},
        {"kind": "quota", "per_day": True},
    ],
)
async def test_invalid_records_are_refused(asking: Asking, record: dict[str, object]) -> None:
    answer = await asking.put(record)
    assert answer.status_code == 422
    assert answer.json()["error"]


@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind is not FaultKind.NONE])
async def test_each_fault_is_carried_out_or_refused_with_a_reason(asking: Asking, kind: FaultKind) -> None:
    answer = await asking.client.put(f"{asking.simulator.control}/fault", json={"kind": kind})
    if kind in {FaultKind.LOGIN, FaultKind.SESSION_EXPIRED, FaultKind.CLOCK_SKEW}:
        assert answer.status_code == 422
        assert len(answer.json()["error"].split()) > 5
    else:
        assert answer.json()["fault"] == kind
