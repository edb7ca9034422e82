"""Running simulators for the suite's own tests, and helpers that break an adapter on purpose."""

import asyncio
import importlib
import itertools
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from adapters.contract import AdapterSpec
from conformance.catalogue import RULES
from conformance.check_context import DAMAGES, Adapter, CheckContext
from conformance.rules import Finding, Result
from conformance.runner import check_rules
from conformance.simulator_process import Simulator, running_simulator

ROOT = Path(__file__).resolve().parents[2]
SYSTEMS = ROOT / "config" / "systems"
_NUMBERS = itertools.count(1)
BY_ID = {rule.id: rule for rule in RULES}


@dataclass(frozen=True)
class AdapterUnderTest:
    """A real adapter with its running simulator, which tests change so that it breaks a rule."""

    spec: AdapterSpec[Any]
    package: ModuleType
    simulator: Simulator | None
    work: Path

    def check(
        self,
        rule: str,
        spec: AdapterSpec[Any] | None = None,
        fixtures: Path | None = None,
        *,
        damages: int = DAMAGES,
    ) -> Finding:
        """Return the finding of one rule about the adapter, or about a changed spec."""
        adapter = Adapter(spec or self.spec, self.package, fixtures)
        context = CheckContext(adapter, self.work, self.simulator, damages=damages)
        (finding,) = asyncio.run(check_rules(context, [BY_ID[rule]]))
        return finding

    def row(self, resource: str, /) -> Any:
        """Return one of its reads."""
        return next(row for row in self.spec.reads if row.resource.name == resource)

    def with_row(self, resource: str, /, **changes: Any) -> AdapterSpec[Any]:
        """Return the spec with one of its reads changed."""
        reads = tuple(replace(row, **changes) if row.resource.name == resource else row for row in self.spec.reads)
        return replace(self.spec, reads=reads)

    def with_write(self, **changes: Any) -> AdapterSpec[Any]:
        """Return the spec with only its first write, changed."""
        write = self.spec.writes[0]
        return replace(self.spec, writes=(replace(write, **changes),))


def _adapter_under_test(name: str, folder: Path) -> Iterator[AdapterUnderTest]:
    package = importlib.import_module(f"adapters.{name}")
    with running_simulator(package.SPEC, folder / "city", SYSTEMS) as simulator:
        yield AdapterUnderTest(package.SPEC, package, simulator, folder)


@pytest.fixture(scope="session")
def letters(tmp_path_factory: pytest.TempPathFactory, processes: None) -> Iterator[AdapterUnderTest]:
    """e-kelurahan: lists and feeds over HTTP with a session, documents, and a write."""
    yield from _adapter_under_test("e_kelurahan", tmp_path_factory.mktemp("letters"))


@pytest.fixture(scope="session")
def register(tmp_path_factory: pytest.TempPathFactory, processes: None) -> Iterator[AdapterUnderTest]:
    """dukcapil: one live list over HTTP."""
    yield from _adapter_under_test("dukcapil", tmp_path_factory.mktemp("register"))


@pytest.fixture(scope="session")
def lists(tmp_path_factory: pytest.TempPathFactory, processes: None) -> Iterator[AdapterUnderTest]:
    """wirausaha-baru: feeds from files."""
    yield from _adapter_under_test("wirausaha_baru", tmp_path_factory.mktemp("lists"))


@pytest.fixture(scope="session")
def centres(tmp_path_factory: pytest.TempPathFactory, processes: None) -> Iterator[AdapterUnderTest]:
    """e-puskesmas: lists and feeds over HTTP with sealed answers."""
    yield from _adapter_under_test("e_puskesmas", tmp_path_factory.mktemp("centres"))


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AdapterUnderTest]:
    """A copy of the dukcapil package under its own name, without a simulator; `(file, pattern, text)` changes it."""

    def copy(*changes: tuple[str, str, str]) -> AdapterUnderTest:
        name = f"copied_{next(_NUMBERS)}"
        folder = tmp_path / name
        shutil.copytree(ROOT / "adapters" / "dukcapil", folder, ignore=shutil.ignore_patterns("__pycache__"))
        for path in folder.glob("*.py"):
            path.write_text(path.read_text("utf-8").replace("adapters.dukcapil", name), "utf-8")
        for file, pattern, text in changes:
            before = (folder / file).read_text("utf-8")
            after = re.sub(pattern, lambda _found, text=text: text, before, count=1, flags=re.DOTALL)
            assert after != before, "the change has no effect"
            (folder / file).write_text(after, "utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        package = importlib.import_module(name)
        return AdapterUnderTest(replace(package.SPEC, id=name.replace("_", "-")), package, None, tmp_path)

    return copy


@pytest.fixture
def assert_broken() -> Callable[[Finding, str], None]:
    """Assert that a rule failed, and that its reason matches a pattern."""

    def judge(finding: Finding, words: str) -> None:
        assert finding.result is Result.FAILED, finding
        assert re.search(words, finding.reason), finding.reason

    return judge


@pytest.fixture
def assert_passed() -> Callable[[Finding], None]:
    """Assert that a rule passed."""

    def judge(finding: Finding) -> None:
        assert finding.result is Result.PASSED, finding

    return judge
