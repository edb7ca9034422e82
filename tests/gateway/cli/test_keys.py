"""`gerbang keys …` as an operator types it: the keys by which we authenticate at other issuers."""

import asyncio
import secrets

from typer.testing import CliRunner

from gateway.cli import app
from gateway.ground.clock import now
from gateway.ground.sealing import Sealer, decode_master_key
from gateway.oidc.external.own_keys import OwnKeys
from tests.databases import open_database

KEY = secrets.token_urlsafe(32)


def test_our_own_key_is_rotated_by_command(tmp_path, monkeypatch):
    monkeypatch.setenv("GERBANG_HOME", str(tmp_path))
    monkeypatch.setenv("GERBANG_MASTER_KEY", KEY)
    database = open_database(f"sqlite:///{tmp_path / 'gerbang.db'}")
    keys = OwnKeys(database, Sealer(decode_master_key(KEY)), now)
    first = asyncio.run(_begun(keys, database))
    rotated = CliRunner().invoke(app, ["keys", "rotate-own"], catch_exceptions=False)
    assert rotated.exit_code == 0
    assert asyncio.run(_published(keys, database)) == {first, rotated.stdout.strip()}


async def _begun(keys, database):
    await keys.start()
    kid = (await keys.signing()).kid
    await database.engine.dispose()
    return kid


async def _published(keys, database):
    kids = {key["kid"] for key in (await keys.document())["keys"]}
    await database.aclose()
    return kids
