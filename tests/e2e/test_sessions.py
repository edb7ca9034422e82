"""Proof 4: e-kelurahan ends our session under fifty residents at once; nobody notices, and one login is made."""

import asyncio
import sqlite3
import uuid
from collections.abc import Sequence

import httpx
import pytest
from sqlalchemy import select

from gateway.authentication.principals import NIK_SEAL
from gateway.ground.clock import now
from gateway.storage.engine import Database
from gateway.storage.tables.accounts import AccountRow
from tests.e2e.conftest import HANG_SECONDS, Demo, Simulator, eventually

RESIDENTS = 50
SLOTS = 8


def applicants(demo: Demo) -> dict[str, int]:
    """How many applications e-kelurahan has for each of fifty residents, by their NIK."""
    path = demo.home / "city" / "simulators" / "e-kelurahan" / "e-kelurahan.sqlite3"
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        rows = database.execute(
            "select nik, count(*) from permohonan where length(nik) = 16 group by nik order by nik limit 500"
        ).fetchall()
    finally:
        database.close()
    return dict(rows[:: len(rows) // RESIDENTS][:RESIDENTS])


async def give_accounts(demo: Demo, niks: Sequence[str], prefix: str = "uji") -> list[str]:
    """An account for each of these residents, as registration would make it, unless there is one; the account names."""
    database, sealer = Database(demo.settings.database), demo.sealer
    names = []
    try:
        async with database.session() as session:
            rows = await session.execute(select(AccountRow.nik_fingerprint, AccountRow.username))
            known = {row.nik_fingerprint: row.username for row in rows}
            for number, nik in enumerate(niks):
                fingerprint = sealer.fingerprint(NIK_SEAL, nik)
                names.append(known.get(fingerprint) or f"{prefix}-{number:02d}")
                if fingerprint in known:
                    continue
                account = AccountRow(
                    id=str(uuid.uuid4()),
                    username=names[-1],
                    password_hash="",
                    display_name="Warga Uji",
                    nik_sealed=sealer.seal(NIK_SEAL, nik.encode()),
                    nik_fingerprint=fingerprint,
                    roles=["resident"],
                    locale="id",
                    created_at=now(),
                )
                session.add(account)
    finally:
        await database.aclose()
    return names


@pytest.fixture(scope="module")
def residents(demo: Demo) -> list[tuple[str, int]]:
    """A token for each of fifty residents, and how many applications each has."""
    known = {nik: count for nik, count in applicants(demo).items() if demo.sealer.fingerprint(NIK_SEAL, nik)}
    assert len(known) == RESIDENTS
    names = asyncio.run(give_accounts(demo, list(known)))
    return list(zip(demo.mint(names), known.values(), strict=True))


@pytest.fixture
def simulator(demo: Demo) -> Simulator:
    demo.whole()
    return demo.simulators()["e-kelurahan"]


async def ask(client: httpx.AsyncClient, token: str, wait: int = 60) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}", "Prefer": f"wait={wait}"}
    return await client.get("/v1/me/applications?limit=200", headers=headers)


def client_of(demo: Demo) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=2 * RESIDENTS, max_keepalive_connections=2 * RESIDENTS)
    return httpx.AsyncClient(base_url=demo.url, timeout=HANG_SECONDS, trust_env=False, limits=limits)


def check(response: httpx.Response, count: int) -> list[str]:
    """A good answer, with all that this resident has; the ids."""
    assert response.status_code == 200, response.text
    answer = response.json()
    assert answer["complete"] is True
    assert [source["state"] for source in answer["sources"]] == ["fresh"]
    assert len(answer["items"]) == count
    return [item["id"] for item in answer["items"]]


@pytest.mark.anyio
async def test_fifty_residents_meet_an_ended_session_and_one_login_is_made(
    demo: Demo, simulator: Simulator, residents: list[tuple[str, int]]
) -> None:
    before = simulator.status()["logins"]
    assert simulator.status()["sessions"] == 1
    assert simulator.fault("session-expired").status_code == 200
    assert simulator.status()["sessions"] == 0
    async with client_of(demo) as client:
        answers = await asyncio.gather(*(ask(client, token) for token, _ in residents))
    assert simulator.status()["logins"] == before + 1
    ids = [one for answer, (_, count) in zip(answers, residents, strict=True) for one in check(answer, count)]
    assert len(set(ids)) == len(ids), "two residents were shown the same application"
    assert simulator.fault("none").status_code == 200


@pytest.mark.anyio
async def test_a_session_that_ends_in_the_middle_costs_one_login_too(
    demo: Demo, simulator: Simulator, residents: list[tuple[str, int]]
) -> None:
    before = simulator.status()["logins"]
    first = asyncio.Event()

    async def ask_three_times(client: httpx.AsyncClient, token: str, count: int) -> None:
        for _ in range(3):
            check(await ask(client, token), count)
            first.set()

    async with client_of(demo) as client, asyncio.TaskGroup() as asking:
        for token, count in residents:
            asking.create_task(ask_three_times(client, token, count))
        await first.wait()
        assert (await asyncio.to_thread(simulator.fault, "session-expired")).status_code == 200
    assert simulator.status()["logins"] == before + 1
    assert simulator.fault("none").status_code == 200


@pytest.mark.anyio
async def test_what_exceeds_the_slots_waits_within_its_deadline(
    demo: Demo, simulator: Simulator, residents: list[tuple[str, int]]
) -> None:
    """The system refuses a ninth request at a time, so that twenty good answers have sat down in turn."""
    asking = residents[:20]
    before = simulator.status()
    simulator.clear_received()
    assert simulator.fault("slow", path="/permohonan/cari", seconds=HANG_SECONDS).status_code == 200
    try:
        async with client_of(demo) as client, asyncio.TaskGroup() as group:
            answers = [group.create_task(ask(client, token)) for token, _ in asking]
            # Eight are held back by the system; the others wait in the gateway until those are answered.
            await asyncio.to_thread(
                eventually, simulator.status, lambda now: now["requests"] - before["requests"] == SLOTS
            )
            assert simulator.fault("none").status_code == 200
    finally:
        simulator.fault("none")
    for answer, (_, count) in zip(answers, asking, strict=True):
        check(answer.result(), count)
    after = simulator.status()
    assert after["most_at_once"] == SLOTS
    assert after["requests"] - before["requests"] == len(asking), "a request was refused, and sent again"
    assert after["logins"] == before["logins"]
