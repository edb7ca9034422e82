"""The simulator of e-kelurahan follows its interface description, quirks included."""

import asyncio
import json
import re
import shutil
from collections import Counter
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from simulators.clock import WITA, Clock
from simulators.e_kelurahan.application import PAGE, SLOTS
from simulators.e_kelurahan.sessions import ACCOUNT, LIFETIME
from simulators.e_kelurahan.simulator import SIMULATOR, build
from simulators.e_kelurahan.store import Store
from simulators.people import DEMONSTRATION
from simulators.server import running
from simulators.spec import SimulatorState

pytestmark = pytest.mark.anyio

AJAX = {"X-Requested-With": "XMLHttpRequest"}
MANTUIL = {"kelurahan": "Mantuil", "kecamatan": "Banjarmasin Selatan"}
RESIDENT = DEMONSTRATION["resident"].nik
FORM = {"nik": RESIDENT, "kode": "DOM", "kelurahan": "Mantuil|Banjarmasin Selatan", "keperluan": "Melamar [GB-7F3K2Q]"}


def state_in(folder: Path, **clock) -> SimulatorState:
    return SimulatorState(SIMULATOR, None, folder, clock=Clock(**clock), seed=637199)


@asynccontextmanager
async def browser(simulator):
    async with httpx.AsyncClient(base_url=simulator.url, trust_env=False) as client:
        yield client


def data(answer):
    """Return the JSON of an AJAX answer in windows-1252."""
    return json.loads(answer.content.decode("cp1252"))


async def token(client, path="/login"):
    return re.search(r'csrf_test_name" value="(\w+)"', (await client.get(path)).text)[1]


async def log_in(client, simulator, password=None):
    known = SIMULATOR.settings(None, simulator.url, simulator.state.folder)["password"]
    fields = {"csrf_test_name": await token(client), "identity": ACCOUNT, "password": password or known}
    return await client.post("/login", data=fields)


@pytest.fixture(scope="session")
def register(tmp_path_factory):
    """The folder of a simulator that was started once, as a template for copies."""
    folder = tmp_path_factory.mktemp("register")
    build(None, state_in(folder))
    return folder


@pytest.fixture
async def simulator(tmp_path, register):
    shutil.copytree(register, tmp_path, dirs_exist_ok=True)
    state = state_in(tmp_path)
    async with running(build(None, state), state) as answering:
        yield answering


async def test_without_a_session_there_is_only_the_login_page(simulator):
    async with browser(simulator) as client:
        page = await client.get("/permohonan")
        assert (page.status_code, page.headers["location"]) == (303, "/login")
        for answer in (
            await client.get("/permohonan", headers=AJAX),
            await client.post("/permohonan/cari", data={"nik": RESIDENT}),
        ):
            assert answer.status_code == 200
            assert 'action="/login"' in answer.text
        assert (await client.get("/layanan", headers=AJAX)).json()["data"]


async def test_a_new_login_ends_the_session_before_it(simulator):
    async with browser(simulator) as first, browser(simulator) as second:
        assert (await log_in(first, simulator)).headers["location"] == "/beranda"
        assert (await first.get("/beranda")).status_code == 200
        await log_in(second, simulator)
        assert (await first.get("/beranda")).status_code == 303
        assert (await second.get("/beranda")).status_code == 200
        status = (await first.get(f"{simulator.control}/status")).json()
        assert (status["logins"], status["sessions"]) == (2, 1)


async def test_an_idle_session_ends(simulator):
    async with browser(simulator) as client:
        await log_in(client, simulator)
        simulator.state.clock.offset = LIFETIME + timedelta(minutes=1)
        assert (await client.get("/beranda")).status_code == 303


async def test_login_requires_the_csrf_token_and_locks_after_wrong_passwords(simulator):
    async with browser(simulator) as client:
        fields = {"csrf_test_name": "0", "identity": ACCOUNT, "password": "x"}
        assert (await client.post("/login", data=fields)).status_code == 403
        for _ in range(5):
            refused = await log_in(client, simulator, "salah")
            assert refused.status_code == 200
        assert "terkunci" in (await log_in(client, simulator)).text
        simulator.state.clock.offset = timedelta(minutes=6)
        assert (await log_in(client, simulator)).status_code == 303


async def test_the_same_address_answers_a_page_or_data(simulator):
    async with browser(simulator) as client:
        await log_in(client, simulator)
        page = await client.get("/permohonan", params=MANTUIL)
        table = data(await client.get("/permohonan", params=MANTUIL, headers=AJAX))
        assert page.text.startswith("<!DOCTYPE html>")
        assert int(table["recordsTotal"]) >= 40
        assert {type(value) for row in table["data"] for value in row.values()} == {str}


