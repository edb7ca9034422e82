"""Every generic fault, over a real socket."""

import asyncio

import httpx
import pytest

from simulators import middleware
from simulators.faults import GENERIC, Fault, FaultKind, FaultRefusedError, FaultState
from simulators.server import RunningSimulator
from tests.simulators.conftest import HANG_SECONDS

pytestmark = pytest.mark.anyio
LETTER = b'{"letter":"received","words":["a","b","c"]}'


async def _put(client: httpx.AsyncClient, simulator: RunningSimulator, kind: str, **more: object) -> None:
    answer = await client.put(f"{simulator.control}/fault", json={"kind": kind, **more})
    assert answer.status_code == 200, answer.text
    assert answer.json()["fault"] == kind


async def _received(client: httpx.AsyncClient, simulator: RunningSimulator, count: int) -> None:
    while (await client.get(f"{simulator.control}/status")).json()["requests"] < count:  # noqa: ASYNC110 - it is counted in the simulator
        await asyncio.sleep(0.01)


async def test_slow_is_late_but_right(client: httpx.AsyncClient, simulator: RunningSimulator) -> None:
    await _put(client, simulator, "slow", seconds=0.3)
    with pytest.raises(httpx.ReadTimeout):
        await client.get(f"{simulator.url}/letters", timeout=httpx.Timeout(HANG_SECONDS, read=0.05))
    answer = await client.get(f"{simulator.url}/letters")
    assert answer.content == LETTER
    assert answer.elapsed.total_seconds() >= 0.3


async def test_slow_requests_are_answered_at_once_when_the_fault_ends(
    client: httpx.AsyncClient, simulator: RunningSimulator
) -> None:
    await _put(client, simulator, "slow", seconds=600, path="/letters")
    asking = [asyncio.create_task(client.get(f"{simulator.url}/letters")) for _ in range(3)]
    await _received(client, simulator, 3)
    assert (await client.get(f"{simulator.url}/other")).content == LETTER
    assert not any(task.done() for task in asking)
    await _put(client, simulator, "none")
    assert [answer.content for answer in await asyncio.gather(*asking)] == [LETTER] * 3
    assert (await client.get(f"{simulator.control}/status")).json()["most_at_once"] == 4
    await client.delete(f"{simulator.control}/received")
    await client.get(f"{simulator.url}/letters")
    assert (await client.get(f"{simulator.control}/status")).json()["most_at_once"] == 1


async def test_hang_never_answers_and_ends_with_the_fault(
    client: httpx.AsyncClient, simulator: RunningSimulator
) -> None:
    await _put(client, simulator, "hang")
    with pytest.raises(httpx.ReadTimeout):
        await client.get(f"{simulator.url}/letters", timeout=httpx.Timeout(HANG_SECONDS, read=0.2))
    await _put(client, simulator, "none")
    assert (await client.get(f"{simulator.url}/letters")).content == LETTER


async def test_drip_is_right_byte_by_byte(
    client: httpx.AsyncClient, simulator: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "DRIP_SECONDS", 0.01)
    await _put(client, simulator, "drip")
    async with client.stream("GET", f"{simulator.url}/letters") as answer:
        chunks = [chunk async for chunk in answer.aiter_raw()]
    assert b"".join(chunks) == LETTER
    assert len(chunks) > len(LETTER) // 2


async def test_reset_breaks_the_connection(client: httpx.AsyncClient, simulator: RunningSimulator) -> None:
    await _put(client, simulator, "reset")
    with pytest.raises(httpx.ReadError):
        await client.get(f"{simulator.url}/letters")


async def test_500_and_html_are_pages(client: httpx.AsyncClient, simulator: RunningSimulator) -> None:
    for kind, status in (("500", 500), ("html", 200)):
        await _put(client, simulator, kind)
        answer = await client.get(f"{simulator.url}/letters")
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.content.startswith(b"<!DOCTYPE html>")


