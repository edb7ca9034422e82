"""An adapter and its simulator in one installed wheel: checked, tested and served like one in the source tree.

The wheel contains what `gerbang adapter new` generates, under its own package names, as the guide describes.
"""

import importlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from conformance.simulator_process import running_simulator
from gateway.adapter_tools.scaffold.new_system import AccessMethod, new_system
from gateway.adapter_tools.scaffold.placement import make
from gateway.app import create_app
from gateway.settings import Settings
from gateway.storage.engine import Database
from gateway.storage.migration import migrate
from simulators.city import CityError, plan_processes
from tests.gateway.fakes import AGENCIES

pytestmark = [pytest.mark.xdist_group("installed-adapter"), pytest.mark.processes]
ROOT = Path(__file__).resolve().parents[2]
SYSTEM, PACKAGE = "perpustakaan", "gerbang_perpustakaan"
PROJECT = f"""
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "gerbang-perpustakaan"
version = "1.0"

[project.entry-points."gerbang.adapters"]
{SYSTEM} = "{PACKAGE}:SPEC"

[project.entry-points."gerbang.simulators"]
{SYSTEM} = "{PACKAGE}_simulator.simulator"

[tool.hatch.build.targets.wheel]
packages = ["{PACKAGE}", "{PACKAGE}_simulator"]
"""
FILE = f"""
[system]
id = "{SYSTEM}"
kind = "installed"

[[offices]]
title = {{ id = "Perpustakaan", en = "Library" }}
"""


