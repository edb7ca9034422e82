"""The conformance suite over the example in PHP. (Over the one in Python it runs with those of all other adapters.)"""

from pathlib import Path

import pytest

from conformance.adapters import adapter_of
from conformance.check_context import CheckContext
from conformance.levels import earned_level
from conformance.rules import Result
from conformance.runner import check_rules
from conformance.simulator_process import Simulator, SimulatorOffice
from schemas.system import QualityLevel
from simulators.people import DEMONSTRATION
from tests.adapters.pbb.conftest import ROOT, needs_php, over

pytestmark = pytest.mark.anyio


@pytest.mark.processes
async def test_the_example_in_php_conforms(tmp_path: Path) -> None:
    needs_php()
    people = {name: person.nik or None for name, person in DEMONSTRATION.items()}
    work = tmp_path / "work"
    work.mkdir()
    async with over("php", tmp_path) as pbb:
        simulator = Simulator((SimulatorOffice(None, pbb.settings(), pbb.simulator.control),), people)
        context = CheckContext(adapter_of("pbb", ROOT / "tests" / "adapters"), work, simulator)
        findings = await check_rules(context)
    assert {found.rule.id: found.reason for found in findings if found.result is Result.FAILED} == {}
    assert earned_level(findings) is QualityLevel.SILVER
