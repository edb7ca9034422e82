"""The adapter template for agencies uses the standard library only."""

import ast
import sys
from pathlib import Path

import pytest

FOLDER = Path("simulators/pbb/adapter")
SOURCES = sorted(FOLDER.glob("*.py"))
OWN = "simulators.pbb.adapter"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_only_the_standard_library_is_imported(path: Path) -> None:
    imported = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level
            imported.add(node.module or "")
    foreign = {name for name in imported if name.partition(".")[0] not in sys.stdlib_module_names}
    assert all(name == OWN or name.startswith(f"{OWN}.") for name in foreign), foreign


def test_there_are_modules_to_check() -> None:
    assert {path.stem for path in SOURCES} >= {"protocol", "mapping", "legacy", "service"}