@dataclass(frozen=True)
class Installed:
    """The folder of the installed wheel, and its golden pairs."""

    site: Path
    pairs: Path
    home: Path

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run a separate process with the distribution on its path."""
        paths = {
            "PYTHONPATH": os.pathsep.join((str(self.site), str(ROOT))),
            "GERBANG_HOME": str(self.home),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        return subprocess.run(
            [sys.executable, *command],
            cwd=self.home,
            env={**os.environ, **paths},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    tree, project, home = (tmp_path_factory.mktemp(name) for name in ("tree", "project", "home"))
    for part in ("adapters/_template", "simulators/clock.py", "pyproject.toml", "config/agencies.toml"):
        (shutil.copytree if (ROOT / part).is_dir() else _copy)(ROOT / part, tree / part)
    for part in ("gateway/registry/builtin.py", "adapters/contract.py"):
        _copy(ROOT / part, tree / part)
    make(
        tree,
        new_system(tree, SYSTEM, AccessMethod.FILES, agency="disdukcapil", title="Perpustakaan", title_en="Library"),
    )
    for there, here in (("adapters", PACKAGE), ("simulators", f"{PACKAGE}_simulator")):
        (tree / there / SYSTEM).rename(project / here)
    for path in project.rglob("*.py"):
        source = path.read_text("utf-8").replace(f"adapters.{SYSTEM}", PACKAGE)
        path.write_text(source.replace(f"simulators.{SYSTEM}", f"{PACKAGE}_simulator"), "utf-8")
    (project / "pyproject.toml").write_text(PROJECT, "utf-8")
    made = Installed(project / "site", tree / "tests" / "adapters", home)
    for command in (("hatchling", "build", "-t", "wheel", "-d", "dist"), ("zipfile", "-e", "*.whl", "site")):
        wheels = map(str, (project / "dist").glob("*.whl"))
        words = [word if word != "*.whl" else next(wheels) for word in command]
        ran = subprocess.run([sys.executable, "-m", *words], cwd=project, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
    return made


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


@pytest.fixture
def on_the_path(installed: Installed, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installed]:
    monkeypatch.syspath_prepend(str(installed.site))
    monkeypatch.setenv("PYTHONPATH", str(installed.site))
    yield installed
    for name in [name for name in sys.modules if name.startswith(PACKAGE)]:
        del sys.modules[name]


@pytest.mark.anyio
async def test_an_installed_adapter_is_checked_and_served_at_its_earned_level(
    on_the_path: Installed, tmp_path: Path
) -> None:
    checked = on_the_path.run(
        *("-m", "gateway.cli", "adapter", "check", SYSTEM, "--fixtures", str(on_the_path.pairs), "--json")
    )
    assert checked.returncode == 0, checked.stdout[-2000:] + checked.stderr
    report = json.loads(checked.stdout)
    assert (report["system"], report["level"]) == (SYSTEM, "silver")
    (tmp_path / "systems").mkdir()
    (tmp_path / "systems" / f"{SYSTEM}.toml").write_text(FILE, "utf-8")
    (tmp_path / "agencies.toml").write_text(AGENCIES, "utf-8")
    folders = [tmp_path / "systems", tmp_path / "city" / "systems"]
    spec = importlib.import_module(PACKAGE).SPEC
    with running_simulator(spec, tmp_path / "city", tmp_path / "systems"):
        settings = Settings(
            mode="demo", home=on_the_path.home, port=8000, agencies=tmp_path / "agencies.toml", systems=folders
        )
        database = Database(settings.database)
        migrate(database)
        await database.aclose()
        app = create_app(settings)
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:8000")
        async with app.router.lifespan_context(app), client:
            await app.state.deps.feeds.wait_until_tried()
            (system,) = (await client.get("/v1/systems")).json()["items"]
            answer = (await client.get("/v1/programmes")).json()
    assert (system["id"], system["state"], system["level"]) == (SYSTEM, "live", "silver")
    assert [(source["system"], source["state"]) for source in answer["sources"]] == [(SYSTEM, "held")]
    assert answer["items"]


def test_rules_run_as_pytest_tests_of_an_installed_adapter(installed: Installed) -> None:
    words = ("-k", "shape or golden or rows", "--golden", str(installed.pairs), str(installed.home))
    ran = installed.run("-m", "pytest", "-q", "-p", "conformance.plugin", "--adapter", SYSTEM, *words)
    assert ran.returncode == 0, ran.stdout
    assert " failed" not in ran.stdout


def test_an_installed_simulator_runs_only_on_request(on_the_path: Installed, tmp_path: Path) -> None:
    assert SYSTEM not in {plan.system for plan in plan_processes(tmp_path, [])}
    assert [str(plan) for plan in plan_processes(tmp_path, [SYSTEM])] == [SYSTEM]
    default, requested = plan_processes(tmp_path, []), plan_processes(tmp_path, [SYSTEM])
    assert plan_processes(tmp_path, [], [SYSTEM, "nowhere"]) == [*default, *requested]
    with pytest.raises(CityError, match=f"There is no simulator called nowhere; .*{SYSTEM}"):
        plan_processes(tmp_path, ["nowhere"])


def test_a_simulator_that_is_claimed_twice_is_refused(
    on_the_path: Installed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = tmp_path / "other-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n", "utf-8")
    (about / "entry_points.txt").write_text(
        f"[gerbang.simulators]\n{SYSTEM} = other.simulator\ndukcapil = other.simulator\n", "utf-8"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(CityError, match=f"claimed by {PACKAGE}_simulator.simulator and by other.simulator"):
        plan_processes(tmp_path, [SYSTEM])
    with pytest.raises(CityError, match=r"claimed by simulators\.dukcapil\.simulator and by other\.simulator"):
        plan_processes(tmp_path, ["dukcapil"])


def test_a_single_module_cannot_be_checked(tmp_path: Path, installed: Installed) -> None:
    from tests.gateway.registry.test_installed import SOUND  # noqa: PLC0415 - its text alone

    about = installed.home / "alone" / "alone-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: alone\nVersion: 1.0\n", "utf-8")
    (about / "entry_points.txt").write_text("[gerbang.adapters]\nperpustakaan = alone:SPEC\n", "utf-8")
    (about.parent / "alone.py").write_text(SOUND, "utf-8")
    result = Installed(about.parent, installed.pairs, tmp_path).run("-m", "conformance", "check", SYSTEM)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == f"The installed adapter {SYSTEM} is a single module; the suite checks packages only.\n"
