"""The hooks of `.pre-commit-config.yaml`: programs of `.venv` only, and the form of a commit message."""

import re
from pathlib import Path
from runpy import run_path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FAULTS = run_path(str(ROOT / ".ci/commit_message.py"))["faults"]
HOOKS = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    "message",
    [
        "docs: explain the test loops\n",
        "upstream: count retries against the budget\n\nA retry is a request, too.\n",
        f"api: {'x' * 67}\n",
        "demo: restart the gateway\n# Please enter the commit message.\n#\n# On branch main\n",
        "demo: restart\n\nWhy.\n# ------------------------ >8 ------------------------\ndiff --git a/x b/x\nlong\n",
        "Merge branch 'main' of example",
        'Revert "docs: explain the test loops"\n\nThis reverts commit 0123456.\n',
        "fixup! docs: explain the test loops\n",
    ],
)
def test_a_message_of_the_form_is_accepted(message: str) -> None:
    assert list(FAULTS(message)) == []


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ("", "has the form"),
        ("explain the test loops\n", "has the form"),
        ("Docs: explain the test loops\n", "has the form"),
        ("docs:explain the test loops\n", "has the form"),
        (f"api: {'x' * 68}\n", "has 73 characters; at most 72"),
        ("docs: explain the test loops.\n", "full stop"),
        ("docs: explain the test loops\nbecause\n", "second line is empty"),
    ],
)
def test_another_message_is_refused_with_the_reason(message: str, why: str) -> None:
    assert [why in fault for fault in FAULTS(message)] == [True]


def test_every_hook_runs_a_program_of_the_environment() -> None:
    entries = re.findall(r"^ +entry: (\S+)", HOOKS, re.MULTILINE)
    assert len(entries) == len(re.findall(r"^ +- id: ", HOOKS, re.MULTILINE)) > 0
    assert all(entry.startswith(".venv/bin/") for entry in entries)
    assert re.findall(r"repo: (\S+)", HOOKS) == ["local"]
    assert set(re.findall(r"language: (\S+)", HOOKS)) == {"unsupported"}
