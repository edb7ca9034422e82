"""`gerbang secret …` as an operator types it: a value goes in by standard input and is never said again."""

import asyncio
import json
import secrets

import pytest
from typer.testing import CliRunner

from gateway.cli import app
from gateway.ground.errors import GerbangError
from gateway.ground.sealing import Sealer, decode_master_key
from gateway.registry.vault.store import read_secrets
from gateway.storage.engine import Database
from tests.databases import open_database

KEY = secrets.token_urlsafe(32)
CANARY = "geheim-4711"
TOML = """
[system]
id = "e-puskesmas"

[[offices]]
id = "pekauman"
base_url = "http://127.0.0.1:9"
application = "095"
"""


@pytest.fixture
def gerbang(tmp_path, monkeypatch):
    """Runs the command in a home of its own, with a system of one office; what is typed comes by standard input."""
    folder = tmp_path / "systems"
    folder.mkdir()
    (folder / "e-puskesmas.toml").write_text(TOML, "utf-8")
    monkeypatch.setenv("GERBANG_HOME", str(tmp_path))
    monkeypatch.setenv("GERBANG_MASTER_KEY", KEY)
    monkeypatch.setenv("GERBANG_SYSTEMS", f'["{folder}"]')
    database = open_database(f"sqlite:///{tmp_path / 'gerbang.db'}")
    asyncio.run(database.aclose())

    def run(*arguments, typed=None):
        done = CliRunner().invoke(app, ["secret", *arguments], input=typed, catch_exceptions=False)
        assert CANARY not in done.output
        return done

    run.home = tmp_path
    return run


def held(gerbang):
    database = Database(f"sqlite:///{gerbang.home / 'gerbang.db'}")
    try:
        return read_secrets(database, Sealer(decode_master_key(KEY)), None).of("e-puskesmas", "pekauman")
    finally:
        asyncio.run(database.aclose())


def test_h52_a_secret_is_set_listed_and_removed_and_its_value_is_never_said(gerbang):
    done = gerbang("set", "e-puskesmas/pekauman", "secret_key", typed=f"{CANARY}\n")
    assert (done.exit_code, done.stdout) == (0, "Tersimpan. / Stored: e-puskesmas/pekauman secret_key\n")
    assert "Not complete yet: systems/e-puskesmas.toml, office pekauman: " in done.stderr
    assert held(gerbang) == {"secret_key": CANARY}
    for path in gerbang.home.glob("gerbang.db*"):
        assert CANARY.encode() not in path.read_bytes()
    found = json.loads(gerbang("list", "--json").stdout)
    told = {one["field"]: (one["state"], one["version"], one["set_by"]) for one in found}
    assert told == {
        "secret_key": ("vault", 1, "command-line"),
        "password": ("missing", None, None),
        "user_key": ("missing", None, None),
    }
    assert "e-puskesmas/pekauman            secret_key          vault     v1  20" in gerbang("list").stdout
    assert gerbang("remove", "e-puskesmas/pekauman", "secret_key").exit_code == 0
    assert held(gerbang) == {}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (CANARY, CANARY),
        (f"{CANARY}\r\n", CANARY),
        (f" {CANARY} \n\n", f" {CANARY} \n"),
        (f"a\n{CANARY}\n", f"a\n{CANARY}"),
    ],
)
def test_only_the_end_of_the_line_is_taken_off(gerbang, typed, kept):
    gerbang("set", "e-puskesmas/pekauman", "password", typed=typed)
    assert held(gerbang) == {"password": kept}


def test_a_value_is_no_argument(gerbang):
    done = CliRunner().invoke(app, ["secret", "set", "e-puskesmas/pekauman", "password", "x-and-y"])
    assert done.exit_code == 2
    assert held(gerbang) == {}


def test_where_a_secret_stands_beside_the_vault_is_listed(gerbang, monkeypatch):
    monkeypatch.setenv("GERBANG_SYSTEM__E_PUSKESMAS__PEKAUMAN__PASSWORD", CANARY)
    monkeypatch.setenv("GERBANG_SYSTEM__E_PUSKESMAS__PEKAUMAN__USER_KEY", CANARY)
    gerbang("set", "e-puskesmas/pekauman", "password", typed=CANARY)
    states = {one["field"]: one["state"] for one in json.loads(gerbang("list", "--json").stdout)}
    assert states == {"password": "both", "secret_key": "missing", "user_key": "outside"}
    (gerbang.home / "systems" / "e-puskesmas.toml").unlink()
    (only,) = json.loads(gerbang("list", "--json").stdout)
    assert (only["place"], only["field"], only["state"]) == ("e-puskesmas/pekauman", "password", "unused")
    assert gerbang("remove", "e-puskesmas/pekauman", "password").exit_code == 0


def test_a_system_that_is_not_live_yet_may_be_given_its_secrets(gerbang):
    path = gerbang.home / "systems" / "e-puskesmas.toml"
    path.write_text(TOML.replace('id = "e-puskesmas"', 'id = "e-puskesmas"\nlive = false'), "utf-8")
    assert gerbang("set", "e-puskesmas/pekauman", "password", typed=CANARY).exit_code == 0
    assert held(gerbang) == {"password": CANARY}


@pytest.mark.parametrize(
    ("arguments", "typed", "told"),
    [
        (("set", "e-puskesmas", "password"), CANARY, "There is no system or office e-puskesmas in"),
        (("set", "e-puskesmas/kuin", "password"), CANARY, "no system or office e-puskesmas/kuin"),
        (("set", "nothing", "password"), CANARY, "no system or office nothing"),
        (("set", "e-puskesmas/", "password"), CANARY, "write SYSTEM or SYSTEM/OFFICE"),
        (("set", "e-puskesmas/pekauman", "base_url"), CANARY, "no secret base_url"),
        (("set", "e-puskesmas/pekauman", "password"), "", "No value was given"),
        (("set", "e-puskesmas/pekauman", "password"), b"\xff\xfe", "not UTF-8"),
        (("remove", "e-puskesmas/pekauman", "password"), None, "holds no secret password of e-puskesmas/pekauman"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(gerbang, arguments, typed, told):
    with pytest.raises(GerbangError) as caught:
        gerbang(*arguments, typed=typed)
    assert told in str(caught.value)
    assert CANARY not in str(caught.value)
    assert held(gerbang) == {}


def test_with_another_master_key_nothing_is_set(gerbang, monkeypatch):
    gerbang("set", "e-puskesmas/pekauman", "password", typed=CANARY)
    monkeypatch.setenv("GERBANG_MASTER_KEY", secrets.token_urlsafe(32))
    with pytest.raises(GerbangError, match="was sealed under another master key than the one given"):
        gerbang("set", "e-puskesmas/pekauman", "user_key", typed=CANARY)
    assert held(gerbang) == {"password": CANARY}
