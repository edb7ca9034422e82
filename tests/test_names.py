"""One public name stands for one thing: classes of the whole tree, and modules of one room."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
TREES: Final = ("adapters", "conformance", "gateway", "schemas")
SHARED_BY_ADAPTERS: Final = ("declarative", "legacy")
"""Folders of `adapters/` that are no adapter. Adapters repeat names on purpose, such as `Settings` and `client`."""
REPEATED_CLASSES: Final[dict[str, str]] = {}
"""Names of several classes, with the reason."""
REPEATED_MODULES: Final = {
    "engine": "one for each transport of a room",
    "errors": "the errors of one part of a room",
    "office": "one for each transport of a room",
    "tickets": "the table-free part in `sessions`, the tickets of agencies' applications in `apps`",
}


def modules() -> Iterator[Path]:
    """Every module of the product, but those of single systems and released migrations."""
    for tree in TREES:
        for path in (ROOT / tree).rglob("*.py"):
            parts = path.relative_to(ROOT).parts
            if "versions" in parts or (tree == "adapters" and len(parts) > 2 and parts[1] not in SHARED_BY_ADAPTERS):
                continue
            yield path


def test_a_public_class_has_a_name_of_its_own() -> None:
    found = defaultdict(list)
    for path in modules():
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(str(path.relative_to(ROOT)))
    assert len(found) > 300, "the classes of the product are found"
    assert {name: paths for name, paths in found.items() if len(paths) > 1 and name not in REPEATED_CLASSES} == {}


def test_a_module_has_a_name_of_its_own_within_its_room() -> None:
    found = defaultdict(list)
    for path in modules():
        parts = path.relative_to(ROOT).parts
        room = "/".join(parts[:2]) if len(parts) > 2 else parts[0]
        # A table has the name of what its rows store, an example that of what it shows.
        if path.stem not in {"__init__", "__main__"} and not {"tables", "examples"} & set(parts):
            found[room, path.stem].append("/".join(parts))
    repeated = {name: paths for (_, name), paths in found.items() if len(paths) > 1}
    assert {name: paths for name, paths in repeated.items() if name not in REPEATED_MODULES} == {}
    assert set(REPEATED_MODULES) <= set(repeated), "the list has no name that is not repeated"


def test_classes_of_tables_end_in_row() -> None:
    for path in (ROOT / "gateway" / "storage" / "tables").glob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and any(getattr(base, "id", "") == "Row" for base in node.bases):
                assert node.name.endswith("Row"), f"{path.name}: {node.name}"
