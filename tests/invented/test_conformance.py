"""The five invented adapters before their simulators, by every rule of the conformance suite."""

import asyncio

import pytest

from conformance.adapters import adapter_of
from conformance.check_context import DAMAGES, CheckContext
from conformance.rules import Result
from conformance.runner import check_adapter, check_rules
from schemas.catalogue import RESOURCES
from schemas.system import QualityLevel
from tests.invented.conftest import GOLDEN, SYSTEMS
from tests.loops import volume

WITHOUT_SIMULATOR = {
    *("shape-files", "shape-spec", "shape-rows", "shape-datasheet", "shape-readme", "shape-settings", "shape-classes"),
    *("shape-walls", "golden", "code-lists", "mutation-records"),
}
WITH_SIMULATOR = {
    *("rows-answer", "rows-keys", "hostile-connection", "hostile-statuses", "hostile-pages", "hostile-bodies"),
    *("hostile-bombs", "hostile-redirect", "owners", "strangers", "probe", "probe-credentials", "mutation", "limits"),
    *("identity", "redaction", "faults"),
}


def results(findings, result):
    return {finding.rule.id: finding.reason for finding in findings if finding.result is result}


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_package_and_its_golden_pairs_meet_every_rule_that_needs_no_simulator(system, installed, tmp_path):
    context = CheckContext(adapter_of(system, GOLDEN), tmp_path, damages=volume(40, long=DAMAGES))
    findings = asyncio.run(check_rules(context))
    assert results(findings, Result.FAILED) == {}
    assert results(findings, Result.PASSED).keys() >= WITHOUT_SIMULATOR


@pytest.mark.processes
@pytest.mark.parametrize("system", SYSTEMS)
def test_an_invented_adapter_reaches_silver(system, installed):
    report = check_adapter(adapter_of(system, GOLDEN), damages=volume(40, long=DAMAGES))
    assert results(report.findings, Result.FAILED) == {}
    assert results(report.findings, Result.PASSED).keys() >= WITHOUT_SIMULATOR | WITH_SIMULATOR
    assert report.level is QualityLevel.SILVER


def test_the_five_fill_generic_resources_only(installed):
    filled = {system: {row.resource.name for row in spec.reads} for system, spec in installed.items()}
    assert filled == {
        "gor": {"booking", "place"},
        "pdam": {"bill", "entitlement", "notice"},
        "perpustakaan": {"bill", "entitlement", "place"},
        "ppdb": {"case"},
        "retribusi-pasar": {"bill", "entitlement"},
    }
    assert all(RESOURCES[name].generic is None for names in filled.values() for name in names)
