"""The control API."""

import base64
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from simulators.clock import WITA, Clock
from simulators.records import Ledger, ReceivedRequest
from simulators.server import RunningSimulator

pytestmark = pytest.mark.anyio


async def test_status_contains_identity_and_counters(client: httpx.AsyncClient, simulator: RunningSimulator) -> None:
    await client.get(f"{simulator.url}/letters")
    status = (await client.get(f"{simulator.control}/status")).json()
    assert {key: status[key] for key in ("system", "office", "fault", "requests", "logins", "sessions")} == {
        "system": "nothing",
        "office": None,
        "fault": "none",
        "requests": 1,
        "logins": 0,
        "sessions": 0,
    }
    assert {"none", "login", "hang"} <= set(status["supported_faults"])
    assert "quota" not in status["supported_faults"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"kind": "quota"}', "it counts nothing"),
        (b'{"kind": "clock-skew"}', "clock-skew does not apply to this system"),
        (b'{"kind": "earthquake"}', "unknown fault 'earthquake'"),
        (b'{"kind": ["slow"]}', "unknown fault"),
        (b'{"kind": "slow", "times": 0}', "times is a positive number"),
        (b'{"kind": "slow", "times": true}', "times is a positive number"),
        (b'{"kind": "slow", "path": 3}', "path is a text"),
        (b'{"kind": "slow", "seconds": 0}', "seconds is a number above 0"),
        (b'{"kind": "slow", "seconds": true}', "seconds is a number above 0"),
        (b'{"kind": "slow", "seconds": 601}', "600 at most"),
        (b'{"kind": "500", "seconds": 1}', "seconds is for slow only"),
        (b'["slow"]', "not a JSON object"),
        (b"slow", "not JSON"),
        (b"\xff", "not JSON"),
    ],
)
async def test_an_unsupported_fault_is_refused_with_the_reason(
    client: httpx.AsyncClient, simulator: RunningSimulator, body: bytes, why: str
) -> None:
    answer = await client.put(f"{simulator.control}/fault", content=body)
    assert answer.status_code == 422
    assert why in answer.json()["error"]
    assert (await client.get(f"{simulator.control}/status")).json()["fault"] == "none"


async def test_received_shows_each_request_whole_and_can_be_cleared(
    client: httpx.AsyncClient, simulator: RunningSimulator
) -> None:
    await client.post(f"{simulator.url}/letters?q=1", content=b"caf\xe9", headers={"X-Token": "abc"})
    (received,) = (await client.get(f"{simulator.control}/received")).json()["requests"]
    assert (received["method"], received["path"], received["query"]) == ("POST", "/letters", "q=1")
    assert received["body"] == "café"
    assert ["x-token", "abc"] in received["headers"]
    assert (await client.delete(f"{simulator.control}/received")).status_code == 204
    assert (await client.get(f"{simulator.control}/received")).json() == {"requests": []}


async def test_only_the_last_five_hundred_requests_are_kept(
    client: httpx.AsyncClient, simulator: RunningSimulator
) -> None:
    for number in range(500):
        simulator.state.received.add(ReceivedRequest("GET", "/other", f"n={number}", (), ""))
    for number in range(500, 503):
        await client.get(f"{simulator.url}/other?n={number}")
    received = (await client.get(f"{simulator.control}/received")).json()["requests"]
    assert [received[0]["query"], received[-1]["query"]] == ["n=3", "n=502"]
    assert len(received) == 500


async def test_records_are_added_and_removed_by_the_simulator(
    client: httpx.AsyncClient, simulator: RunningSimulator
) -> None:
    added = await client.post(f"{simulator.control}/records", json={"name": "it"})
    assert (added.status_code, added.json()) == (201, {"key": "key of it"})
    refused = await client.post(f"{simulator.control}/records", json={})
    assert (refused.status_code, refused.json()) == (422, {"error": "a record needs a name"})
    for kind in (["it"], {"it": 1}, 7, None):
        refused = await client.post(f"{simulator.control}/records", json={"kind": kind, "name": "it"})
        assert (refused.status_code, refused.json()) == (422, {"error": "kind is a text"})
    assert (await client.delete(f"{simulator.control}/records/key of it")).status_code == 204
    assert (await client.delete(f"{simulator.control}/records/other")).status_code == 404


async def test_the_clock_is_moved(client: httpx.AsyncClient, simulator: RunningSimulator) -> None:
    answer = await client.post(f"{simulator.control}/clock", json={"offset_seconds": 86_400})
    moved = datetime.fromisoformat(answer.json()["now"]) - datetime.now(WITA)
    assert timedelta(hours=23) < moved < timedelta(hours=25)
    for wrong in ("tomorrow", True, 1e300, None):
        refused = await client.post(f"{simulator.control}/clock", json={"offset_seconds": wrong})
        assert refused.status_code == 422


