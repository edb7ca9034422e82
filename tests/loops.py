"""The three loops of the tests: quick, the default one, and long. A pytest plugin, loaded by `tests/conftest.py`.

`--quick` selects the tests that start no process, listen on no socket and need no server of a database. A test is
known by the fixtures that it uses, directly or through other fixtures: `processes`, `sockets` or a database. A module
that starts processes itself says `pytestmark = pytest.mark.processes`. An audit hook fails a test that
does one of these things without the fixture, in every loop, so that the selection stays true.

`--long` (or the environment variable GERBANG_TEST_LONG=1, which processes inherit) runs the same tests with larger
numbers. Tests take their numbers from `examples` and `volume`. A case with the marker `long`, such as the second
language of a page in a browser, is run in this loop only.

CI runs every test once in the default loop. In its other runs it leaves out what they would only repeat:
`--not-quick` selects the tests that `--quick` leaves out, `--only-larger` the tests of modules with larger numbers.
"""

import os
import sys
from collections import defaultdict
from collections.abc import Generator, Iterable
from enum import StrEnum
from typing import Any, Final

import hypothesis
import pytest

_LONG: Final = "GERBANG_TEST_LONG"
_USES: Final = frozenset({"processes", "sockets", "postgres_server", "mariadb", "peers"})
"""Fixtures of tests that are not quick."""
_MARKS: Final = ("chromium", "mariadb", "postgres", "processes", "slow", "sockets")
"""Markers of tests that are not quick."""
_EVENTS: Final = {
    "subprocess.Popen": "starts a process",
    "os.fork": "starts a process",
    "os.forkpty": "starts a process",
    "os.posix_spawn": "starts a process",
    "os.system": "starts a process",
    "socket.bind": "listens on a socket",
}
_DURATIONS: Final = "gerbang/durations"
_HEAVY_SECONDS: Final = 2.0
_UNMEASURED_SECONDS: Final = 1.0
"""The weight of a test in a group for which no duration is known."""

Phase = Generator[None, Any, Any]


class Loop(StrEnum):
    """How much is tested."""

    QUICK = "quick"
    TEST = "test"
    LONG = "long"


class _Chosen:
    loop = Loop.LONG if os.environ.get(_LONG) == "1" else Loop.TEST


