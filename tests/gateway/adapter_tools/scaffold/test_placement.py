"""A new system is made whole or not at all, and what may not be made is refused in one sentence."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from gateway import cli
from gateway.adapter_tools.scaffold import placement as placing
from gateway.adapter_tools.scaffold.new_system import LONGEST_ID, LONGEST_TITLE, AccessMethod, ScaffoldError, new_system
from gateway.adapter_tools.scaffold.placement import REGISTRY, make
from gateway.cli import adapter as cli_adapter
from gateway.registry.system_files import read_systems


def everything(tree: Path) -> dict[Path, bytes]:
    return {path.relative_to(tree): path.read_bytes() for path in tree.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("system_id", "said"),
    [
        ("", "An id is kebab-case"),
        ("Air-Minum", "An id is kebab-case"),
        ("air_minum", "An id is kebab-case"),
        ("air--minum", "An id is kebab-case"),
        ("-air", "An id is kebab-case"),
        ("2air", "An id is kebab-case"),
        ("air/../minum", "An id is kebab-case"),
        ("aïr", "An id is kebab-case"),
        ("a" * 33, "An id is kebab-case"),
        ("class", "reserved"),
        ("gateway", "reserved"),
        ("contract", "adapters/contract already exists"),
        ("clock", "simulators/clock already exists"),
        ("dukcapil", "The registry names dukcapil already"),
    ],
)
def test_an_id_that_cannot_be_is_refused(tree: Path, system_id: str, said: str) -> None:
    before = everything(tree)
    with pytest.raises(ScaffoldError, match=said) as refused:
        make(tree, new_system(tree, system_id, AccessMethod.HTTP))
    assert str(refused.value).count("\n") == 0
    assert everything(tree) == before


@pytest.mark.parametrize(
    "title", ['Air "Minum"', "Air\nMinum", "Air `Minum`", "Air|Minum", "Air\\Minum", "<b>Air</b>", "x" * 61, " Air"]
)
def test_a_title_that_would_break_a_file_is_refused(tree: Path, title: str) -> None:
    with pytest.raises(ScaffoldError, match="A title has at most"):
        new_system(tree, "air-minum", AccessMethod.HTTP, title=title)


def test_the_agency_has_to_be_known(tree: Path) -> None:
    with pytest.raises(
        ScaffoldError, match=r"There is no agency dinas-air in config/agencies.toml; there are: .*bpkpad"
    ):
        new_system(tree, "air-minum", AccessMethod.HTTP, agency="dinas-air")


def test_it_is_made_in_a_source_checkout_only(tmp_path: Path) -> None:
    with pytest.raises(ScaffoldError, match="source checkout"):
        new_system(tmp_path, "air-minum", AccessMethod.HTTP)


@pytest.mark.parametrize(
    "place",
    ["adapters/air_minum", "simulators/air_minum.py", "tests/adapters/air_minum", "config/systems/air-minum.toml"],
)
@pytest.mark.parametrize("way", [AccessMethod.HTTP, AccessMethod.REMOTE])
def test_what_is_there_already_is_left_alone(tree: Path, place: str, way: AccessMethod) -> None:
    (tree / place).parent.mkdir(parents=True, exist_ok=True)
    (tree / place).write_text("mine")
    before = everything(tree)
    with pytest.raises(ScaffoldError, match="already exists"):
        make(tree, new_system(tree, "air-minum", way))
    assert everything(tree) == before


@pytest.mark.parametrize("at", ["_tidy", "_register"])
def test_what_fails_on_the_way_leaves_nothing(tree: Path, monkeypatch, at: str) -> None:
    def broken(*_given: object) -> None:
        raise KeyboardInterrupt

    before = everything(tree)
    monkeypatch.setattr(placing, at, broken)
    with pytest.raises(KeyboardInterrupt):
        make(tree, new_system(tree, "air-minum", AccessMethod.SQL))
    assert everything(tree) == before


@pytest.mark.parametrize("system_id", ["aaa", "lapor2", "zoo"])
def test_the_registry_gets_one_line_in_its_order(tree: Path, system_id: str) -> None:
    before = (tree / REGISTRY).read_text("utf-8").splitlines()
    make(tree, new_system(tree, system_id, AccessMethod.FILES))
    after = (tree / REGISTRY).read_text("utf-8").splitlines()
    line = f'    "{system_id}": "adapters.{system_id}",'
    assert [one for one in after if one != line] == before
    named = [one for one in after if '"adapters.' in one]
    assert named == sorted(named)


def test_a_remote_system_has_its_rows_in_its_settings_file_and_no_line(tree: Path) -> None:
    before = (tree / REGISTRY).read_bytes()
    make(tree, new_system(tree, "air-minum", AccessMethod.REMOTE))
    assert (tree / REGISTRY).read_bytes() == before
    assert not (tree / "adapters" / "air_minum").exists()
    assert read_systems([tree / "config" / "systems"])["air-minum"]["adapter"]["reads"][0]["resource"] == "bill"


def test_titles_stand_in_every_file_as_they_were_given(tree: Path) -> None:
    title, title_en = "PDAM: Air & Limbah (Kota)", "The town’s water/waste"
    make(tree, new_system(tree, "air-minum", AccessMethod.HTTP, agency="bpkpad", title=title, title_en=title_en))
    settings = tomllib.loads((tree / "config/systems/air-minum.toml").read_text("utf-8"))
    assert settings["offices"][0]["title"] == {"id": title, "en": title_en}
    pair = json.loads((tree / "tests/adapters/air_minum/bill-plain.out.json").read_text("utf-8"))
    assert pair["body"]["kind"]["text"] == {"id": title, "en": title_en}
    assert f'Text(id="{title}", en="{title_en}")' in (tree / "adapters/air_minum/__init__.py").read_text("utf-8")


@pytest.mark.parametrize("way", AccessMethod)
def test_the_longest_names_fit_into_every_line(tree: Path, way: AccessMethod) -> None:
    make(tree, new_system(tree, "x" * LONGEST_ID, way, title="W" * LONGEST_TITLE, title_en="M" * LONGEST_TITLE))
    ruff = [sys.executable, "-m", "ruff", "check", "--no-cache", "--select=E,F,I,W", "--output-format=concise"]
    assert "All checks passed" in subprocess.run(ruff, cwd=tree, capture_output=True, text=True, check=False).stdout


def test_the_command_refuses_with_one_sentence_and_exit_code_two(tree: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(cli_adapter, "_TREE", tree)
    monkeypatch.setattr("sys.argv", ["gerbang", "adapter", "new", "class", "--transport", "http"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr()
    assert (ended.value.code, said.out, said.err.count("\n")) == (2, "", 1)


def test_the_command_says_what_it_made(tree: Path, monkeypatch) -> None:
    monkeypatch.setattr(cli_adapter, "_TREE", tree)
    app = typer.Typer()
    app.add_typer(cli_adapter.app, name="adapter")
    result = CliRunner().invoke(app, ["adapter", "new", "air-minum", "--transport", "soap", "--agency", "bpkpad"])
    assert result.exit_code == 0, result.output
    told = [line.strip() for line in result.output.splitlines()[:-1]]
    assert told == sorted(told)
    assert all((tree / path).is_file() for path in told)
    assert {path.name for path in (tree / "adapters" / "air_minum").iterdir()} == {
        "README.md", "__init__.py", "client.py", "normalise.py", "settings.py", "wire.py"
    }  # fmt: skip
