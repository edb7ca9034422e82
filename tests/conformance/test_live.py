"""Checks of a live system, with a simulator in its place: nothing is written, and each defect fails its rule."""

import asyncio
import importlib
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import HttpUrl

from adapters.errors import UnusableRecordError
from conformance import live
from conformance.check_context import Adapter
from conformance.live import check_live
from conformance.rules import Result
from conformance.simulator_process import running_simulator
from gateway.ground.clock import now
from gateway.observability.drift.detector import DriftDetector
from gateway.observability.drift.store import DriftStore
from gateway.records.normaliser import NormalisedAnswer
from gateway.registry.offices import Office
from gateway.registry.registry import LiveSystem
from gateway.registry.system_files import RegistryError
from gateway.storage.engine import Database
from gateway.storage.migration import migrate
from schemas.system import QualityLevel
from tests.conformance.conftest import SYSTEMS, AdapterUnderTest

pytestmark = pytest.mark.xdist_group("conformance")


@pytest.fixture(scope="module")
def cameras(tmp_path_factory, processes):
    """atcs: public, fed over HTTP."""
    package = importlib.import_module("adapters.atcs")
    folder = tmp_path_factory.mktemp("cameras")
    with running_simulator(package.SPEC, folder / "city", SYSTEMS) as simulator:
        yield AdapterUnderTest(package.SPEC, package, simulator, folder)


@pytest.fixture
def database(tmp_path):
    url = f"sqlite:///{tmp_path / 'gerbang.db'}"
    made = Database(url)
    migrate(made)
    asyncio.run(made.aclose())
    return url


def check(adapter, database, spec=None, **settings):
    office = adapter.simulator.offices[0]
    system = LiveSystem(spec or adapter.spec, (Office(None, None, office.settings.model_copy(update=settings)),))
    return check_live(Adapter(system.spec, adapter.package), system, database)


def found(report, rule):
    return next(finding for finding in report.findings if finding.rule.id == rule)


def test_a_system_that_is_well(cameras, database):
    before = asyncio.run(cameras.simulator.offices[0].call_control("GET", "/ledger"))
    report = check(cameras, database)
    assert [finding.result for finding in report.findings] == [Result.PASSED] * 4
    assert (report.level, report.live, report.passed) == (QualityLevel.PLATINUM, True, True)
    assert asyncio.run(cameras.simulator.offices[0].call_control("GET", "/ledger")) == before


def test_a_live_check_asks_about_no_person(register, database):
    asyncio.run(register.simulator.offices[0].call_control("DELETE", "/received"))
    report = check(register, database)
    assert found(report, "live-reads").reason == "every record is personal, and nobody has consented to be looked up"
    assert report.passed
    received = asyncio.run(register.simulator.offices[0].call_control("GET", "/received"))
    people = [nik for nik in register.simulator.people.values() if nik]
    assert not any(nik in str(received) for nik in people)


def test_a_system_is_read_without_the_secrets_of_others(tmp_path, monkeypatch):
    monkeypatch.setenv("GERBANG_HOME", str(tmp_path))
    monkeypatch.setenv("GERBANG_SYSTEMS", f'["{SYSTEMS}"]')
    with pytest.raises(RegistryError, match=r"dukcapil\.toml: password"):
        live.live_systems()
    assert list(live.live_systems(["atcs"])[1]) == ["atcs"]
    assert live.live_systems(["no-such-system"])[1] == {}


def test_a_system_that_is_away(cameras, database, assert_broken):
    report = check(cameras, database, base_url=HttpUrl("http://127.0.0.1:9"))
    assert_broken(found(report, "live-probe"), "the probe raises UpstreamUnavailableError")
    assert report.level is None


def test_a_system_whose_records_cannot_be_read(cameras, database, assert_broken):
    def normalise(_w):
        raise UnusableRecordError("odd")

    spec = cameras.with_row("camera", normalise=normalise)
    assert_broken(found(check(cameras, database, spec), "live-reads"), "camera: every record is set aside")


def test_a_system_that_is_slow(cameras, database, assert_broken, monkeypatch):
    async def slowly(call):
        await asyncio.sleep(0.05)
        return await cameras.spec.probe(call)

    limits = replace(cameras.spec.limits, slowest=timedelta(seconds=0.09))
    monkeypatch.setattr(live, "_OBJECTIVE", 0.5)
    spec = replace(cameras.spec, probe=slowly, limits=limits)
    assert_broken(
        found(check(cameras, database, spec), "live-latency"), "half of the answers took more than|an answer took"
    )


def test_a_system_that_has_drifted(cameras, database, assert_broken):
    async def drift():
        made = Database(database)
        detector = DriftDetector(now)
        detector.compare(NormalisedAnswer("atcs", "camera", (), (), ("a row of another type",)))
        await DriftStore(made, detector).flush()
        await made.aclose()

    asyncio.run(drift())
    assert_broken(found(check(cameras, database), "live-drift"), "camera: type-changed  a row of another type")


def test_drift_does_not_apply_without_a_gateway_database(cameras, tmp_path):
    report = check(cameras, f"sqlite:///{tmp_path / 'none.db'}")
    assert found(report, "live-drift").result is Result.NOT_APPLICABLE
    assert report.level is None