async def test_elapse_runs_timed_tasks(client: httpx.AsyncClient, simulator: RunningSimulator) -> None:
    refused = await client.post(f"{simulator.control}/elapse", json={"seconds": 1})
    assert (refused.status_code, refused.json()) == (422, {"error": "this system has no timed tasks"})
    passed: list[float] = []
    simulator.state.elapse = lambda seconds: len(passed.append(seconds) or passed)
    assert (await client.post(f"{simulator.control}/elapse", json={"seconds": 2.5})).json() == {"pending": 1}
    for wrong in ("soon", True, -1, 3601, None):
        refused = await client.post(f"{simulator.control}/elapse", json={"seconds": wrong})
        assert (refused.status_code, refused.json()["error"]) == (422, "seconds is a number from 0 to 3600")
    assert passed == [2.5]


async def test_an_unknown_write_loss_point_is_refused(client: httpx.AsyncClient, simulator: RunningSimulator) -> None:
    refused = await client.put(f"{simulator.control}/write-loss", json={"at": "noon"})
    assert (refused.status_code, refused.json()["error"]) == (422, "at is one of: none, before, during, after")


async def test_the_ledger_shows_writes_in_order_and_outlives_a_restart(
    client: httpx.AsyncClient, simulator: RunningSimulator
) -> None:
    for text in ("first", "second"):
        await client.post(f"{simulator.url}/letters", content=text)
    writes = (await client.get(f"{simulator.control}/ledger")).json()["writes"]
    assert [(write["text"], write["code"]) for write in writes] == [("first", "G-1"), ("second", "G-1")]
    assert datetime.fromisoformat(writes[0]["at"]).utcoffset() == timedelta(hours=8)
    again = Ledger(simulator.state.folder / "ledger.jsonl", Clock())
    assert [dict(write) for write in again.writes] == writes


async def test_a_simulator_without_sealing_unseals_nothing(
    client: httpx.AsyncClient, simulator: RunningSimulator
) -> None:
    asked = {"headers": {"X-Time": "1"}, "answer": "e30="}
    opened = await client.post(f"{simulator.control}/unseal", json=asked)
    assert (opened.status_code, opened.content) == (204, b"")
    refused = await client.post(f"{simulator.control}/seal", json=asked | {"inside": "e30="})
    assert (refused.status_code, refused.json()) == (422, {"error": "this system seals no answers"})


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"answer": "e30="}, "headers is an object of texts"),
        ({"headers": {"X-Time": 1}, "answer": "e30="}, "headers is an object of texts"),
        ({"headers": {}}, "answer is in base64"),
        ({"headers": {}, "answer": "{}"}, "answer is in base64"),
        ({"headers": {}, "answer": 3}, "answer is in base64"),
    ],
)
async def test_an_invalid_unseal_request_is_refused_with_the_reason(
    client: httpx.AsyncClient, simulator: RunningSimulator, asked: dict[str, object], why: str
) -> None:
    refused = await client.post(f"{simulator.control}/unseal", json=asked)
    assert (refused.status_code, refused.json()) == (422, {"error": why})


async def test_seal_receives_headers_in_lower_case_and_bytes(
    client: httpx.AsyncClient, simulator: RunningSimulator
) -> None:
    simulator.state.unseal = lambda headers, answer: answer[::-1] + headers["x-time"].encode()
    simulator.state.seal = lambda headers, answer, inside: answer + inside + headers["x-time"].encode()
    asked = {"headers": {"X-Time": "7"}, "answer": "YWL/"}
    opened = await client.post(f"{simulator.control}/unseal", json=asked)
    assert base64.b64decode(opened.json()["inside"]) == b"\xffba7"
    sealed = await client.post(f"{simulator.control}/seal", json=asked | {"inside": "Y2Q="})
    assert base64.b64decode(sealed.json()["answer"]) == b"ab\xffcd7"


def test_a_frozen_clock_stands_still_in_wita(tmp_path: Path) -> None:
    clock = Clock(frozen_at=datetime.fromisoformat("2026-11-23T20:00:00+00:00"))
    assert clock.now() == clock.now()
    assert clock.today().isoformat() == "2026-11-24"
    clock.offset = timedelta(days=-1)
    assert clock.today().isoformat() == "2026-11-23"
    with pytest.raises(ValueError, match="zone"):
        Clock(frozen_at=datetime(2026, 11, 23))  # noqa: DTZ001 - that is what is refused
