"""An adapter in a wheel: built by hatchling without a network, installed aside, and found by a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gateway.registry.test_installed import FILE, SOUND

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


@pytest.mark.parametrize(
    ("source", "optional", "found", "said"),
    [
        (SOUND, "false", "['perpustakaan'] []\n", ""),
        ("import nowhere", "true", "[] ['perpustakaan']\n", ""),
        (
            "import nowhere",
            "false",
            "",
            "adapter perpustakaan of the distribution gerbang-perpustakaan 3.1 cannot be loaded",
        ),
    ],
    ids=["sound", "broken and optional", "broken"],
)
def test_a_wheel_is_a_system_shown_as_failed_or_stops_the_start(
    tmp_path: Path, source: str, optional: str, found: str, said: str
) -> None:
    package = tmp_path / "gerbang_perpustakaan"
    package.mkdir()
    (package / "__init__.py").write_text(source, "utf-8")
    (tmp_path / "pyproject.toml").write_text(PROJECT, "utf-8")
    (tmp_path / "systems").mkdir()
    tables = FILE.format(id="perpustakaan", kind="installed", optional=optional)
    (tmp_path / "systems" / "perpustakaan.toml").write_text(tables, "utf-8")
    built = run(tmp_path, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist")
    assert built.returncode == 0, built.stderr
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    # A wheel that holds nothing but Python is installed by unpacking it, as pip does too.
    unpacked = run(tmp_path, "-m", "zipfile", "-e", str(wheel), "site")
    assert unpacked.returncode == 0, unpacked.stderr
    package.rename(tmp_path / "source")
    told = run(tmp_path, "-c", TOLD)
    assert (told.stdout, told.returncode == 0) == (found, not said)
    if said:
        started = run(tmp_path, "-m", "gateway.cli", "adapter", "record", "perpustakaan", GERBANG_SYSTEMS='["systems"]')
        assert started.returncode == 2
        assert said in started.stderr
        assert started.stderr.count("\n") == 1
