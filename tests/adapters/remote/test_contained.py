"""Beside a well-behaved one, a remote adapter that misbehaves is one failed source, with its cause."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.remote import spec_of
from adapters.remote.settings import Settings as OfficeSettings
from gateway.api.dependencies import ApiDependencies
from gateway.app import create_app
from gateway.federation.combined_answer import CombinedAnswer
from gateway.ground.deadline import Deadline
from gateway.policy.narrowing import narrow_own
from gateway.policy.principal import Principal, Role
from gateway.registry.offices import Office
from gateway.registry.registry import LiveSystem, Registry
from gateway.settings import Mode, load_settings
from schemas.bill import BILL, Bill, BillQuery
from schemas.envelope import Cause, SourceState
from tests.adapters.remote.conftest import GRANTED, KEY_ID, NIK, SECRET, Rogue, bill, granted, serving

pytestmark = pytest.mark.anyio

RESIDENT = Principal(
    account_id="a",
    subject="s",
    client_id="c",
    roles=frozenset({Role.RESIDENT}),
    scopes=frozenset({"bills.read"}),
    acr=1,
    auth_time=datetime.now(UTC),
    token_id="t",
    nik=NIK,
)


@pytest.fixture
def good(tmp_path: Path) -> Iterator[Rogue]:
    (tmp_path / "good").mkdir()
    with serving(Rogue(tmp_path / "good")) as running:
        running.answers(bill(2026), bill(2025))
        yield running


def _live(system: str, rogue: Rogue) -> LiveSystem:
    only_bills = granted(reads=GRANTED["reads"][:1], writes=[])
    settings = OfficeSettings.model_validate({"base_url": rogue.url, "keyid": KEY_ID, "secret": SECRET})
    return LiveSystem(spec_of(system, only_bills), (Office(None, None, settings),))


@pytest.fixture
async def deps(tmp_path: Path, good: Rogue, rogue: Rogue) -> Any:
    registry = Registry([_live("baik", good), _live("nakal", rogue)])
    settings = load_settings(mode=Mode.DEMO, home=tmp_path, port=8000)
    made: ApiDependencies = create_app(settings, registry=registry).state.deps
    yield made
    await made.upstreams.aclose()
    await made.database.aclose()


async def ask(deps: ApiDependencies, within: float = 3.0) -> CombinedAnswer[Bill]:
    asked = narrow_own(RESIDENT, BILL, BillQuery())
    return await deps.federation.ask(asked, Deadline.after(timedelta(seconds=within)))


def _lying() -> list[Any]:
    return [
        bill(2024, period={"start": 2024}),
        bill(2023, agama="x"),
        {"bad": "no-owner"},
        7,
        bill(2022, nik="6371992311850027"),
    ]


def years(gathered: CombinedAnswer[Bill]) -> list[int]:
    """The tax years of an answer, in its order."""
    periods = [record.body.period for record in gathered.records]
    return [int(period.start) for period in periods if period and period.start]


async def test_both_answer(deps: ApiDependencies, rogue: Rogue) -> None:
    rogue.answers(bill(2024))
    gathered = await ask(deps)
    assert years(gathered) == [2026, 2025, 2024]
    assert [source.state for source in gathered.sources] == [SourceState.FRESH] * 2


async def test_lies_cost_records_and_nothing_else(deps: ApiDependencies, rogue: Rogue) -> None:
    rogue.answers(*_lying(), bill(2021))
    gathered = await ask(deps)
    assert years(gathered) == [2026, 2025, 2021]
    well, lying = gathered.sources
    assert (well.state, well.set_aside or 0) == (SourceState.FRESH, 0)
    assert (lying.state, lying.set_aside) == (SourceState.FRESH, 5)


async def test_pages_without_end_are_too_many(deps: ApiDependencies, rogue: Rogue) -> None:
    def endless(message: dict[str, Any]) -> dict[str, Any]:
        page = int(message["mark"] or 0)
        return {"items": [{**bill(), "key": f"{page}-{place}"} for place in range(30)], "next": str(page + 1)}

    rogue.routes["POST", "/reads/bill/ask"] = endless
    gathered = await ask(deps)
    assert years(gathered) == [2026, 2025]
    assert gathered.sources[1].state is SourceState.FAILED
    assert gathered.sources[1].cause is Cause.TOO_MANY
    assert len(rogue.asked) < 50


MISBEHAVIOUR: dict[str, tuple[Any, Cause]] = {
    "unsigned": (lambda _q, a: replace(a, headers={}), Cause.MALFORMED),
    "oversized": (lambda _q, a: replace(a, content=b" " * 300_000), Cause.MALFORMED),
    "unavailable": (lambda _q, a: replace(a, status=503), Cause.UNAVAILABLE),
    "not known": (lambda _q, a: replace(a, status=401), Cause.CREDENTIALS_REFUSED),
    "no JSON": (lambda _q, a: replace(a, content=b"{"), Cause.MALFORMED),
}


@pytest.mark.parametrize("how", MISBEHAVIOUR)
async def test_what_it_does_is_its_own_failure(deps: ApiDependencies, rogue: Rogue, how: str) -> None:
    rogue.answers(bill(2024))
    spoil, cause = MISBEHAVIOUR[how]
    rogue.spoil = spoil
    gathered = await ask(deps)
    assert years(gathered) == [2026, 2025]
    well, ill = gathered.sources
    assert well.state is SourceState.FRESH
    assert (ill.system, ill.state, ill.cause) == ("nakal", SourceState.FAILED, cause)


async def test_an_old_answer_is_its_own_failure(deps: ApiDependencies, rogue: Rogue) -> None:
    kept: list[Any] = []
    rogue.answers(bill(2024))
    rogue.spoil = lambda _question, answer: kept.append(answer) or kept[0]
    assert len((await ask(deps)).records) == 3
    gathered = await ask(deps)
    assert years(gathered) == [2026, 2025]
    assert gathered.sources[1].cause is Cause.MALFORMED


async def test_a_hanging_one(deps: ApiDependencies, rogue: Rogue, good: Rogue) -> None:
    def hang(_question: Any, answer: Any) -> Any:
        time.sleep(1.2)
        return answer

    rogue.spoil = hang
    gathered = await ask(deps, within=0.6)
    assert (gathered.sources[1].state, gathered.sources[1].cause) == (SourceState.FAILED, Cause.TIMEOUT)
    assert len(gathered.records) == 2
    assert good.asked
