"""`gerbang adapter record` over running simulators of every transport: golden pairs, and nobody of the city in them."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile, is_zipfile

import httpx
import pytest
import typer
from typer.testing import CliRunner, Result

from conformance.__main__ import adapter_of
from conformance.check_context import Adapter, CheckContext
from conformance.golden import pairs
from gateway.adapter_tools.recorder.replacer import Replacer
from gateway.cli import adapter as cli_adapter
from gateway.ground.errors import GerbangError
from simulators.people import DEMONSTRATION

pytestmark = [pytest.mark.processes, pytest.mark.sockets, pytest.mark.xdist_group("recording")]
SYSTEMS = ("dukcapil", "konsultasi-publik", "pbb", "rtmc", "wirausaha-baru")
RESIDENT = DEMONSTRATION["resident"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("home")
    command = [sys.executable, "-m", "simulators.city", "--home", str(folder / "city"), "--only", ",".join(SYSTEMS)]
    with subprocess.Popen([*command, "--until-input-closes"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as city:
        assert city.stdin is not None
        assert city.stdout is not None
        assert any(b"siap" in line for line in city.stdout)
        yield folder
        city.stdin.close()


@pytest.fixture
def record(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("GERBANG_HOME", str(home))
    app = typer.Typer()
    app.add_typer(cli_adapter.app, name="adapter")

    def run(*words: str, nik: str = RESIDENT.nik) -> Result:
        return CliRunner().invoke(app, ["adapter", "record", *words, "--into", str(tmp_path / "new")], input=f"{nik}\n")

    return run


def texts(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file() and is_zipfile(path):
            with ZipFile(BytesIO(path.read_bytes())) as archive:
                yield from (archive.read(name).decode("utf-8") for name in archive.namelist())
        elif path.is_file():
            yield path.read_text("utf-8")


def traces(text: str) -> list[str]:
    """What of the resident stands in a text."""
    words = [
        word
        for word in re.findall(r"\w{4,}", f"{RESIDENT.name} {RESIDENT.mother_name}")
        if word.casefold() in text.casefold()
    ]
    digits = re.sub(r"[ .\-/()']", "", text)
    numbers = (RESIDENT.nik[:-1], RESIDENT.kk, RESIDENT.phone[1:], RESIDENT.insurance_card, RESIDENT.street)
    born: date = RESIDENT.birth_date
    days = (f"{born:%Y-%m-%d}", f"{born:%d-%m-%Y}", f"{born:%d/%m/%Y}", f"{born.day} Februari {born.year}")
    return words + [number for number in numbers if number in digits] + [day for day in days if day in text]


@pytest.mark.parametrize(
    ("system", "resource", "ending"),
    [
        ("dukcapil", "resident", "json"),
        ("konsultasi-publik", "consultation", "json"),
        ("pbb", "bill", "json"),
        ("rtmc", "incident", "xml"),
        ("wirausaha-baru", "enrolment", "xlsx"),
        ("wirausaha-baru", "programme", "csv"),
    ],
)
@pytest.mark.processes
def test_fixtures_of_a_running_system(
    record: Callable[..., Result], tmp_path: Path, home: Path, system: str, resource: str, ending: str
) -> None:
    listed = json.loads((home / "city" / "city.json").read_text("utf-8"))["simulators"]
    control = next(simulator["control"] for simulator in listed if simulator["id"] == system)
    if system == "rtmc":
        said = f"Laka {RESIDENT.name}, NIK {RESIDENT.nik}, telp {RESIDENT.phone}"
        planted = {"kind": "incident", "fields": {"jenis": "LAKA", "judul": said, "uraian": f"<p>{said}</p>"}}
        assert httpx.post(f"{control}/records", json=planted, trust_env=False).status_code == 201
    result = record(system, "--resource", resource, "--case", "nyata")
    assert result.exit_code == 0, result.output
    new = tmp_path / "new"
    assert [found for text in texts(new) for found in traces(text)] == []
    assert any(path.suffix == f".{ending}" for path in (new / "answers").iterdir())
    found = sorted(new.glob(f"{resource}-nyata-*.in.json"))
    assert 0 < len(found) <= 5
    conforming(system, new)
    assert RESIDENT.nik not in result.output


def conforming(system: str, folder: Path) -> None:
    """The conformance suite takes the pairs as golden ones: all that it may miss is other resources."""
    known = adapter_of(system, None)
    rows = [row for row in known.spec.reads if list(folder.glob(f"{row.resource.name}-*.in.json"))]
    spec = replace(known.spec, reads=tuple(rows), writes=())
    assert pairs(CheckContext(Adapter(spec, known.package, folder, remote=known.remote), folder))


def refusal(result: Result) -> str:
    assert isinstance(result.exception, GerbangError)
    return str(result.exception)


def test_nothing_is_ever_written_over(record: Callable[..., Result], tmp_path: Path) -> None:
    assert record("dukcapil").exit_code == 0
    before = {path: path.read_bytes() for path in (tmp_path / "new").rglob("*.json")}
    assert "choose another --case" in refusal(record("dukcapil"))
    assert {path: path.read_bytes() for path in (tmp_path / "new").rglob("*.json")} == before


def test_what_cannot_be_recorded_is_one_sentence(record: Callable[..., Result], tmp_path: Path) -> None:
    assert "There is no live system nobody" in refusal(record("nobody"))
    assert "Name the resource" in refusal(record("wirausaha-baru"))
    assert "Name the resource" in refusal(record("dukcapil", "--resource", "bill"))
    assert "Name the office" in refusal(record("dukcapil", "--office", "elsewhere"))
    assert not (tmp_path / "new").exists()


def test_of_somebody_unknown_the_answer_is_kept_and_no_record(record: Callable[..., Result], tmp_path: Path) -> None:
    assert record("dukcapil", nik="6371994101900010").exit_code == 0
    assert not list((tmp_path / "new").glob("*.json"))
    (answer,) = (tmp_path / "new" / "answers").iterdir()
    assert "Tidak Ditemukan" in answer.read_text("utf-8")


def test_the_last_look_stops_everything(record: Callable[..., Result], tmp_path: Path, monkeypatch: Any) -> None:
    """Were the replaced texts not the saved ones, nothing would be saved."""
    replace = Replacer.text
    monkeypatch.setattr(Replacer, "text", lambda self, text, column="": (replace(self, text, column), text)[1])
    assert "Nothing was saved" in refusal(record("dukcapil"))
    assert not (tmp_path / "new").exists()
