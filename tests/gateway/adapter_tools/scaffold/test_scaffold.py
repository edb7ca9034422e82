"""New systems of several transports in a copy of the tree: each passes every gate, and touches nothing else.

One copy and one run of each gate for all of them, since making the copy and starting the tools is what costs. Two
transports are tried in the short form of the tests, all five in the long form.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.adapter_tools.scaffold.new_system import LONGEST_ID, LONGEST_TITLE, AccessMethod
from tests.loops import is_long

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("scaffold"), pytest.mark.processes]
ROOT = Path(__file__).resolve().parents[4]
# What is made while working, and no part of the tree.
MADE_HERE = shutil.ignore_patterns(
    *(".git", ".venv", "venv", "__pycache__", "node_modules", ".gerbang", ".hypothesis", "dist", "build"),
    *(".ruff_cache", ".import_linter_cache", ".pytest_cache"),
)
# Tests that hold the whole tree together, and are quick: pages, levels, the table of the systems.
BINDING = ("tests/docs", "tests/gateway/registry/test_registry.py", "tests/gateway/registry/test_remote_grants.py")
# The shortest and the longest names: imports are sorted, and lines broken, by them.
SHORT = {AccessMethod.HTTP: "zz", AccessMethod.FILES: "folder-" + "x" * 25}
LONG = {AccessMethod.SOAP: "a" + "-soap" * 6, AccessMethod.SQL: "sistem-basis-data", AccessMethod.REMOTE: "jauh"}
IDS = SHORT | LONG if is_long() else SHORT
TITLE = ("Layanan kota: " * 5)[:LONGEST_TITLE].strip(" :")
MADE = {system_id: way for way, system_id in IDS.items()}


def run(copy: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=copy, capture_output=True, text=True, check=False)


def passed(ran: subprocess.CompletedProcess[str]) -> str:
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-4000:]
    return ran.stdout


def git(copy: Path, *words: str) -> str:
    who = ("-c", "user.name=scaffold", "-c", "user.email=scaffold@example.invalid", "-c", "core.hooksPath=/dev/null")
    return subprocess.run(["git", *who, *words], cwd=copy, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("house") / "tree"
    # With the cache of mypy, which spares reading every library again; what has changed is noticed by its content.
    shutil.copytree(ROOT, tree, ignore=MADE_HERE, ignore_dangling_symlinks=True)
    git(tree, "init", "--quiet")
    git(tree, "add", "--all")
    git(tree, "commit", "--quiet", "--message", "The tree as it is")
    for way, system_id in IDS.items():
        passed(run(tree, "-m", "gateway.cli", "adapter", "new", system_id, "--transport", way.value, "--title", TITLE))
    return tree


def test_every_transport_is_tried_in_the_long_form() -> None:
    assert {*SHORT, *LONG} == {*AccessMethod}


def test_the_names_are_as_long_as_they_may_be() -> None:
    assert max(map(len, IDS.values())) == LONGEST_ID
    assert len(TITLE) > LONGEST_TITLE - 5


def test_a_new_system_touches_its_own_folders_its_settings_and_one_line(copy: Path) -> None:
    changed = {line[3:]: line[:2] for line in git(copy, "status", "--porcelain").splitlines()}
    expected = {"gateway/registry/builtin.py": " M"}
    for system_id, way in MADE.items():
        package = system_id.replace("-", "_")
        rooms = (
            ("simulators", "tests/adapters")
            if way is AccessMethod.REMOTE
            else ("adapters", "simulators", "tests/adapters")
        )
        expected |= {f"{room}/{package}/": "??" for room in rooms} | {f"config/systems/{system_id}.toml": "??"}
    assert changed == expected
    named = str(len(IDS.keys() - {AccessMethod.REMOTE}))
    assert git(copy, "diff", "--numstat").split() == [named, "0", "gateway/registry/builtin.py"]


def test_the_format_and_the_rules_of_the_code_are_kept(copy: Path) -> None:
    passed(run(copy, "-m", "ruff", "format", "--check", "--no-cache", "."))
    passed(run(copy, "-m", "ruff", "check", "--no-cache", "."))


def test_the_types_are_right(copy: Path) -> None:
    """Of what is new, and of the line that names it; nothing else of the tree can be wrong by it."""
    names = [system_id.replace("-", "_") for system_id in MADE]
    new = [f"{room}.{name}" for name in names for room in ("adapters", "simulators") if (copy / room / name).is_dir()]
    assert len(new) == 2 * len(names) - (AccessMethod.REMOTE in IDS)
    passed(run(copy, "-m", "mypy", *(f"--package={name}" for name in new), "--module=gateway.registry.builtin"))


def test_the_walls_stand(copy: Path) -> None:
    lint = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    assert re.search(r"0 broken", passed(run(copy, "-c", lint, "--no-cache")))


@pytest.fixture(scope="module")
def levels(copy: Path) -> dict[str, str]:
    """What they have been found to be, which is written into the copy: tests of the tree ask for it."""
    told = passed(run(copy, "-m", "gateway.cli", "adapter", "check", *MADE, "--json", "--packaged", "--damages", "40"))
    return {report["system"]: report["level"] for report in json.loads(told)}


def test_they_conform_at_the_level_of_adapters_that_only_read(levels: dict[str, str]) -> None:
    assert levels == dict.fromkeys(MADE, "silver")


@pytest.mark.usefixtures("levels")
def test_their_own_tests_pass_and_they_fit_into_the_tree(copy: Path) -> None:
    passed(run(copy, ".ci/module_index.py"))  # as `make format` does
    own = [f"tests/adapters/{system_id.replace('-', '_')}" for system_id in MADE]
    said = passed(run(copy, "-m", "pytest", "-q", "-rs", "-p", "no:xdist", *own, *BINDING))
    assert not re.search(r"SKIPPED \[\d+\] tests/adapters", said)
