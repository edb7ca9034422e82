"""A pytest plug-in for authors of adapters: one test for each rule, named after it.

    pytest -p conformance.plugin --adapter perpustakaan
    pytest -p conformance.plugin --adapter perpustakaan --damages 10000 -k hostile

The adapter may be in the source tree, installed, or remote. Its simulator runs from its first test to the end of the
run. A rule that does not apply is skipped with the reason; a rule that is broken fails with the violations.
"""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from conformance.adapters import SYSTEMS, adapter_of
from conformance.catalogue import RULES
from conformance.check_context import DAMAGES, CheckContext
from conformance.rules import Result, Rule
from conformance.runner import check_rules
from conformance.simulator_process import running_simulator
from gateway.ground.errors import GerbangError


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the suite."""
    group = parser.getgroup("conformance", "the conformance suite of Gerbang")
    group.addoption("--adapter", action="append", default=[], metavar="ID", help="check this adapter; may be repeated")
    group.addoption("--damages", type=int, default=DAMAGES, help="number of damages per generating rule")
    group.addoption("--golden", type=Path, default=None, help="folder with one folder of golden pairs per adapter")


def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """Add the tests of each adapter named by `--adapter`."""
    for system in session.config.getoption("--adapter"):
        items.extend(Conformance.from_parent(session, name=system, path=session.path).collect())


class Conformance(pytest.Collector):
    """Collects the rules of one adapter, which share one context and one simulator."""

    def collect(self) -> Iterator["RuleItem"]:
        """Yield one test for each rule, in the suite's order."""
        adapter_session = _AdapterSession(self)
        for rule in RULES:
            yield RuleItem.from_parent(self, name=rule.id, rule=rule, adapter_session=adapter_session)


class _AdapterSession:
    """The context of one adapter, created by its first rule and closed at the end of the run."""

    def __init__(self, collector: pytest.Collector) -> None:
        self._config = collector.config
        self._system = collector.name
        self._stack = ExitStack()
        self._context: CheckContext | None = None
        self._loop: asyncio.Runner | None = None
        collector.config.add_cleanup(self._stack.close)

    def check(self, rule: Rule) -> tuple[Result, str]:
        """Check one rule; return the result and its reason."""
        if self._context is None or self._loop is None:
            self._context = self._create_context()
            self._loop = self._stack.enter_context(asyncio.Runner())
        (finding,) = self._loop.run(check_rules(self._context, (rule,)))
        return finding.result, finding.reason

    def _create_context(self) -> CheckContext:
        adapter = adapter_of(self._system, self._config.getoption("--golden"))
        home = Path(self._stack.enter_context(TemporaryDirectory(prefix="gerbang-check-")))
        systems = SYSTEMS if SYSTEMS.is_dir() else None
        simulator = self._stack.enter_context(running_simulator(adapter.spec, home, systems))
        return CheckContext(adapter, home, simulator, damages=self._config.getoption("--damages"))


class RuleItem(pytest.Item):
    """The test of one rule on one adapter."""

    def __init__(self, *, rule: Rule, adapter_session: _AdapterSession, **more: object) -> None:
        super().__init__(**more)  # type: ignore[arg-type]  # pytest's own arguments
        self._rule = rule
        self._adapter_session = adapter_session

    def runtest(self) -> None:
        """Check the rule."""
        try:
            result, reason = self._adapter_session.check(self._rule)
        except GerbangError as error:
            pytest.fail(str(error), pytrace=False)
        if result is Result.NOT_APPLICABLE:
            pytest.skip(reason)
        if result is Result.FAILED:
            pytest.fail(reason, pytrace=False)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return the location and the name that pytest shows."""
        return self.path, None, f"{self.parent.name if self.parent else ''}: {self.name}"
