"""A pytest plug-in for whoever writes an adapter: one test for each rule, named after it.

    pytest -p conformance.plugin --adapter perpustakaan
    pytest -p conformance.plugin --adapter perpustakaan --damages 10000 -k hostile

The adapter may be in the tree, installed, or remote. Its simulator runs from its first test to the end of the run; a
rule that does not apply is skipped with the reason, one that is broken fails with what is wrong.
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
    """The options of the suite."""
    group = parser.getgroup("conformance", "the conformance suite of Gerbang")
    group.addoption("--adapter", action="append", default=[], metavar="ID", help="check this adapter; may be repeated")
    group.addoption("--damages", type=int, default=DAMAGES, help="how many damages each rule generates that does so")
    group.addoption("--golden", type=Path, default=None, help="the folder that holds a folder of golden pairs for each")


def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """Add the tests of each adapter that is asked for."""
    for system in session.config.getoption("--adapter"):
        items.extend(Conformance.from_parent(session, name=system, path=session.path).collect())


class Conformance(pytest.Collector):
    """The rules of one adapter, which share one context and one simulator."""

    def collect(self) -> Iterator["RuleItem"]:
        """One test for each rule, in the suite's own order."""
        hold = _Hold(self)
        for rule in RULES:
            yield RuleItem.from_parent(self, name=rule.id, rule=rule, hold=hold)


class _Hold:
    """The context of one adapter, made by its first rule and ended with the run."""

    def __init__(self, collector: pytest.Collector) -> None:
        self._config = collector.config
        self._system = collector.name
        self._stack = ExitStack()
        self._context: CheckContext | None = None
        self._loop: asyncio.Runner | None = None
        collector.config.add_cleanup(self._stack.close)

    def check(self, rule: Rule) -> tuple[Result, str]:
        """What comes of one rule."""
        if self._context is None or self._loop is None:
            self._context = self._made()
            self._loop = self._stack.enter_context(asyncio.Runner())
        (found,) = self._loop.run(check_rules(self._context, (rule,)))
        return found.result, found.reason

    def _made(self) -> CheckContext:
        adapter = adapter_of(self._system, self._config.getoption("--golden"))
        home = Path(self._stack.enter_context(TemporaryDirectory(prefix="gerbang-check-")))
        systems = SYSTEMS if SYSTEMS.is_dir() else None
        simulator = self._stack.enter_context(running_simulator(adapter.spec, home, systems))
        return CheckContext(adapter, home, simulator, damages=self._config.getoption("--damages"))


class RuleItem(pytest.Item):
    """One rule put to one adapter."""

    def __init__(self, *, rule: Rule, hold: _Hold, **more: object) -> None:
        super().__init__(**more)  # type: ignore[arg-type]  # pytest's own arguments
        self._rule = rule
        self._hold = hold

    def runtest(self) -> None:
        """Check the rule."""
        try:
            result, reason = self._hold.check(self._rule)
        except GerbangError as error:
            pytest.fail(str(error), pytrace=False)
        if result is Result.NOT_APPLICABLE:
            pytest.skip(reason)
        if result is Result.FAILED:
            pytest.fail(reason, pytrace=False)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it comes from, as pytest shows it."""
        return self.path, None, f"{self.parent.name if self.parent else ''}: {self.name}"
