"""`gerbang account …` as an operator types it."""

import json

import pytest
from typer.testing import CliRunner

from gateway.cli import app
from gateway.storage.engine import Database, DatabaseError
from gateway.storage.migrating import migrate

RUNNER = CliRunner()
OFFICER = ("--role", "officer", "--agency", "tata-pemerintahan", "--region", "63.71.01.1001")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("GERBANG_HOME", str(tmp_path))
    return tmp_path


def run(*words):
    return RUNNER.invoke(app, ["account", *words], catch_exceptions=True)


def test_accounts_are_opened_shown_changed_and_closed(home):
    assert isinstance(run("list").exception, DatabaseError), "nothing is made where there are no tables"
    migrate(Database(f"sqlite:///{home / 'gerbang.db'}"))
    added = run("add", "noor", "--name", "Noor Hidayah", *OFFICER)
    assert added.exit_code == 0, added.output
    password = added.stdout.strip()
    assert len(password) == 19
    assert password not in run("show", "noor").stdout
    assert run("role", "noor", "--role", "operator").exit_code == 0
    reset = run("reset", "noor", "--factors")
    assert reset.stdout.strip() not in ("", password)
    assert run("withdraw", "noor").exit_code == 0
    (listed,) = json.loads(run("list", "--json").stdout)
    assert (listed["roles"], listed["agency"], bool(listed["withdrawn_at"])) == (["operator"], None, True)
    assert "withdrawn" in run("list").stdout
    assert "no agency" in str(run("add", "x", "--name", "X", "--role", "officer", "--agency", "nowhere").exception)