def examples(most: int) -> int:
    """The number of Hypothesis examples in this loop: `most` in the long one, a quarter or a twentieth elsewhere."""
    share = {Loop.QUICK: 20, Loop.TEST: 4, Loop.LONG: 1}[_Chosen.loop]
    return max(most // share, min(most, 5))


def volume(usual: int, *, long: int, quick: int | None = None) -> int:
    """The number of generated inputs in this loop."""
    return {Loop.QUICK: usual if quick is None else quick, Loop.TEST: usual, Loop.LONG: long}[_Chosen.loop]


def is_long() -> bool:
    """Whether this is the long loop."""
    return _Chosen.loop is Loop.LONG


@pytest.fixture(scope="session")
def processes() -> None:
    """Allow the test to start processes, and keep it out of the quick loop."""


@pytest.fixture(scope="session")
def sockets() -> None:
    """Allow the test to listen on sockets, and keep it out of the quick loop."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that choose the loop."""
    group = parser.getgroup("gerbang", "the loops of the tests")
    group.addoption("--quick", action="store_true", help="only tests without processes, sockets and database servers")
    group.addoption("--long", action="store_true", help="the same tests with larger numbers")
    group.addoption("--not-quick", action="store_true", help="only the tests that --quick leaves out")
    group.addoption("--only-larger", action="store_true", help="with --long: only tests of modules with larger numbers")


def pytest_configure(config: pytest.Config) -> None:
    """Choose the loop before tests are imported, since decorators read it."""
    if config.option.quick and (config.option.long or config.option.not_quick):
        raise pytest.UsageError("--quick excludes --long and --not-quick")
    if config.option.only_larger and not config.option.long:
        raise pytest.UsageError("--only-larger needs --long")
    if config.option.quick:
        _Chosen.loop = Loop.QUICK
    elif config.option.long:
        os.environ[_LONG] = "1"
        _Chosen.loop = Loop.LONG
    _choose_profile()
    config.pluginmanager.register(ResourceGuard(), "gerbang-resource-guard")
    if config.pluginmanager.hasplugin("dsession") or config.getoption("numprocesses", default=None):
        config.option.loadscopereorder = False
        config.pluginmanager.register(Durations(config), "gerbang-durations")


def _choose_profile() -> None:
    # The machines that run the tests are busy: how long examples take says nothing.
    settings = hypothesis.settings
    patient = settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
    settings.register_profile("quick", patient, max_examples=10, derandomize=True, database=None)
    settings.register_profile("test", patient, max_examples=30)
    settings.register_profile("long", patient, max_examples=200)
    settings.load_profile(_Chosen.loop.value)


def is_quick(item: pytest.Item) -> bool:
    """Whether a test uses nothing but this process and files."""
    fixtures: Iterable[str] = getattr(item, "fixturenames", ())
    return _USES.isdisjoint(fixtures) and not any(item.get_closest_marker(mark) for mark in _MARKS)


def has_larger_numbers(item: pytest.Item) -> bool:
    """Whether `--long` can change a test.

    It is generated by Hypothesis, its module uses `examples`, `volume` or `is_long`, or it is run in that loop only.
    """
    module = item.getparent(pytest.Module)
    numbers = (examples, volume, is_long)
    return any(item.get_closest_marker(name) for name in ("hypothesis", "long")) or (
        module is not None and any(vars(module.obj).get(number.__name__) is number for number in numbers)
    )


def is_selected(config: pytest.Config, item: pytest.Item) -> bool:
    """Whether the options of this run select a test."""
    if config.option.only_larger and not has_larger_numbers(item):
        return False
    if item.get_closest_marker("long") is not None and not is_long():
        return False
    return is_quick(item) if config.option.quick else not (config.option.not_quick and is_quick(item))


@pytest.hookimpl(trylast=True)  # after the other hooks have added their markers
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Select the tests of this loop, and let the longest groups begin first."""
    left_out = [item for item in items if not is_selected(config, item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if is_selected(config, item)]
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    if worker is not None:
        _longest_first(items, worker.get(_DURATIONS, {}))


def _longest_first(items: list[pytest.Item], measured: dict[str, float]) -> None:
    """Move heavy units to the front; the rest stays in order, so that fixtures of modules are made once."""
    weights: dict[str, float] = defaultdict(float)
    units = {item: _unit(item.nodeid) for item in items}
    for item, unit in units.items():
        weights[unit] += 0.0 if unit == item.nodeid else _UNMEASURED_SECONDS
    weights |= {unit: seconds for unit, seconds in measured.items() if unit in weights}
    items.sort(key=lambda item: -weights[units[item]] if weights[units[item]] >= _HEAVY_SECONDS else 0.0)


def _unit(nodeid: str) -> str:
    """The unit of work that xdist gives to one worker: a group, or a single test."""
    return nodeid.rpartition("@")[2] if nodeid.rfind("@") > nodeid.rfind("]") else nodeid


class Durations:
    """Measures heavy units in the controller, keeps them in pytest's cache and gives them to the workers.

    All workers must order the tests alike, so that they do not read the cache themselves.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._known: dict[str, float] = self._cache().get(_DURATIONS, {}) if self._cache() else {}
        self._measured: dict[str, float] = defaultdict(float)

    def _cache(self) -> Any:
        return getattr(self._config, "cache", None)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Give the known durations to a worker."""
        node.workerinput[_DURATIONS] = self._known

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count the duration of one phase."""
        self._measured[_unit(report.nodeid)] += report.duration

    def pytest_sessionfinish(self) -> None:
        """Keep the durations of heavy units for the next run."""
        if self._cache() and self._measured:
            kept = {unit: seconds for unit, seconds in self._known.items() if unit not in self._measured}
            heavy = {unit: round(s, 1) for unit, s in self._measured.items() if s >= _HEAVY_SECONDS}
            self._cache().set(_DURATIONS, kept | heavy)


class ResourceGuard:
    """Fails a quick test that starts a process or listens on a socket."""

    def __init__(self) -> None:
        self._test: pytest.Item | None = None
        self._found: set[str] = set()
        sys.addaudithook(self._hear)

    def _hear(self, event: str, _arguments: tuple[object, ...]) -> None:
        if event in _EVENTS and self._test is not None:
            self._found.add(_EVENTS[event])

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Phase:
        """Watch the set-up."""
        return (yield from self._watch(item))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Phase:
        """Watch the test."""
        return (yield from self._watch(item))

    def _watch(self, item: pytest.Item) -> Phase:
        self._test = item if is_quick(item) else None
        try:
            result = yield
        finally:
            self._test, found, self._found = None, self._found, set()
        if found:
            pytest.fail(
                f"{' and '.join(sorted(found))} without a fixture or marker that says so: see tests/loops.py",
                pytrace=False,
            )
        return result
