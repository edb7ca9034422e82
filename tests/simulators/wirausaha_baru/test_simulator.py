"""The drop folder, read by an independent library, and the control API."""

import csv
import shutil
from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import httpx
import pytest
from openpyxl import load_workbook

from simulators.clock import Clock
from simulators.faults import FaultKind
from simulators.people import DEMONSTRATION, population
from simulators.server import RunningSimulator, running
from simulators.spec import SimulatorState
from simulators.wirausaha_baru.agencies import AGENCIES, BY_ID
from simulators.wirausaha_baru.simulator import DROPS, SIMULATOR, build

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=timezone(timedelta(hours=8)))


def open_simulator(folder: Path, seed: int = 637199) -> SimulatorState:
    folder.mkdir(exist_ok=True)
    state = SimulatorState(SIMULATOR, None, folder, clock=Clock(frozen_at=NOW), seed=seed)
    assert build(None, state) is None
    return state


def start_and_end(folder: Path, seed: int = 637199) -> Path:
    open_simulator(folder, seed).closing.close()
    return folder


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return start_and_end(tmp_path_factory.mktemp("seeded"))


@pytest.fixture
async def simulator(tmp_path: Path, seeded: Path) -> AsyncIterator[RunningSimulator]:
    shutil.copytree(seeded, tmp_path, dirs_exist_ok=True)
    state = open_simulator(tmp_path)
    async with running(None, state) as answering:
        yield answering


@pytest.fixture
async def tell(simulator: RunningSimulator) -> AsyncIterator[Any]:
    async with httpx.AsyncClient(base_url=simulator.control, trust_env=False, timeout=120) as client:
        yield client.request


