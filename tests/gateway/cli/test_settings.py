"""Which gateway a command works on: the demo of its home where nothing was decided for production."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.authentication.jose import PrivateKey
from gateway.cli import app
from gateway.cli.settings import command_settings
from gateway.demo.home import MARK
from gateway.ground.sealing import MasterKeyError, load_master_key
from gateway.settings import Mode
from gateway.storage.engine import Database
from gateway.storage.migration import migrate

CLIENT = """
id = "portal-warga"
title_id = "Portal warga"
title_en = "Residents' portal"
owner = "Dinas Kominfo"
agency = "tata-pemerintahan"
purpose = "services for residents"
grant_types = ["authorization_code"]
scopes = ["openid"]
redirect_uris = ["https://portal.example/back"]

[credentials]
secret_until = 2027-01-01T00:00:00+08:00
secret_reason = "it is being tried out"
"""


@pytest.fixture
def demo_home(tmp_path, monkeypatch):
    """The home that a demo leaves, and nothing else in the environment."""
    for name in ("GERBANG_MODE", "GERBANG_MASTER_KEY", "GERBANG_DATABASE_URL", "GERBANG_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GERBANG_HOME", str(tmp_path))
    (tmp_path / MARK).write_text(json.dumps({"port": 8123}))
    (tmp_path / "city" / "systems").mkdir(parents=True)
    load_master_key(tmp_path / "master.key")
    database = Database(f"sqlite:///{tmp_path / 'gerbang.db'}")
    migrate(database)
    database.sync_engine.dispose()
    return tmp_path


def run(*words):
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done


def test_a_client_is_registered_with_the_demo_and_everything_is_said(demo_home):
    file = demo_home / "client.toml"
    file.write_text(CLIENT)
    done = run("client", "add", str(file))
    assert f"The demo in {demo_home}." in done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "Terdaftar. / Registered: portal-warga"
    assert "  redirect_uris    https://portal.example/back" in lines
    assert re.search(r"^  secret           \S{43}$", done.stdout, re.MULTILINE)
    assert "the issuer http://localhost:8123" in lines[-1]
    assert json.loads(run("client", "show", "portal-warga").stdout)["state"] == "standing"


@pytest.mark.parametrize("command", [("keys", "list"), ("client", "list"), ("account", "list"), ("secret", "list")])
def test_the_other_commands_work_on_the_demo_too(demo_home, command):
    assert "The demo in" in run(*command).stderr


def test_a_key_that_is_retired_is_named(demo_home):
    first = run("keys", "rotate").stdout.strip()
    run("keys", "rotate", "--now")
    assert run("keys", "retire", first).stdout == f"Ditolak mulai sekarang. / Refused from now on: {first}\n"


def test_a_key_whose_name_begins_with_a_hyphen_is_retired_too(demo_home, monkeypatch):
    generate = PrivateKey.generate

    def generated(*chosen):
        return next(key for key in iter(lambda: generate(*chosen), None) if key.kid.startswith("-"))

    with monkeypatch.context() as patched:
        patched.setattr(PrivateKey, "generate", generated)
        first = run("keys", "rotate").stdout.strip()
    run("keys", "rotate", "--now")
    assert first.startswith("-")
    assert run("keys", "retire", first).stdout.endswith(f": {first}\n")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GERBANG_MODE", "production"),
        ("GERBANG_MASTER_KEY", "q3v0pYH8Xj2bTn6cKw9sLr4eZa1dUf7gMi5oBx_QyWk"),
        ("GERBANG_DATABASE_URL", "postgresql://gerbang@127.0.0.1/gerbang"),
    ],
)
def test_what_was_decided_for_production_wins(demo_home, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    assert command_settings().mode is Mode.PRODUCTION


def test_another_home_in_the_settings_file_wins(demo_home, monkeypatch, tmp_path):
    file = tmp_path / "gateway.toml"
    file.write_text(f'home = "{tmp_path / "elsewhere"}"\n')
    monkeypatch.delenv("GERBANG_HOME")
    monkeypatch.setenv("GERBANG_CONFIG", str(file))
    monkeypatch.chdir(tmp_path)
    Path(".gerbang").mkdir()
    (Path(".gerbang") / MARK).write_text(json.dumps({"port": 8123}))
    assert command_settings().home == tmp_path / "elsewhere"


def test_where_no_demo_was_started_a_master_key_is_asked_for(demo_home, monkeypatch):
    (demo_home / MARK).unlink()
    with pytest.raises(MasterKeyError, match="GERBANG_MASTER_KEY is missing"):
        run("client", "list")
