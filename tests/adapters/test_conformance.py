"""The contract tests: every adapter before its twin, by every rule of the conformance suite; remote ones too."""

from pathlib import Path

import pytest

from conformance.adapters import adapter_of, remote_systems
from conformance.rules import Result
from conformance.running import check_adapter
from gateway.registry.builtin import BUILTIN
from schemas.system import QualityLevel

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("system", [*BUILTIN, *remote_systems()])
def test_an_adapter_conforms(system):
    adapter = adapter_of(system, ROOT / "tests" / "adapters")
    report = check_adapter(adapter, systems=ROOT / "config" / "systems")
    assert {found.rule.id: found.reason for found in report.findings if found.result is Result.FAILED} == {}
    assert report.level is (QualityLevel.GOLD if adapter.spec.writes else QualityLevel.SILVER)