async def test_a_page_past_the_end_repeats_the_last(simulator):
    async with browser(simulator) as client:
        await log_in(client, simulator)

        async def rows(start):
            asked = {**MANTUIL, "start": start, "length": 10}
            return data(await client.get("/permohonan", params=asked, headers=AJAX))["data"]

        total = int(data(await client.get("/permohonan", params=MANTUIL, headers=AJAX))["recordsTotal"])
        assert await rows(10_000) == await rows((total - 1) // 10 * 10) != []
        all_of_it = await client.get("/permohonan", params={**MANTUIL, "length": 5000}, headers=AJAX)
        assert len(data(all_of_it)["data"]) == PAGE


async def test_slots_are_limited(simulator):
    async with browser(simulator) as client:
        answers = await asyncio.gather(*(client.get("/layanan") for _ in range(SLOTS * 5)))
    counted = Counter(answer.status_code for answer in answers)
    assert counted[503]
    assert counted[200] >= SLOTS
    assert "Server sibuk" in next(answer.text for answer in answers if answer.status_code == 503)


async def test_the_form_stores_duplicates(simulator):
    async with browser(simulator) as client:
        await log_in(client, simulator)
        assert (await client.post("/permohonan/simpan", data=FORM)).status_code == 403
        assert simulator.state.ledger.writes == ()
        fields = {**FORM, "csrf_test_name": await token(client, "/permohonan/baru")}
        places = [(await client.post("/permohonan/simpan", data=fields)).headers["location"] for _ in range(2)]
        assert len(set(places)) == 2
        assert [write["code"] for write in simulator.state.ledger.writes] == ["GB-7F3K2Q"] * 2
        found = await client.post("/permohonan/cari", data={"teks": "[GB-7F3K2Q]"}, headers=AJAX)
        assert {f"/permohonan/{row['tabel']}/{row['id']}" for row in data(found)["data"]} == set(places)
        for changed in ({"nik": "1"}, {"kode": "PERGI"}, {"kelurahan": "Mantuil|Banjarmasin Utara"}, {"keperluan": ""}):
            refused = await client.post("/permohonan/simpan", data={**fields, **changed})
            assert refused.status_code == 200
            assert "alert-danger" in refused.text
        assert len(simulator.state.ledger.writes) == 2


async def test_bytes_are_windows_1252_and_some_were_encoded_twice(simulator):
    async with browser(simulator) as client:
        await log_in(client, simulator)
        raw = b""
        for start in range(0, 1000, PAGE):
            raw += (await client.get("/permohonan", params={"start": start, "length": PAGE}, headers=AJAX)).content
    assert re.search(rb'"nama":"[ -~]*[\xe9\xef]', raw)
    assert re.search(rb'"nama":"[ -~]*\xc3[\xa9\xaf]', raw)


async def test_editing_a_resident_moves_the_date_of_birth(simulator):
    async with browser(simulator) as client:
        await log_in(client, simulator)

        async def births():
            found = data(await client.post("/permohonan/cari", data={"nik": RESIDENT}, headers=AJAX))["data"]
            return {row["tanggal_lahir"] for row in found}

        assert await births() == {"1990-02-05 00:00:00"}
        simulator.state.add_record({"kind": "sunting-penduduk", "nik": RESIDENT})
        (moved,) = await births()
        assert moved.startswith(f"{simulator.state.clock.today()}")


async def test_a_missing_record_is_reported_with_status_200(simulator):
    async with browser(simulator) as client:
        await log_in(client, simulator)
        for path in ("/permohonan/surat/9999", "/permohonan/penduduk/0001", "/berkas/999999"):
            answer = await client.get(path)
            assert answer.status_code == 200
            assert "tidak ditemukan." in answer.text


def test_the_same_seed_and_clock_give_the_same_register(tmp_path):
    at = datetime(2026, 11, 23, 9, 0, tzinfo=WITA)
    registers = []
    for name in ("one", "other"):
        folder = tmp_path / name
        folder.mkdir()
        build(None, state_in(folder, frozen_at=at))
        registers.append(Store(folder / "e-kelurahan.sqlite3").applications({}, 0, 10_000))
    assert registers[0] == registers[1]
    total, rows = registers[0]
    assert total >= 3000
    assert Counter(row["kelurahan"] for row in rows).most_common()[-1][1] >= 40
    ids = Counter(row["id"] for row in rows)
    assert max(ids.values()) == 3
    assert {"0000-00-00 00:00:00"} < {row["tanggal"] for row in rows}
    assert {row["nik"][:6] for row in rows} == {"637199", "-"}
    assert max(row["tanggal"] for row in rows) < f"{at:%Y-%m-%d %H:%M:%S}"


async def test_stored_data_survives_a_restart(tmp_path):
    before = state_in(tmp_path)
    build(None, before)
    key = before.add_record({"kind": "permohonan", "tahap": "siap"})
    after = state_in(tmp_path)
    build(None, after)
    assert after.withdraw_record(key)
    assert not after.withdraw_record(key)
