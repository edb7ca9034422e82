"""`gerbang account …` as an operator types it."""

import json

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from gateway.cli import app
from gateway.storage.engine import Database, DatabaseError
from gateway.storage.tables.access_log import AccessEntryRow
from tests.databases import open_database

RUNNER = CliRunner()
OFFICER = ("--role", "officer", "--agency", "tata-pemerintahan", "--region", "63.71.01.1001")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("GERBANG_HOME", str(tmp_path))
    return tmp_path


def run(*words):
    return RUNNER.invoke(app, ["account", *words], catch_exceptions=True)


def migrated(home):
    database = open_database(f"sqlite:///{home / 'gerbang.db'}")
    database.sync_engine.dispose()


def test_accounts_are_opened_shown_changed_and_closed(home):
    assert isinstance(run("list").exception, DatabaseError), "nothing is made where there are no tables"
    migrated(home)
    added = run("add", "noor", "--name", "Noor Hidayah", *OFFICER)
    assert added.exit_code == 0, added.output
    password = added.stdout.strip()
    assert len(password) == 19
    assert password not in run("show", "noor").stdout
    assert run("role", "noor", "--role", "operator").stdout == "Peran diganti. / Roles replaced: noor (operator)\n"
    reset = run("reset", "noor", "--factors")
    assert reset.stdout.strip() not in ("", password)
    assert run("withdraw", "noor").stdout.endswith("Closed, with its sessions and tokens: noor\n")
    (listed,) = json.loads(run("list", "--json").stdout)
    assert (listed["roles"], listed["agency"], bool(listed["withdrawn_at"])) == (["operator"], None, True)
    assert "withdrawn" in run("list").stdout
    assert "no agency" in str(run("add", "x", "--name", "X", "--role", "officer", "--agency", "nowhere").exception)


def test_identities_of_another_issuer_are_linked_and_taken_back(home, monkeypatch):
    migrated(home)
    monkeypatch.setenv("GERBANG_TOKEN_ISSUERS__KOTA__ISSUER", "https://sso.example/realms/kota")
    assert run("add", "noor", "--name", "Noor Hidayah", *OFFICER).exit_code == 0
    assert run("add", "siti", "--name", "Siti Rahmah", "--role", "operator").exit_code == 0
    assert "no issuer pusat" in str(run("link", "noor", "pusat", "f4c0").exception)
    assert "no account nobody" in str(run("link", "nobody", "kota", "f4c0").exception)
    assert "not linked" in str(run("unlink", "noor", "kota").exception)
    assert run("link", "noor", "kota", "f4c0").stdout == "Terhubung. / Linked: noor, kota\n"
    for again in (("noor", "kota", "f4c0"), ("siti", "kota", "f4c0"), ("noor", "kota", "another")):
        assert "linked already" in str(run("link", *again).exception)
    assert run("unlink", "noor", "kota").exit_code == 0
    assert run("link", "siti", "kota", "f4c0").exit_code == 0
    database = Database(f"sqlite:///{home / 'gerbang.db'}")
    with database.sync_session() as session:
        done = session.scalars(select(AccessEntryRow.operation).order_by(AccessEntryRow.id)).all()
    database.sync_engine.dispose()
    assert done[-3:] == ["linkIdentity", "unlinkIdentity", "linkIdentity"]
