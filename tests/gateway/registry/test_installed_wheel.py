"""An adapter in a wheel: built by hatchling without a network, installed aside, and found by a process of its own."""

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.gateway.registry.test_installed import FILE, SOUND

pytestmark = [pytest.mark.xdist_group("wheel"), pytest.mark.processes]
ROOT = Path(__file__).resolve().parents[3]
PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "gerbang-perpustakaan"
version = "3.1"

[project.entry-points."gerbang.adapters"]
perpustakaan = "gerbang_perpustakaan:SPEC"

[tool.hatch.build.targets.wheel]
packages = ["gerbang_perpustakaan"]
"""
BROKEN = "import nowhere"
TOLD = """
from pathlib import Path
from gateway.registry.registry import load_registry
registry = load_registry([Path("systems")])
print([live.spec.id for live in registry], sorted(registry.failed))
"""


def run(folder: Path, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join((str(folder / "site"), str(ROOT)))
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, **more},
        capture_output=True,
        text=True,
        check=False,
    )


def built(folder: Path, source: str) -> Path:
    """The wheel of a package that says so; the package itself does not stay beside it."""
    package = folder / "gerbang_perpustakaan"
    package.mkdir()
    (package / "__init__.py").write_text(source, "utf-8")
    (folder / "pyproject.toml").write_text(PROJECT, "utf-8")
    made = run(folder, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist")
    assert made.returncode == 0, made.stderr
    package.rename(folder / "source")
    (wheel,) = (folder / "dist").glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One of each source, since building is what takes long."""
    return {source: built(tmp_path_factory.mktemp("wheel"), source) for source in (SOUND, BROKEN)}


@pytest.mark.parametrize(
    ("source", "optional", "found", "said"),
    [
        (SOUND, "false", "['perpustakaan'] []\n", ""),
        (BROKEN, "true", "[] ['perpustakaan']\n", ""),
        (
            BROKEN,
            "false",
            "",
            "adapter perpustakaan of the distribution gerbang-perpustakaan 3.1 cannot be loaded",
        ),
    ],
    ids=["sound", "broken and optional", "broken"],
)
def test_a_wheel_is_a_system_shown_as_failed_or_stops_the_start(
    tmp_path: Path, wheels: dict[str, Path], source: str, optional: str, found: str, said: str
) -> None:
    (tmp_path / "systems").mkdir()
    tables = FILE.format(id="perpustakaan", kind="installed", optional=optional)
    (tmp_path / "systems" / "perpustakaan.toml").write_text(tables, "utf-8")
    # A wheel that holds nothing but Python is installed by unpacking it, as pip does too.
    with ZipFile(wheels[source]) as wheel:
        wheel.extractall(tmp_path / "site")
    told = run(tmp_path, "-c", TOLD)
    assert (told.stdout, told.returncode == 0) == (found, not said)
    if said:
        started = run(tmp_path, "-m", "gateway.cli", "adapter", "record", "perpustakaan", GERBANG_SYSTEMS='["systems"]')
        assert started.returncode == 2
        assert said in started.stderr
        assert started.stderr.count("\n") == 1
