"""The index of modules in docs/architecture.md is what the docstrings say."""

from pathlib import Path
from runpy import run_path

SCRIPT = run_path(str(Path(__file__).resolve().parents[2] / ".ci/module_index.py"))


def test_every_module_is_in_the_index_with_its_first_line():
    page = SCRIPT["PAGE"].read_text("utf-8")
    assert "* `redaction.py`: Redaction:" in page
    assert SCRIPT["with_index"](page) == page, "modules or docstrings have changed: run `make format`"
