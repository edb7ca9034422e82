"""The complaints service's simulator: answers, lists, submissions, the limit a minute, and callbacks."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import httpx
import pytest

from conformance.loopback import LoopbackServer
from simulators.clock import WITA, Clock
from simulators.faults import FaultKind
from simulators.lapor.seed import written
from simulators.lapor.simulator import SIMULATOR, build
from simulators.people import DEMONSTRATION
from simulators.server import RunningSimulator, running
from simulators.spec import SimulatorState

pytestmark = pytest.mark.anyio
RESIDENT = DEMONSTRATION["resident"].nik
NOW = datetime(2026, 11, 23, 23, 40, tzinfo=WITA)
REPORT = (
    '<lapor token="{token}"><pelapor><nik>{nik}</nik></pelapor><laporan rahasia="1" anonim="0">'
    "<isi>Lampu jalan padam di gang [GB-7F3K2Q]</isi><topik>15</topik></laporan></lapor>"
)


@dataclass
class Asking:
    simulator: RunningSimulator
    client: httpx.AsyncClient

    @property
    def token(self) -> str:
        return str(SIMULATOR.settings(None, self.simulator.url, self.simulator.state.folder)["token"])

    async def call(self, service: str, **fields: str) -> httpx.Response:
        url = f"{self.simulator.url}/api/services/f01/{service}"
        return await self.client.post(url, data=fields, headers={"KEYTOKEN": self.token})

    async def submit(self, document: str) -> str:
        url = f"{self.simulator.url}/api/stream/addstream"
        return (await self.client.post(url, content=document, headers={"Content-Type": "text/xml"})).text

    async def put(self, record: dict[str, Any]) -> httpx.Response:
        return await self.client.post(f"{self.simulator.control}/records", json=record)


@asynccontextmanager
async def started(folder: Path, client: httpx.AsyncClient) -> AsyncIterator[Asking]:
    state = SimulatorState(SIMULATOR, None, folder, clock=Clock(frozen_at=NOW), seed=637199)
    async with running(build(None, state), state) as simulator:
        yield Asking(simulator, client)


@pytest.fixture
async def asking(tmp_path: Path, client: httpx.AsyncClient) -> AsyncIterator[Asking]:
    async with started(tmp_path, client) as asking:
        yield asking


async def test_json_is_declared_as_html_and_every_number_is_a_text(asking: Asking) -> None:
    answer = await asking.call("getstreams", page="2", perpage="5")
    assert answer.headers["content-type"] == "text/html; charset=UTF-8"
    page = answer.json()
    assert (page["status"], page["page"], len(page["data"])) == ("1", "2", 5)
    assert page["totalpage"] == str(-(-int(page["total"]) // 5))
    assert all(isinstance(value, str | list) for row in page["data"] for value in row.values())
    topics = (await asking.call("gettopics")).json()
    assert {"id": "13", "parent": "11", "topic_name": "Jalan Rusak"} in topics


async def test_an_unknown_token_is_refused_with_status_200(asking: Asking) -> None:
    answer = await asking.client.post(f"{asking.simulator.url}/api/services/f01/gettopics", headers={"KEYTOKEN": "x"})
    assert (answer.status_code, answer.json()["pesan"]) == (200, "Token tidak dikenal")
    assert "Token tidak dikenal" in await asking.submit(REPORT.format(token="x", nik=RESIDENT))


async def test_times_are_jakarta_plus_one_hour(asking: Asking) -> None:
    tracking = (await asking.put({"kind": "report"})).json()["key"]
    row = (await asking.call("getstream", trackingid=tracking)).json()["data"]
    assert row["tanggal"] == written(NOW) == "2026-11-23 23:40:00"


async def test_secret_and_anonymous_are_independent(asking: Asking) -> None:
    mine = (await asking.call("getmystreams", nik=RESIDENT, perpage="50")).json()["data"]
    assert len(mine) == 11
    assert {row["pelapor"]["nik"] for row in mine} == {RESIDENT}
    secret = next(row for row in mine if row["rahasia"] == "1")
    unknown = next(row for row in mine if row["anonim"] == "1")
    assert (await asking.call("getstream", trackingid=secret["trackingid"])).json()["pesan"] == "Data tidak ditemukan"
    assert "pelapor" not in (await asking.call("getstream", trackingid=unknown["trackingid"])).json()["data"]
    listed, page = [], 1
    while rows := (await asking.call("getstreams", page=str(page), perpage="50")).json()["data"]:
        listed, page = [*listed, *rows], page + 1
    assert {row["rahasia"] for row in listed} == {"0"}
    assert all("pelapor" not in row for row in listed)
    names = {row["trackingid"]: row["nama_pelapor"] for row in listed}
    assert names[unknown["trackingid"]] == "Anonim"
    assert next(row for row in listed if row["anonim"] == "0")["nama_pelapor"] != "Anonim"


async def test_duplicates_are_stored(asking: Asking) -> None:
    for _ in range(2):
        assert "<status>1</status>" in await asking.submit(REPORT.format(token=asking.token, nik=RESIDENT))
    writes = asking.simulator.state.ledger.writes
    assert [write["code"] for write in writes] == ["GB-7F3K2Q"] * 2
    assert writes[0]["key"] != writes[1]["key"]
    found = (await asking.call("getmystreams", nik=RESIDENT, teks="[GB-7F3K2Q]")).json()
    assert found["total"] == "2"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("<nik>", "<nik>9"), "Pelapor belum terdaftar"),
        (("<topik>15", "<topik>99"), "Topik tidak dikenal"),
        (("</topik>", "</topik><kelurahan>Basirih</kelurahan>"), "Kelurahan tidak dikenal"),
        (("Lampu jalan padam di gang", "Lampu"), "Isi laporan terlalu pendek"),
        (("</lapor>", ""), "Format tidak dikenal"),
        (("<lapor", '<!DOCTYPE x [<!ENTITY a "b">]><lapor'), "Format tidak dikenal"),
    ],
)
async def test_refused_submissions(asking: Asking, change: tuple[str, str], why: str) -> None:
    document = REPORT.format(token=asking.token, nik=RESIDENT).replace(*change)
    assert f"<pesan>{why}</pesan>" in await asking.submit(document)
    assert asking.simulator.state.ledger.writes == ()


async def test_over_the_limit_there_are_two_kinds_of_answer(asking: Asking) -> None:
    await asking.put({"kind": "rate", "per_minute": 1})
    answers = [await asking.call("gettopics") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 429, 200, 429]
    assert "Terlalu banyak permintaan" in answers[2].text
    await asking.client.delete(f"{asking.simulator.control}/records/rate")
    assert isinstance((await asking.call("gettopics")).json(), list)


async def test_data_survives_a_restart(asking: Asking) -> None:
    before = (await asking.call("getmystreams", nik=RESIDENT, perpage="50")).json()
    async with started(asking.simulator.state.folder, asking.client) as again:
        assert (await again.call("getmystreams", nik=RESIDENT, perpage="50")).json() == before


@dataclass
class Partner:
    """The partner of call-backs: returns the given answers, and records the requests."""

    answers: list[tuple[int, bytes]]
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in head.splitlines()[1:-1])}
        self.came.append((headers, await reader.readexactly(int(headers["content-length"]))))
        self.arrived.set()
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        await writer.drain()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(120):
            while len(self.came) < count:
                self.arrived.clear()
                await self.arrived.wait()


@asynccontextmanager
async def partner(*answers: tuple[int, bytes]) -> AsyncIterator[Partner]:
    called = Partner(list(answers))
    async with LoopbackServer(called.handle) as server:
        called.port = server.port
        yield called


async def test_a_change_is_called_back_until_it_is_acknowledged(asking: Asking) -> None:
    tracking = (await asking.put({"kind": "report"})).json()["key"]
    good = b'{"status":"1","pesan":"Diterima"}'
    async with partner((500, b""), (200, b'{"status":"0"}'), (200, good)) as called:
        await asking.put({"kind": "callback", "url": f"http://127.0.0.1:{called.port}/x"})
        changed = {
            "kind": "stage",
            "trackingid": tracking,
            "tahap": "Ditanggapi",
            "tanggapan": "Sudah diperbaiki & rapi",
        }
        assert (await asking.put(changed)).status_code == 201
        # The clock stands still: each further attempt falls due only when it is moved.
        async with asyncio.timeout(120):
            while len(called.came) < 3:
                asking.simulator.state.clock.offset += timedelta(minutes=2)
                await asking.put({"kind": "callback", "url": f"http://127.0.0.1:{called.port}/x"})
                await asyncio.sleep(0.05)
        await asyncio.sleep(0.2)
    assert len(called.came) == 3
    assert len({headers["x-lapor-kiriman"] for headers, _ in called.came}) == 1
    assert [headers["x-lapor-percobaan"] for headers, _ in called.came] == ["1", "2", "3"]
    for headers, body in called.came:
        signed = b"\n".join((headers["x-lapor-waktu"].encode(), headers["x-lapor-kiriman"].encode(), body))
        assert headers["x-lapor-tanda"] == hmac.new(asking.token.encode(), signed, hashlib.sha256).hexdigest()
    (data,) = parse_qs(called.came[0][1].decode())["data"]
    report = json.loads(unquote(data))
    assert (report["trackingid"], report["tahap"]) == (tracking, "Ditanggapi")
    assert report["tanggapan"][-1]["isi"] == "Sudah diperbaiki & rapi"
    assert RESIDENT not in json.dumps(report)


async def test_elapse_skips_the_pauses_between_call_backs(asking: Asking) -> None:
    tracking = (await asking.put({"kind": "report"})).json()["key"]
    control = f"{asking.simulator.control}/elapse"

    async def elapse(seconds: float) -> int:
        answer = await asking.client.post(control, json={"seconds": seconds})
        return int(answer.json()["pending"])

    async with partner((500, b""), (200, b'{"status":"1"}')) as called:
        await asking.put({"kind": "callback", "url": f"http://127.0.0.1:{called.port}/x"})
        await asking.put({"kind": "stage", "trackingid": tracking, "tahap": "Selesai"})
        await called.until(1)
        async with asyncio.timeout(20):
            # Longer than any pause, and the clock stands still: nothing but this makes the next attempt due.
            while await elapse(60):  # noqa: ASYNC110 - asking is what makes the time pass
                await asyncio.sleep(0.01)
    assert [headers["x-lapor-percobaan"] for headers, _ in called.came] == ["1", "2"]


async def test_queued_call_backs_survive_a_restart(asking: Asking) -> None:
    tracking = (await asking.put({"kind": "report"})).json()["key"]
    await asking.put({"kind": "callback", "url": "http://127.0.0.1:9/nobody"})
    await asking.put({"kind": "stage", "trackingid": tracking, "tahap": "Selesai"})
    async with (
        partner((200, b'{"status":"1"}')) as called,
        started(asking.simulator.state.folder, asking.client) as again,
    ):
        again.simulator.state.clock.offset = timedelta(hours=1)
        await again.put({"kind": "callback", "url": f"http://127.0.0.1:{called.port}/x"})
        await called.until(1)


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"kind": "letter"},
        {"kind": "callback", "url": "https://example.invalid/"},
        {"kind": "stage", "trackingid": "1"},
        {"kind": "report", "nik": "9999990101700004"},
        {"kind": "rate", "per_minute": True},
    ],
)
async def test_invalid_records_are_refused(asking: Asking, record: dict[str, Any]) -> None:
    answer = await asking.put(record)
    assert answer.status_code == 422
    assert answer.json()["error"]


@pytest.mark.parametrize("kind", [FaultKind.LOGIN, FaultKind.SESSION_EXPIRED, FaultKind.QUOTA, FaultKind.CLOCK_SKEW])
async def test_unsupported_faults_are_refused_with_a_reason(asking: Asking, kind: FaultKind) -> None:
    answer = await asking.client.put(f"{asking.simulator.control}/fault", json={"kind": kind})
    assert answer.status_code == 422
    assert len(answer.json()["error"].split()) > 5
