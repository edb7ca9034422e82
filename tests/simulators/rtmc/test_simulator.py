"""The simulator with an independent client (zeep), and its quirks byte for byte."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import zeep
from lxml.etree import fromstring
from zeep.exceptions import Fault

from simulators.clock import WITA, Clock
from simulators.faults import FaultKind
from simulators.rtmc.hostile import REPLIES
from simulators.rtmc.messages import NAMESPACE, SOAP
from simulators.rtmc.simulator import PARTNER, SIMULATOR, build
from simulators.server import running
from simulators.spec import SimulatorState, secret

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 23, 17, 3, tzinfo=WITA)


@dataclass
class Office:
    """The running simulator."""

    url: str
    control: str
    state: SimulatorState
    client: httpx.AsyncClient

    async def zeep(self, operation: str, *, password: str | None = None, **parameters: Any) -> Any:
        """One call by zeep, made from the WSDL alone."""
        sandi = password or secret(self.state.folder, "password")

        def call() -> Any:
            service = zeep.Client(f"{self.url}/rtmc/layanan?wsdl").service
            return service[operation](**parameters, _soapheaders={"Otentikasi": {"mitra": PARTNER, "sandi": sandi}})

        return await asyncio.to_thread(call)

    async def post(self, body: str, action: str = "CekLayanan") -> httpx.Response:
        headers = {"content-type": "text/xml; charset=utf-8", "soapaction": f'"{NAMESPACE}/{action}"'}
        return await self.client.post(f"{self.url}/rtmc/layanan", content=body.encode(), headers=headers)

    async def put(self, record: dict[str, Any]) -> httpx.Response:
        return await self.client.post(f"{self.control}/records", json=record)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    state = SimulatorState(SIMULATOR, None, tmp_path, clock=Clock(frozen_at=NOW), seed=637199)
    async with (
        running(build(None, state), state) as simulator,
        httpx.AsyncClient(trust_env=False, timeout=120) as client,
    ):
        yield Office(simulator.url, simulator.control, state, client)


def message(body: str, password: str = "") -> str:
    return (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns="{NAMESPACE}"><s:Header><Otentikasi><mitra>{PARTNER}</mitra>'
        f"<sandi>{password}</sandi></Otentikasi></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )


async def test_an_independent_client_can_use_every_operation(office: Office) -> None:
    assert (await office.zeep("CekLayanan")).status == "OK"
    page = await office.zeep("DaftarKejadian", setelah="", jumlah=25)
    assert (page.adaLagi, page.waktuData, len(page.kejadian)) == ("Y", "23/11/2026 17:03", 25)
    rest = await office.zeep("DaftarKejadian", setelah=page.kejadian[-1].idKejadian, jumlah=25)
    assert rest.kejadian[0].idKejadian > page.kejadian[-1].idKejadian
    roads = (await office.zeep("KondisiLalin")).ruas
    assert len(roads) == 32
    assert re.fullmatch(r"\d+,\d", roads[0].kecepatan)


async def test_faults_with_status_200_reach_the_client(office: Office) -> None:
    for refused, code in (
        (office.zeep("CekLayanan", password="wrong"), "401"),
        (office.zeep("DaftarKejadian", setelah="", jumlah=26), "400"),
    ):
        with pytest.raises(Fault) as fault:
            await refused
        assert fault.value.code == "soap:Client"
        assert fault.value.detail.findtext(f".//{{{NAMESPACE}}}kode") == code
    answer = await office.post(message("<CekLayanan/>", "wrong"))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")


@pytest.mark.parametrize(
    ("body", "action", "code"),
    [
        ("", "CekLayanan", "400"),
        ("<CekLayanan/>", "CekLayanan", "400"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]>" + message("<CekLayanan>&b;</CekLayanan>"), "CekLayanan", "400"),
        (message('<x:CekLayanan xmlns:x="urn:other"/>'), "CekLayanan", "400"),
        (message("<CekLayanan/>"), "CekLayanan", "401"),
        (message("<CekLayanan/>", "@"), "KondisiLalin", "404"),
        (message("<HapusKejadian/>", "@"), "HapusKejadian", "404"),
        (message("<DaftarKejadian><jumlah>0</jumlah></DaftarKejadian>", "@"), "DaftarKejadian", "400"),
    ],
)
async def test_refusals(office: Office, body: str, action: str, code: str) -> None:
    answer = await office.post(body.replace("@", secret(office.state.folder, "password")), action)
    assert answer.status_code == 200
    fault = fromstring(answer.content).find(f"{{{SOAP}}}Body/{{{SOAP}}}Fault")
    assert fault is not None
    assert fault.findtext(f".//{{{NAMESPACE}}}kode") == code


async def test_bytes_declaration_and_header_have_different_charsets(office: Office) -> None:
    answer = await office.post(message("<KondisiLalin/>", secret(office.state.folder, "password")), "KondisiLalin")
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert answer.content.startswith(b'<?xml version="1.0" encoding="ISO-8859-1"?>')
    assert b"Km 1\x964" in answer.content


async def _all(office: Office) -> list[Any]:
    found: list[Any] = []
    while not found or found[-1].adaLagi == "Y":
        after = found[-1].kejadian[-1].idKejadian if found else ""
        found.append(await office.zeep("DaftarKejadian", setelah=after, jumlah=25))
    return [incident for page in found for incident in page.kejadian or ()]


async def test_incidents_have_their_quirks_and_are_the_same_again(office: Office) -> None:
    found = await _all(office)
    begun = [row.waktu for row in found]
    assert "00/00/0000 00:00" in begun
    assert any(text.startswith("31/02/") for text in begun)
    assert all(re.fullmatch(r"\d\d/\d\d/\d{4} \d\d:\d\d", text) for text in begun)
    places = [(row.lat, row.lng) for row in found]
    assert ("0", "0") in places
    assert any(row.lat and row.lat.startswith("114.") for row in found)
    assert any(lng is None for _, lng in places)
    assert {row.status for row in found} == {"1", "0"}
    assert {row.waktuSelesai == "00/00/0000 00:00" for row in found if row.status == "1"} == {True}
    assert any("<b>" in row.uraian for row in found)
    assert any("\u00e2\u0080\u0093" in row.lokasi for row in found)  # a dash in UTF-8, encoded twice, read as declared
    assert [row.idKejadian for row in await _all(office)] == [row.idKejadian for row in found]


async def test_a_day_later_there_are_new_incidents_and_the_old_ones_are_over(office: Office) -> None:
    before = await _all(office)
    office.state.clock.offset = timedelta(days=1)
    after = {row.idKejadian: row for row in await _all(office)}
    kept = [row for row in before if row.idKejadian in after]
    assert kept
    assert {after[row.idKejadian].status for row in kept} == {"0"}
    assert any(id_.startswith("20261124-") for id_ in after)


async def test_records_of_the_control_api(office: Office) -> None:
    key = (
        await office.put({"kind": "incident", "fields": {"judul": "Uji", "waktuSelesai": "x", "status": "?"}})
    ).json()["key"]
    last = (await _all(office))[-1]
    assert (last.idKejadian, last.judul, last.waktuSelesai, last.status) == (key, "Uji", "x", "?")
    second = (await office.put({"kind": "incident"})).json()["key"]
    assert second > key
    assert (await office.client.delete(f"{office.control}/records/{key}")).status_code == 204
    assert (await office.client.delete(f"{office.control}/records/{key}")).status_code == 404
    assert (await _all(office))[-1].idKejadian == second
    assert (await office.put({"kind": "road", "code": "R01-A", "fields": {"tingkat": "MACET"}})).status_code == 201
    assert (await office.zeep("KondisiLalin")).ruas[0].tingkat == "MACET"
    assert (await office.client.delete(f"{office.control}/records/R01-A")).status_code == 204
    assert (await office.put({"kind": "slowness", "seconds": 0.3})).status_code == 201
    began = asyncio.get_running_loop().time()
    await office.post("")
    assert asyncio.get_running_loop().time() - began >= 0.3


@pytest.mark.parametrize("kind", REPLIES)
async def test_each_hostile_answer_is_sent_until_it_is_removed(office: Office, kind: str) -> None:
    reply = REPLIES[kind]()
    assert (await office.put({"kind": "answer", "as": kind})).status_code == 201
    answer = await office.post("")
    assert (answer.status_code, answer.content) == (reply.status, reply.body)
    assert (await office.client.delete(f"{office.control}/records/answer")).status_code == 204
    assert (await office.post("")).content != reply.body


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"kind": "letter"},
        {"kind": "incident", "fields": {"shoe": "42"}},
        {"kind": "incident", "fields": {"judul": 7}},
        {"kind": "road", "code": "R99-A"},
        {"kind": "road", "code": ["R01-A"]},
        {"kind": "answer", "as": "nice"},
        {"kind": "answer", "as": ["xml-bomb"]},
        {"kind": "slowness", "seconds": 0},
        {"kind": "slowness", "seconds": True},
    ],
)
async def test_invalid_records_are_refused(office: Office, record: dict[str, Any]) -> None:
    answer = await office.put(record)
    assert answer.status_code == 422
    assert answer.json()["error"]


@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind is not FaultKind.NONE])
async def test_each_fault_is_carried_out_or_refused_with_a_reason(office: Office, kind: FaultKind) -> None:
    answer = await office.client.put(f"{office.control}/fault", json={"kind": kind})
    if kind in {FaultKind.QUOTA, FaultKind.SESSION_EXPIRED, FaultKind.CLOCK_SKEW}:
        assert answer.status_code == 422
        assert len(answer.json()["error"].split()) > 5
    else:
        assert answer.json()["fault"] == kind
