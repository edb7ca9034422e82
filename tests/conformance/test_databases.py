"""The rules about databases: each way of being unsound is caught."""

import importlib
from collections.abc import Iterator
from dataclasses import replace

import pytest

from adapters.contract import Batch
from adapters.errors import AdapterError, UpstreamTimeoutError, UpstreamUnavailableError
from conformance.simulator_process import running_simulator
from tests.conformance.conftest import SYSTEMS, Workshop

pytestmark = pytest.mark.xdist_group("conformance")


@pytest.fixture(scope="module")
def consultations(tmp_path_factory: pytest.TempPathFactory, processes: None) -> Iterator[Workshop]:
    """konsultasi-publik: fed from a database, and a write into it."""
    package = importlib.import_module("adapters.konsultasi_publik")
    folder = tmp_path_factory.mktemp("consultations")
    with running_simulator(package.SPEC, folder / "city", SYSTEMS) as simulator:
        yield Workshop(package.SPEC, package, simulator, folder)


def test_a_database_that_is_damaged_and_taken_for_empty(consultations, broken):
    row = consultations.row("consultation")

    async def feed(call, mark):
        try:
            async for batch in row.feed(call, mark):
                yield batch
        except AdapterError:
            yield Batch((), whole=True)

    finding = consultations.check("hostile-database", consultations.with_row("consultation", feed=feed))
    broken(finding, "consultation fed, half a file: is taken for an answer")
    broken(finding, "consultation fed, no views: is taken for an answer")


def test_a_probe_that_says_yes_to_anything(consultations, broken):
    async def probe(call):
        del call

    finding = consultations.check("hostile-database", replace(consultations.spec, probe=probe))
    broken(finding, "probe, no file: is not noticed")


def test_a_database_that_is_held_and_said_to_be_away(consultations, broken):
    row = consultations.row("consultation")

    async def feed(call, mark):
        try:
            async for batch in row.feed(call, mark):
                yield batch
        except UpstreamTimeoutError as error:
            raise UpstreamUnavailableError(error.reason) from None

    finding = consultations.check("hostile-database", consultations.with_row("consultation", feed=feed))
    broken(finding, "a file that somebody holds: raises UpstreamUnavailableError in place of UpstreamTimeoutError")
