"""The contract tests: every adapter before its simulator, by every rule of the conformance suite; remote ones too.

A rule that finds nothing to do is not applicable, and that would hide a rule that has become blind. So of each kind of
adapter it is said here which rules it passes; how each of them is broken is tested beside the suite.
"""

import re
from pathlib import Path

import pytest

from conformance.adapters import adapter_of, remote_systems
from conformance.check_context import DAMAGES
from conformance.rules import Result
from conformance.runner import check_adapter
from gateway.registry.builtin import BUILTIN
from schemas.system import QualityLevel
from tests.loops import volume

ROOT = Path(__file__).resolve().parents[2]
PASSED = {
    "dukcapil": (
        *("limits", "identity", "redaction", "mutation", "hostile-fields", "drift", "faults", "hostile-connection"),
        *("hostile-statuses", "hostile-pages", "hostile-bodies", "hostile-bombs", "hostile-redirect"),
    ),
    "e-kelurahan": (
        *("rows-answer", "rows-keys", "rows-documents", "owners", "strangers", "unknown-keys", "filters", "paging"),
        *("paging-moving", "feed-ends", "feed-resumes", "probe", "probe-credentials"),
        *("write-once", "write-lost", "write-unsent", "write-damaged", "write-look-damaged"),
    ),
    "konsultasi-publik": ("hostile-database", "probe", "write-once", "write-unsent", "redaction"),
    "lapor": ("webhook-stores",),
    "wirausaha-baru": ("hostile-files", "hostile-file-bombs", "hostile-folder", "redaction"),
}
SAID = {
    "e-puskesmas": {
        "mutation": r"[1-9]\d* of them to one record",
        "hostile-fields": r"\d\d damaged",
        "drift": r"[1-9]\d* of them",
    },
}


@pytest.mark.parametrize("system", [*BUILTIN, *remote_systems()])
@pytest.mark.processes
def test_an_adapter_conforms(system):
    adapter = adapter_of(system, ROOT / "tests" / "adapters")
    report = check_adapter(adapter, systems=ROOT / "config" / "systems", damages=volume(40, long=DAMAGES))
    assert {found.rule.id: found.reason for found in report.findings if found.result is Result.FAILED} == {}
    assert report.level is (QualityLevel.GOLD if adapter.spec.writes else QualityLevel.SILVER)
    passed = {found.rule.id: found.reason for found in report.findings if found.result is Result.PASSED}
    said = SAID.get(system, {})
    assert {*PASSED.get(system, ()), *said} - passed.keys() == set()
    assert {rule: passed[rule] for rule, words in said.items() if not re.search(words, passed[rule])} == {}


def test_what_is_said_to_be_passed_is_looked_at():
    assert {*PASSED, *SAID} <= {*BUILTIN, *remote_systems()}
