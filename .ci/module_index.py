"""Write the index of all modules into docs/architecture.md: `python .ci/module_index.py`.

A module is described by the first line of its docstring. `tests/docs/test_module_index.py` compares the page.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "architecture.md"
FOLDERS: Final = ("gateway", "schemas", "adapters", "conformance", "simulators")
HELPERS: Final = ("tests", "tests/gateway", "tests/e2e")
"""Folders of tests whose helpers are listed."""
BEGIN: Final = "<!-- The index of modules; `make format` writes it from the docstrings. -->"
END: Final = "<!-- The end of the index. -->"


def first_line(module: Path) -> str:
    """The first line of the module's docstring."""
    return (ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or "").partition("\n")[0]


def modules() -> Iterator[Path]:
    """Every module to list: no migrations, no templates, no tests. Packages are named by their folders."""
    found = [module for folder in FOLDERS for module in (ROOT / folder).rglob("*.py")]
    found += [module for folder in HELPERS for module in (ROOT / folder).glob("*.py")]
    paths = [module.relative_to(ROOT) for module in found]
    for path in sorted(paths, key=lambda path: (path.parent.parts, path.name)):
        hidden = any(part.startswith("_") or part == "versions" for part in path.parts)
        if not hidden and not path.name.startswith("test_"):
            yield path


def index() -> str:
    """The index, one folding section for each folder with modules."""
    sections: dict[Path, list[str]] = defaultdict(list)
    for path in modules():
        sections[path.parent].append(f"* `{path.name}`: {first_line(ROOT / path)}")
    written = []
    for folder, lines in sections.items():
        package = ROOT / folder / "__init__.py"
        about = first_line(package) if package.exists() else ""
        written += ["<details>", f"<summary><code>{folder}/</code> {about}</summary>", "", *lines, "", "</details>", ""]
    return "\n".join(written)


def with_index(page: str) -> str:
    """The page with the index of today's modules."""
    whole = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    return whole.sub(lambda _: f"{BEGIN}\n\n{index()}\n{END}", page)


if __name__ == "__main__":
    PAGE.write_text(with_index(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
