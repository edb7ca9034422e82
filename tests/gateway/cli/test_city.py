"""`gerbang city …`, over a city that runs."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.city import app
from gateway.demo.city import start_city

pytestmark = pytest.mark.processes

GENEROUS_SECONDS = 60


def _run(home: Path, *arguments: str) -> Result:
    return CliRunner(env={"GERBANG_HOME": str(home)}).invoke(app, list(arguments))


def _refused(home: Path, *arguments: str) -> str:
    result = _run(home, *arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    return result.stderr


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("gerbang")
    command = [sys.executable, "-c", "from gateway.cli.city import app; app()", "up", "--only", "dukcapil,e-puskesmas"]
    environment = os.environ | {"GERBANG_HOME": str(folder)}
    up = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert up.stdout is not None
        assert any("ready" in line for line in up.stdout)
        yield folder
        up.send_signal(signal.SIGTERM)
        assert up.wait(timeout=GENEROUS_SECONDS) == 0
    finally:
        up.kill()
        up.communicate(timeout=GENEROUS_SECONDS)


def _faults(home: Path) -> dict[str, str]:
    rows = json.loads(_run(home, "status", "--json").stdout)
    assert all(set(row) == {"id", "office", "url", "pid", "fault"} for row in rows)
    return {row["office"] or row["id"]: row["fault"] for row in rows}


def test_a_fault_is_put_on_a_system_or_on_one_office(home: Path) -> None:
    well = {"dukcapil": "none", "pekauman": "none", "cempaka": "none", "sungai-jingah": "none"}
    assert _faults(home) == well
    assert _run(home, "fault", "e-puskesmas/pekauman", "hang").exit_code == 0
    assert _faults(home) == {**well, "pekauman": "hang"}
    assert _run(home, "fault", "e-puskesmas", "slow").exit_code == 0
    assert _faults(home) == {**well, "pekauman": "slow", "cempaka": "slow", "sungai-jingah": "slow"}
    assert _run(home, "fault", "e-puskesmas", "none").exit_code == 0
    assert _faults(home) == well
    assert "dukcapil" in _run(home, "status").stdout


def test_what_makes_no_sense_is_told_in_one_sentence(home: Path, tmp_path: Path) -> None:
    assert "No simulator is called e-dinas" in _refused(home, "fault", "e-dinas", "hang")
    assert "No simulator is called dukcapil/pusat" in _refused(home, "fault", "dukcapil/pusat", "hang")
    assert "e-puskesmas has no office kuripan" in _refused(home, "fault", "e-puskesmas/kuripan", "hang")
    assert "unknown fault 'flood'" in _refused(home, "fault", "dukcapil", "flood")
    assert "no login" in _refused(home, "fault", "dukcapil", "login")
    assert "No simulator is called e-dinas" in _refused(home, "ledger", "e-dinas")
    for command in (["status"], ["status", "--json"], ["fault", "dukcapil", "none"], ["ledger"]):
        assert "not running" in _refused(tmp_path, *command)


def test_a_ledger_without_writes_is_an_empty_list(home: Path) -> None:
    assert json.loads(_run(home, "ledger", "dukcapil", "--json").stdout) == []
    assert _run(home, "ledger", "dukcapil").stdout == ""


def test_a_second_city_in_the_same_folder_is_refused(home: Path) -> None:
    again = start_city(home / "city", only="dukcapil")
    assert again.wait(timeout=GENEROUS_SECONDS) == 2
    assert again.stdin is not None
    again.stdin.close()


def test_a_simulator_that_is_gone_is_shown_as_gone(home: Path, tmp_path: Path) -> None:
    listed = json.loads((home / "city" / "city.json").read_text("utf-8"))
    (tmp_path / "city").mkdir()
    gone = {**listed["simulators"][0], "control": "http://127.0.0.1:9"}
    (tmp_path / "city" / "city.json").write_text(json.dumps({"simulators": [gone]}))
    assert _faults(tmp_path) == {"dukcapil": "gone"}
    assert "does not answer" in _refused(tmp_path, "fault", "dukcapil", "hang")
