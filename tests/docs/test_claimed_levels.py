"""What is claimed about the adapters in the tree is about the code that is there.

A level that comes with the code binds in production. When an adapter's code is changed, it has to be checked again:
`gerbang adapter check <id> --packaged`, a few seconds for each.
"""

from importlib import import_module

import pytest

from gateway.registry.builtin import BUILTIN
from gateway.registry.digests import digest_of
from gateway.registry.levels import Levels
from schemas.system import LevelState, QualityLevel


@pytest.mark.parametrize("system", BUILTIN)
def test_the_level_of_an_adapter_is_about_its_code(system, tmp_path):
    spec = import_module(BUILTIN[system]).SPEC
    level = Levels(tmp_path).of(system, digest_of(spec))
    again = f"gerbang adapter check {system} --packaged"
    assert level is not None, again
    assert level.state is not LevelState.STALE, again
    assert level.level is (QualityLevel.GOLD if spec.writes else QualityLevel.SILVER)
