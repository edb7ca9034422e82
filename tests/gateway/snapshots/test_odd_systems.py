"""Systems with their worst habits behind the whole gateway: each habit ends where the domain says that it should.

Residents see what was good before and are told since when; operators see why. Nothing wrong is taken for an answer.
"""

import asyncio
import importlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.api.dependencies import ApiDependencies
from gateway.app import create_app
from gateway.ground.clock import WITA
from gateway.registry.offices import Office
from gateway.registry.registry import LiveSystem, Registry
from gateway.server.serving import listen, serve
from gateway.settings import Mode, Settings
from simulators.clock import Clock
from simulators.faults import Fault, FaultKind
from simulators.server import RunningSimulator, running
from simulators.spec import SimulatorState
from tests.databases import lay_tables

pytestmark = [pytest.mark.anyio, pytest.mark.sockets]

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Odd:
    """One system behind the gateway."""

    simulator: RunningSimulator
    deps: ApiDependencies
    http: httpx.AsyncClient

    async def renew(self, resource: str) -> bool:
        """Fetch a feed now; whether it came."""
        (feeder,) = [one for one in self.deps.feeds._fetchers if one.key.resource == resource]
        return await self.deps.feeds.renew(feeder)

    async def shown(self, path: str, **asked: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """The items of a list, and the account of its only source."""
        answer = await self.http.get(path, params=asked or {"limit": "200"})
        assert answer.status_code == 200, answer.text
        (source,) = answer.json()["sources"]
        return answer.json()["items"], source

    async def kept(self, path: str, before: list[dict[str, Any]], cause: str) -> dict[str, Any]:
        """Asserts that a list shows what it showed before, and says why it is old; gives its source."""
        items, source = await self.shown(path)
        assert [item["id"] for item in items] == [item["id"] for item in before]
        assert items
        assert (source["state"], source["cause"]) == ("stale", cause)
        return source

    def fault(self, kind: str, path: str | None = None) -> None:
        self.simulator.state.faults.set(Fault(FaultKind(kind), None, path))


@pytest.fixture
async def behind(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Callable[..., Coroutine[Any, Any, Odd]]]:
    """`await behind("atcs")`: its simulator and adapter, the gateway, and an HTTP client of it."""
    async with AsyncExitStack() as stack:

        async def opened(name: str, office: str | None = None) -> Odd:
            adapter, simulator = (importlib.import_module(f"{of}.{name}{end}") for of, end in _modules())
            folder = tmp_path / name
            folder.mkdir()
            state = SimulatorState(simulator.SIMULATOR, office, folder, clock=Clock(), seed=637199)
            answering = await stack.enter_async_context(running(simulator.build(office, state), state))
            given = (
                {"base_url": answering.url} if answering.url.startswith("http") else {"folder": folder / "kotak-masuk"}
            )
            values = adapter.SPEC.settings.model_validate(
                {**given, **dict(simulator.SIMULATOR.settings(office, answering.url, folder))}
            )
            registry = Registry([LiveSystem(adapter.SPEC, (Office(office, None, values),))])
            settings = Settings(mode=Mode.DEMO, home=tmp_path / "home", agencies=ROOT / "config/agencies.toml")
            lay_tables(settings.database)
            app = create_app(settings, registry=registry)
            sock, stop = listen("127.0.0.1", 0), asyncio.Event()
            ready = asyncio.Event()
            serving = asyncio.create_task(serve(app, sock, stop, _setting(ready)))
            stack.push_async_callback(_ended, stop, serving, sock)
            waiting = asyncio.create_task(ready.wait())
            await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            deps: ApiDependencies = app.state.deps
            await deps.feeds.wait_until_tried()
            address = f"http://127.0.0.1:{sock.getsockname()[1]}"
            http = await stack.enter_async_context(httpx.AsyncClient(base_url=address, trust_env=False))
            return Odd(answering, deps, http)

        yield opened


def _modules() -> Iterator[tuple[str, str]]:
    yield "adapters", ""
    yield "simulators", ".simulator"


def _setting(event: asyncio.Event) -> Callable[[], Coroutine[None, None, None]]:
    async def started() -> None:
        event.set()

    return started


async def _ended(stop: asyncio.Event, serving: "asyncio.Task[None]", sock: Any) -> None:
    stop.set()
    await serving
    sock.close()


def codes(item: dict[str, Any]) -> set[tuple[str, str | None]]:
    return {(doubt["code"], doubt.get("field")) for doubt in item["doubts"]}


async def test_a_soap_fault_in_http_200_is_no_empty_list(behind):
    odd = await behind("rtmc")
    before, source = await odd.shown("/v1/traffic/incidents")
    assert source["state"] == "held"
    odd.fault("login")
    assert not await odd.renew("incident")
    await odd.kept("/v1/traffic/incidents", before, "credentials-refused")
    odd.fault("none")
    assert await odd.renew("incident")
    assert (await odd.shown("/v1/traffic/incidents"))[1]["state"] == "held"


async def test_a_quota_text_in_http_200_holds_until_midnight(behind):
    odd = await behind("e_puskesmas", "pekauman")
    before, _ = await odd.shown("/v1/health/facilities")
    odd.fault("quota")
    asked = datetime.now(WITA)
    assert not await odd.renew("facility")
    source = await odd.kept("/v1/health/facilities", before, "quota-spent")
    midnight = datetime.combine(asked.date() + timedelta(days=1), datetime.min.time(), WITA)
    assert datetime.fromisoformat(source["retry_at"]) == midnight


async def test_a_wall_that_turns_empty_without_its_referer_is_not_believed(behind):
    odd = await behind("atcs")
    before, source = await odd.shown("/v1/traffic/cameras")
    assert source["items"] == len(before) > 0
    # The page moved to another address: whoever still names the old one gets [] with status 200.
    (feeder,) = [one for one in odd.deps.feeds._fetchers if one.key.resource == "camera"]
    old = feeder.office.settings.model_copy(update={"referer": "https://dinding.example/lama"})
    feeder.office = replace(feeder.office, settings=old)
    assert not await odd.renew("camera")
    await odd.kept("/v1/traffic/cameras", before, "malformed")


async def test_a_workbook_whose_header_moved_is_refused_whole(behind):
    odd = await behind("wirausaha_baru")
    before, _ = await odd.shown("/v1/enterprises")
    odd.simulator.state.add_record(
        {"kind": "file", "content": "header-moved", "name": "peserta_dinas-sosial_2019.xlsx"}
    )
    assert not await odd.renew("enterprise")
    await odd.kept("/v1/enterprises", before, "malformed")


async def test_departures_after_midnight_are_on_the_next_day(behind):
    odd = await behind("trans_banjarmasin")
    stops, _ = await odd.shown("/v1/transit/stops")
    midnight = datetime.combine(datetime.now(WITA).date() + timedelta(days=1), datetime.min.time(), WITA)
    hour = {"departs_from": midnight.isoformat(), "departs_until": (midnight + timedelta(hours=1)).isoformat()}
    late = []
    for stop in stops:
        found, _ = await odd.shown(f"/v1/transit/stops/{stop['id']}/departures", **hour)
        late += found
    # The boats that the timetable has at 24:10 and 24:30 of the day before.
    assert late
    for one in late:
        departs = datetime.fromisoformat(one["departs_at"])
        assert departs.utcoffset() == timedelta(hours=8)
        assert midnight <= departs < midnight + timedelta(hours=1)
        assert one["service_day"] == (midnight - timedelta(days=1)).date().isoformat()


async def test_a_zero_date_is_absent_and_said(behind):
    odd = await behind("rtmc")
    found, _ = await odd.shown("/v1/traffic/incidents")
    zero = [item for item in found if any(code == "date-zero" for code, _ in codes(item))]
    assert zero
    assert not [item for item in found if "0000" in str(item.get("starts_at")) or "1970" in str(item.get("starts_at"))]
