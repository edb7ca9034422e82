"""The rule about databases: adapters that mishandle a damaged database fail it."""

import importlib
from collections.abc import Iterator
from dataclasses import replace

import pytest

from adapters.contract import Batch
from adapters.errors import AdapterError, UpstreamTimeoutError, UpstreamUnavailableError
from conformance.simulator_process import running_simulator
from tests.conformance.conftest import SYSTEMS, AdapterUnderTest

pytestmark = pytest.mark.xdist_group("conformance")


@pytest.fixture(scope="module")
def consultations(tmp_path_factory: pytest.TempPathFactory, processes: None) -> Iterator[AdapterUnderTest]:
    """konsultasi-publik: fed from a database, and a write into it."""
    package = importlib.import_module("adapters.konsultasi_publik")
    folder = tmp_path_factory.mktemp("consultations")
    with running_simulator(package.SPEC, folder / "city", SYSTEMS) as simulator:
        yield AdapterUnderTest(package.SPEC, package, simulator, folder)


def test_a_database_that_is_damaged_and_taken_for_empty(consultations, assert_broken):
    row = consultations.row("consultation")

    async def feed(call, mark):
        try:
            async for batch in row.feed(call, mark):
                yield batch
        except AdapterError:
            yield Batch((), whole=True)

    finding = consultations.check("hostile-database", consultations.with_row("consultation", feed=feed))
    assert_broken(finding, "feed of consultation, half a file: is taken for a valid answer")
    assert_broken(finding, "feed of consultation, no views: is taken for a valid answer")


def test_a_probe_that_always_succeeds_for_a_damaged_database(consultations, assert_broken):
    async def probe(call):
        del call

    finding = consultations.check("hostile-database", replace(consultations.spec, probe=probe))
    assert_broken(finding, "probe, no file: is not detected")


def test_a_locked_database_that_is_reported_as_unavailable(consultations, assert_broken):
    row = consultations.row("consultation")

    async def feed(call, mark):
        try:
            async for batch in row.feed(call, mark):
                yield batch
        except UpstreamTimeoutError as error:
            raise UpstreamUnavailableError(error.reason) from None

    finding = consultations.check("hostile-database", consultations.with_row("consultation", feed=feed))
    assert_broken(finding, "a locked file: raises UpstreamUnavailableError instead of UpstreamTimeoutError")
