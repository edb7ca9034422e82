"""The suite as a pytest plug-in: one test for each rule, in any folder."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.processes


def run(folder, *options):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "conformance.plugin", *options, str(folder)]
    alone = os.environ | {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"
    }  # the plug-in needs no other, and some load for seconds
    return subprocess.run(command, cwd=folder, env=alone, capture_output=True, text=True, check=False)


def test_every_rule_is_a_test(tmp_path):
    ran = run(tmp_path, "--adapter", "dukcapil", "-rs", "-k", "shape or golden or rows-answer or webhook")
    assert ran.returncode == 0, ran.stdout
    assert "10 passed, 4 skipped" in ran.stdout
    assert "the adapter has no webhooks" in ran.stdout


def test_a_rule_that_is_broken_fails_with_what_is_wrong(tmp_path):
    ran = run(tmp_path, "--adapter", "dukcapil", "--golden", str(tmp_path), "-k", "golden")
    assert ran.returncode == 1
    assert "there is no source checkout" in ran.stdout or "no golden pairs" in ran.stdout


def test_an_unknown_adapter_is_one_sentence(tmp_path):
    ran = run(tmp_path, "--adapter", "no-such-system", "-k", "golden")
    assert ran.returncode == 1
    assert "There is no adapter no-such-system" in ran.stdout


def test_no_tests_without_an_adapter(tmp_path):
    assert run(tmp_path).returncode == 5
