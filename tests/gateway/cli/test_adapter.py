"""`gerbang adapter check`: what the suite prints is shown, and its exit code is the command's."""

import json

import pytest
import typer
from typer.testing import CliRunner

from gateway.cli import adapter as cli_adapter

pytestmark = pytest.mark.processes


@pytest.fixture
def command():
    app = typer.Typer()
    app.add_typer(cli_adapter.app, name="adapter")
    return lambda *words: CliRunner().invoke(app, ["adapter", *words])


def test_a_check_prints_the_report_and_leaves_it_for_the_gateway(command, monkeypatch, tmp_path, capfd):
    monkeypatch.setenv("GERBANG_HOME", str(tmp_path))
    result = command("check", "dukcapil", "--json", "--damages", "1")
    printed = capfd.readouterr()
    assert (result.exit_code, printed.err) == (0, "")
    report = json.loads(printed.out)
    assert report["system"] == "dukcapil"
    assert report["level"] == "silver"
    assert json.loads((tmp_path / "conformance" / "dukcapil.json").read_text("utf-8")) == report


def test_an_unknown_adapter_is_one_sentence_and_exit_code_two(command, monkeypatch, tmp_path, capfd):
    monkeypatch.setenv("GERBANG_HOME", str(tmp_path))
    result = command("check", "no-such-system")
    printed = capfd.readouterr()
    assert result.exit_code == 2
    assert printed.out == ""
    assert printed.err.startswith("There is no adapter no-such-system; there are: ")
    assert printed.err.count("\n") == 1


def test_without_golden_pairs_no_level_is_earned(command, monkeypatch, tmp_path, capfd):
    monkeypatch.setenv("GERBANG_HOME", str(tmp_path))
    (tmp_path / "pairs").mkdir()
    result = command("check", "dukcapil", "--json", "--damages", "1", "--fixtures", str(tmp_path / "pairs"))
    report = json.loads(capfd.readouterr().out)
    assert result.exit_code == 1
    assert report["level"] is None
    assert {rule["id"] for rule in report["rules"] if rule["result"] == "failed"} == {"golden"}
