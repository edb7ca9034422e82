"""The alerts: each is valid, fires and keeps silent in its unit test, uses metrics that exist, and is described."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.app import create_app
from gateway.registry.registry import Registry
from gateway.server.operator_address import CONNECTION_FAMILIES
from gateway.settings import Settings
from tests.gateway.fakes import AGENCIES

ROOT = Path(__file__).resolve().parents[2]
CONFIG, ALERTS = ROOT / "config/prometheus/prometheus.yml", ROOT / "config/prometheus/alerts.yml"
UNIT_TESTS = Path(__file__).parent / "prometheus/alerts_test.yml"
ANSWERED = {"up"}
"""Metrics that Prometheus itself makes."""


def blocks(path=ALERTS):
    """The text of each alert by its name."""
    parts = re.split(r"^ +- alert: (\w+)$", path.read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def promtool(*arguments):
    """Run promtool, which has to succeed; where there is none the test is skipped."""
    program = shutil.which("promtool")
    if program is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no promtool on this machine; CI needs one")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


@pytest.mark.processes
def test_the_configuration_and_its_rules_are_valid():
    promtool("check", "config", "--lint-fatal", str(CONFIG))


@pytest.mark.processes
@pytest.mark.slow
def test_each_alert_fires_when_it_should_and_only_then():
    promtool("test", "rules", str(UNIT_TESTS))


def test_each_alert_has_a_unit_test_in_which_it_fires_and_one_in_which_it_does_not():
    parts = re.split(r"^  - name: (\w+)$", UNIT_TESTS.read_text("utf-8"), flags=re.MULTILINE)
    tested = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert list(tested) == list(blocks())
    for name, text in tested.items():
        assert f'ALERTS{{alertname="{name}",alertstate="firing"}}' in text
        assert set(re.findall(r"- value: (\d)$", text, re.MULTILINE)) == {"0", "1"}, name


def test_the_alerts_name_metrics_that_the_gateway_has(tmp_path):
    agencies = tmp_path / "agencies.toml"
    agencies.write_text(AGENCIES)
    app = create_app(Settings(mode="demo", home=tmp_path, port=8000, agencies=agencies), registry=Registry(()))
    families = {family.name for family in (*app.state.deps.metrics.families, *CONNECTION_FAMILIES)}
    text = ALERTS.read_text("utf-8")
    recorded = set(re.findall(r"- record: ([\w:]+)$", text, re.MULTILINE))
    expressions = re.findall(r"^ +expr: (\|\n(?: {10,}.*\n)+|.*\n)", text, re.MULTILINE)
    assert len(expressions) == len(blocks()) + len(recorded)
    # A metric is followed by its labels, a range or a comparison, a function by a parenthesis.
    words = re.findall(
        r"\b((?:gerbang|process|python|up)[\w:]*)(?=[\[{ )]|$)", re.sub(r'"[^"]*"', '""', " ".join(expressions))
    )
    named = {re.sub(r"_bucket$", "", word) for word in words} - recorded - ANSWERED
    assert len(named) > 15
    assert named <= families


@pytest.mark.parametrize("name", blocks())
def test_each_alert_says_in_both_languages_what_to_do(name):
    text = blocks()[name]
    assert re.search(r"severity: (page|ticket)$", text, re.MULTILINE)
    for field in ("summary", "description"):
        found = re.search(rf"^ +{field}: (?:>-\n)?((?:.+\n)+?)(?= +\w+: |\Z)", text, re.MULTILINE)
        indonesian, english = found[1].split("·")
        assert indonesian.strip(' "\n')
        assert english.strip(' "\n')
    assert f"runbook: docs/operators.md#{name.lower()}\n" in f"{text}\n"
    assert f"\n### {name}\n" in (ROOT / "docs/operators.md").read_text("utf-8")