async def test_malformed_is_half_of_the_right_answer(client: httpx.AsyncClient, simulator: RunningSimulator) -> None:
    await _put(client, simulator, "malformed")
    answer = await client.get(f"{simulator.url}/letters")
    assert answer.headers["content-type"] == "application/json"
    assert answer.content == LETTER[: len(LETTER) // 2]


async def test_oversized_is_more_than_sixty_megabytes(client: httpx.AsyncClient, simulator: RunningSimulator) -> None:
    await _put(client, simulator, "oversized", times=2)
    received = 0
    async with client.stream("GET", f"{simulator.url}/letters") as answer:
        assert "content-length" not in answer.headers
        async for chunk in answer.aiter_raw():
            received += len(chunk)
    assert received > 60_000_000
    # The client may stop reading early.
    async with client.stream("GET", f"{simulator.url}/letters") as answer:
        await anext(answer.aiter_raw())
    assert (await client.get(f"{simulator.url}/letters")).content == LETTER


async def test_rate_limited_and_redirect(client: httpx.AsyncClient, simulator: RunningSimulator) -> None:
    await _put(client, simulator, "rate-limited")
    answer = await client.get(f"{simulator.url}/letters")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
    await _put(client, simulator, "redirect")
    answer = await client.get(f"{simulator.url}/letters")
    assert answer.status_code == 302
    assert httpx.URL(answer.headers["location"]).host != "127.0.0.1"


async def test_a_simulators_own_fault_is_left_to_it(client: httpx.AsyncClient, simulator: RunningSimulator) -> None:
    await _put(client, simulator, "login")
    assert (await client.get(f"{simulator.url}/letters")).text == "<form action='/login'>"


async def test_times_and_path_narrow_a_fault(client: httpx.AsyncClient, simulator: RunningSimulator) -> None:
    await _put(client, simulator, "500", times=2, path="/let")
    asked = ["/other", "/letters", "/other", "/letters", "/letters"]
    statuses = [(await client.get(f"{simulator.url}{path}")).status_code for path in asked]
    assert statuses == [200, 500, 200, 500, 200]
    status = (await client.get(f"{simulator.control}/status")).json()
    assert (status["fault"], status["requests"]) == ("none", 5)


@pytest.mark.parametrize(
    ("at", "stored", "loss"),
    [("before", 0, httpx.ReadError), ("after", 1, httpx.ReadError), ("during", 1, httpx.ReadError)],
)
async def test_a_writes_connection_is_lost_once(
    client: httpx.AsyncClient, simulator: RunningSimulator, at: str, stored: int, loss: type[Exception]
) -> None:
    await client.put(f"{simulator.control}/write-loss", json={"at": at})
    assert (await client.get(f"{simulator.url}/letters")).status_code == 200, "reads are left alone"
    with pytest.raises(loss):
        await client.post(f"{simulator.url}/letters", content=b"please")
    ledger = (await client.get(f"{simulator.control}/ledger")).json()["writes"]
    assert len(ledger) == stored
    assert (await client.post(f"{simulator.url}/letters", content=b"again")).status_code == 201


async def test_during_means_in_the_middle_of_the_answer(client: httpx.AsyncClient, simulator: RunningSimulator) -> None:
    await client.put(f"{simulator.control}/write-loss", json={"at": "during"})
    received = bytearray()

    async def read(answer: httpx.Response) -> None:
        async for chunk in answer.aiter_raw():
            received.extend(chunk)

    async with client.stream("POST", f"{simulator.url}/letters", content=b"please") as answer:
        assert answer.status_code == 201
        with pytest.raises(httpx.ReadError):
            await read(answer)
    body = bytes(received)
    assert LETTER.startswith(body)
    assert 0 < len(body) < len(LETTER)


def test_a_refused_change_changes_nothing() -> None:
    state = FaultState(GENERIC, {FaultKind.LOGIN: "there is no login"})
    state.set(Fault(FaultKind.SLOW))
    with pytest.raises(FaultRefusedError, match="there is no login"):
        state.set(Fault(FaultKind.LOGIN))

    def refuse(_fault: Fault) -> None:
        raise FaultRefusedError("not now")

    state.on_change = refuse
    with pytest.raises(FaultRefusedError, match="not now"):
        state.set(Fault())
    assert state.fault.kind is FaultKind.SLOW