def lines(path: Path) -> list[dict[str, Any]]:
    """The participants of a workbook, by the second row of its header."""
    sheet = load_workbook(path)["PESERTA"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    first = next(number for number, row in enumerate(rows) if row[0] == "NO")
    names = [below or above for above, below in zip(rows[first], rows[first + 1], strict=True)]
    last = next(number for number, row in enumerate(rows) if row[0] == "JUMLAH")
    return [dict(zip(names, row, strict=True)) for row in rows[first + 2 : last]]


def everything(folder: Path) -> dict[str, list[dict[str, Any]]]:
    return {path.name: lines(path) for path in sorted((folder / DROPS).glob("peserta_*.xlsx"))}


def test_the_seed(seeded: Path) -> None:
    lists = everything(seeded)
    rows = [row for found in lists.values() for row in found]
    assert len(lists) == sum(len(agency.years) for agency in AGENCIES) == 18
    assert len(rows) == 600
    numbers = [row["NIK"] for row in rows if isinstance(row["NIK"], int)]
    texts = [row["NIK"] for row in rows if isinstance(row["NIK"], str)]
    assert len(numbers) > 20
    assert all(number % 10 == 0 for number in numbers)
    assert {person.nik for person in population()} >= {text.strip("'").replace(" ", "") for text in texts} - {"-"}
    assert any(isinstance(row["KBLI"], int) and row["KBLI"] < 10_000 for row in rows)
    assert any(isinstance(row["NIB"], int) and row["NIB"] < 10**12 for row in rows)
    assert {"-", "Tidak ada"} & {row["NAMA USAHA"] for row in rows}
    damaged = DEMONSTRATION["resident-damaged"]
    (found,) = [row["NIK"] for row in rows if row["NAMA"] == damaged.name]
    assert found == int(damaged.nik[:15] + "0")


def test_workbooks_look_like_spreadsheets_of_agencies(seeded: Path) -> None:
    book = load_workbook(seeded / DROPS / "peserta_dinas-koperasi_2024.xlsx")
    assert [(sheet.title, sheet.sheet_state) for sheet in book] == [("MASTER", "hidden"), ("PESERTA", "visible")]
    merged = {str(one) for one in book["PESERTA"].merged_cells.ranges}
    assert {"A7:A8", "C7:F7", "H7:K7"} <= merged
    assert any(one.startswith("B") and not one.startswith("B7") for one in merged)


def test_programmes_are_in_each_agencys_dialect(seeded: Path) -> None:
    for agency in AGENCIES:
        content = (seeded / DROPS / f"program_{agency.id}.csv").read_bytes()
        assert content.startswith(b"\xef\xbb\xbf") == (agency.charset == "utf-8-sig")
        text = content.decode(agency.charset)
        assert text.endswith(f"JUMLAH;{len(agency.years)}\r\n")
        rows = list(csv.DictReader(StringIO(text), delimiter=";"))
        assert {row["SKPD"] for row in rows[:-1]} == {agency.name}
        assert {row["URAIAN"] for row in rows[:-1]} == {agency.description}


def test_the_same_seed_gives_the_same_lists_and_another_seed_others(seeded: Path, tmp_path: Path) -> None:
    assert everything(start_and_end(tmp_path / "again")) == everything(seeded)
    assert everything(start_and_end(tmp_path / "other", seed=1)) != everything(seeded)


@pytest.mark.anyio
async def test_added_records_survive_a_restart(simulator: RunningSimulator, tell: Any) -> None:
    record = {
        "kind": "enrolment",
        "agency": "dinas-pppa",
        "year": 2024,
        "name": "Aluh Contoh",
        "nik": "6371990101909999",
    }
    answer = await tell("POST", "/records", json=record)
    assert answer.status_code == 201
    again = start_and_end(simulator.state.folder)
    path = again / DROPS / "peserta_dinas-pppa_2024.xlsx"
    (found,) = [row for row in lines(path) if row["NAMA"] == "Aluh Contoh"]
    assert found["NIK"] == "'6371990101909999"
    assert (await tell("DELETE", f"/records/{answer.json()['key']}")).status_code == 204
    assert "Aluh Contoh" not in [row["NAMA"] for row in lines(path)]
    assert (await tell("DELETE", f"/records/{answer.json()['key']}")).status_code == 404


@pytest.mark.anyio
@pytest.mark.parametrize(
    "record",
    [
        {},
        {"kind": "letter"},
        {"kind": "enrolment", "agency": "dinas-x", "year": 2024, "name": "A"},
        {"kind": "enrolment", "agency": "dinas-sosial", "year": 12, "name": "A"},
        {"kind": "enrolment", "agency": "dinas-sosial", "year": 2024},
        {"kind": "enrolment", "agency": "dinas-sosial", "year": 2024, "name": "A", "kelurahan": "Antah"},
        {"kind": "enrolment", "agency": "dinas-sosial", "year": 2024, "name": "A", "cells": {"UMUR": 4}},
        {"kind": "enrolment", "agency": "dinas-sosial", "year": 2024, "name": "A", "cells": {"NIB": [1]}},
        {"kind": "programme", "agency": "dinas-sosial", "year": 2024, "name": "A", "deadline": "besok"},
        {"kind": "file", "content": "rumour"},
        {"kind": "file", "content": "bomb", "name": "../city.json"},
    ],
)
async def test_invalid_records_are_refused_with_a_reason(tell: Any, record: dict[str, Any]) -> None:
    answer = await tell("POST", "/records", json=record)
    assert answer.status_code == 422
    assert answer.json()["error"]


@pytest.mark.anyio
async def test_faults_on_the_files(simulator: RunningSimulator, tell: Any) -> None:
    drops = simulator.state.folder / DROPS
    before = {path.name: path.read_bytes() for path in drops.iterdir()}

    async def put(kind: str, path: str | None = None) -> None:
        assert (await tell("PUT", "/fault", json={"kind": kind, "path": path})).status_code == 200

    await put("malformed", "peserta_dinas-sosial")
    with pytest.raises(BadZipFile):
        ZipFile(BytesIO((drops / "peserta_dinas-sosial_2019.xlsx").read_bytes()))
    assert (drops / "peserta_dinas-pppa_2024.xlsx").read_bytes() == before["peserta_dinas-pppa_2024.xlsx"]
    await put("html")
    assert all(path.read_bytes().startswith(b"<!DOCTYPE html>") for path in drops.iterdir())
    await put("oversized")
    sizes = {path.suffix: path.stat().st_size for path in drops.iterdir()}
    assert sizes[".xlsx"] > 60_000_000 > sizes[".csv"]
    await put("reset")
    assert not drops.exists()
    await tell("POST", "/records", json={"kind": "programme", "agency": "dinas-sosial", "year": 2026, "name": "Baru"})
    await put("none")
    after = {path.name: path.read_bytes() for path in drops.iterdir()}
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {"program_dinas-sosial.csv"}
    assert before.keys() == after.keys()


@pytest.mark.anyio
async def test_a_restart_ends_a_fault(simulator: RunningSimulator, tell: Any) -> None:
    assert (await tell("PUT", "/fault", json={"kind": "reset"})).status_code == 200
    assert len(everything(start_and_end(simulator.state.folder))) == 18


@pytest.mark.anyio
async def test_unsupported_faults_are_refused_with_a_reason(tell: Any) -> None:
    supported = set((await tell("GET", "/status")).json()["supported_faults"])
    assert supported == {"none", "reset", "malformed", "html", "oversized"}
    for kind in set(FaultKind) - supported:
        answer = await tell("PUT", "/fault", json={"kind": kind})
        assert answer.status_code == 422
        assert "does not apply" in answer.json()["error"]
    for more in ({"times": 2}, {"path": "surat_"}):
        assert (await tell("PUT", "/fault", json={"kind": "html", **more})).status_code == 422
    assert (await tell("GET", "/status")).json()["fault"] == "none"


@pytest.mark.anyio
async def test_defective_files(simulator: RunningSimulator, tell: Any) -> None:
    drops = simulator.state.folder / DROPS
    names = {path.name for path in drops.iterdir()}
    for content, left in (
        ("half-written", ".peserta_dinas-sosial_2019.xlsx.sebagian"),
        ("lock", "~$peserta_dinas-sosial_2019.xlsx"),
    ):
        key = (await tell("POST", "/records", json={"kind": "file", "content": content})).json()["key"]
        assert {path.name for path in drops.iterdir()} - names == {left}
        await tell("DELETE", f"/records/{key}")
        assert {path.name for path in drops.iterdir()} == names
    await tell("POST", "/records", json={"kind": "file", "content": "bomb"})
    bomb = drops / "peserta_dinas-sosial_2019.xlsx"
    assert bomb.stat().st_size < 1_000_000
    assert sum(part.file_size for part in ZipFile(bomb).infolist()) >= 300_000_000


def test_agencies_have_ids_in_kebab_case() -> None:
    assert len(BY_ID) == 7
    assert all(agency.replace("-", "").isalpha() and agency.islower() for agency in BY_ID)
