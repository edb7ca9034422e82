"""What stands in the vault's table: sealed, each where it was sealed for, on record; and what cannot be put there."""

import base64

import pytest
from sqlalchemy import select, text, update

from gateway.ground.clock import now
from gateway.ground.errors import GerbangError
from gateway.ground.sealing import MasterKeyError, Sealer
from gateway.oidc.tokens.signing_keys import SigningKeys
from gateway.policy.access_log.actions import COMMAND_LINE
from gateway.registry.office_secrets import Secrets
from gateway.registry.vault.admin import VaultAdministration
from gateway.registry.vault.store import VaultError, open_all, read_secrets, secrets_for_commands
from gateway.settings import Settings
from gateway.storage.engine import Database
from gateway.storage.sealed_keys import opens_signing_key
from gateway.storage.tables.access_log import AccessEntryRow
from gateway.storage.tables.signing_keys import SigningKeyRow
from gateway.storage.tables.vault import SystemSecretRow

pytestmark = pytest.mark.anyio

CANARY = "geheim-4711"
NORTH, SOUTH = ("register", "north"), ("register", "south")


async def rows(database):
    async with database.session() as session:
        return {(row.office, row.field): row for row in await session.scalars(select(SystemSecretRow))}


async def test_h52_a_secret_is_sealed_and_opens_where_it_stands_alone(vault, tables, database, sealer):
    await vault.set(COMMAND_LINE, tables["north"], "password", CANARY)
    await vault.set(COMMAND_LINE, tables["north"], "token", f"{CANARY}-b")
    await vault.set(COMMAND_LINE, tables["south"], "password", f"{CANARY}-c")
    assert read_secrets(database, sealer, None).held == {
        NORTH: {"password": CANARY, "token": f"{CANARY}-b"},
        SOUTH: {"password": f"{CANARY}-c"},
    }
    before = await rows(database)
    assert all(CANARY.encode() not in row.sealed for row in before.values())
    assert CANARY not in repr(read_secrets(database, sealer, None))
    # Any two rows exchanged, and each of them with another version: none of it opens.
    moves = [("north", "token", "north", "password"), ("south", "password", "north", "password")]
    for from_office, from_field, office, name in moves:
        moved = before[from_office, from_field].sealed
        await _change(database, office, name, sealed=moved)
        with pytest.raises(VaultError, match=r"secret password of register/north was not sealed for its place"):
            read_secrets(database, sealer, None)
        await _change(database, office, name, sealed=before[office, name].sealed)
    await _change(database, "north", "password", version=2)
    with pytest.raises(VaultError, match="not sealed for its place"):
        read_secrets(database, sealer, None)
    await _change(database, "north", "password", version=1, sealed=b"")
    with pytest.raises(VaultError, match="not sealed for its place"):
        read_secrets(database, sealer, None)
    await vault.set(COMMAND_LINE, tables["north"], "password", CANARY)
    assert read_secrets(database, sealer, None).of(*NORTH)["password"] == CANARY


async def test_h52_an_older_secret_put_back_does_not_open(vault, tables, database, sealer):
    await vault.set(COMMAND_LINE, tables["north"], "password", "first")
    older = (await rows(database))["north", "password"].sealed
    await vault.set(COMMAND_LINE, tables["north"], "password", "second")
    await vault.set(COMMAND_LINE, tables["south"], "password", "other")
    await _change(database, "north", "password", sealed=older)
    with pytest.raises(VaultError, match="register/north"):
        read_secrets(database, sealer, None)


async def test_another_master_key_is_told_of_and_takes_nothing(vault, tables, database):
    other = Sealer(bytes(reversed(range(32))))
    await vault.set(COMMAND_LINE, tables["north"], "password", CANARY)
    with pytest.raises(MasterKeyError, match="sealed under another master key"):
        read_secrets(database, other, None)
    theirs = VaultAdministration(database, other, now)
    with pytest.raises(MasterKeyError):
        await theirs.set(COMMAND_LINE, tables["south"], "password", CANARY)
    with pytest.raises(MasterKeyError):
        await theirs.remove(COMMAND_LINE, NORTH, "password", tables["north"])
    assert len(await rows(database)) == 1


async def test_a_spoilt_secret_is_not_taken_for_another_master_key(vault, tables, database, sealer):
    keys = SigningKeys(database, sealer, now)
    await keys.start()
    await vault.set(COMMAND_LINE, tables["north"], "password", CANARY)
    await _change(database, "north", "password", sealed=b"x" * 40)
    with pytest.raises(VaultError, match="run gerbang secret set register/north password"):
        read_secrets(database, sealer, None)
    async with database.session() as session:
        (key,) = await session.scalars(select(SigningKeyRow))
    assert opens_signing_key(sealer, key)
    other = Sealer(bytes(reversed(range(32))))
    assert not opens_signing_key(other, key)
    # Before there is any secret, the signing keys show whether it is the right master key.
    await vault.remove(COMMAND_LINE, NORTH, "password", None)
    with pytest.raises(MasterKeyError):
        await VaultAdministration(database, other, now).set(COMMAND_LINE, tables["south"], "password", CANARY)


async def test_h52_every_deed_stands_in_the_access_log_and_no_value_does(vault, tables, database):
    await vault.set(COMMAND_LINE, tables["north"], "password", CANARY)
    await vault.remove(COMMAND_LINE, NORTH, "password", None)
    async with database.session() as session:
        entries = (await session.scalars(select(AccessEntryRow).order_by(AccessEntryRow.id))).all()
    told = [(one.operation, one.resource, one.purpose, one.principal) for one in entries]
    about = "administration of register/north password"
    assert told == [
        ("setSecret", "system-secret", about, "command-line"),
        ("removeSecret", "system-secret", about, "command-line"),
    ]
    assert CANARY not in repr([vars(one) for one in entries])


async def test_nothing_is_set_without_its_entry(vault, tables, database):
    async with database.begin() as connection:
        await connection.execute(text("DROP TABLE access_entries"))
    with pytest.raises(Exception, match="access_entries"):
        await vault.set(COMMAND_LINE, tables["north"], "password", CANARY)
    assert await rows(database) == {}


async def test_versions_only_grow_and_what_was_removed_is_gone(vault, tables, database, sealer):
    await vault.set(COMMAND_LINE, tables["north"], "password", "first")
    await vault.remove(COMMAND_LINE, NORTH, "password", None)
    assert read_secrets(database, sealer, None).held == {}
    assert await vault.all() == []
    kept = (await rows(database))["north", "password"]
    assert (kept.version, kept.sealed) == (2, None)
    with pytest.raises(VaultError, match="holds no secret password of register/north"):
        await vault.remove(COMMAND_LINE, NORTH, "password", None)
    await vault.set(COMMAND_LINE, tables["north"], "password", "again")
    assert [(row.version, row.set_by) for row in await vault.all()] == [(3, "command-line")]


@pytest.mark.parametrize(
    ("office", "name", "value", "told"),
    [
        (
            "north",
            "base_url",
            "http://elsewhere",
            "no secret base_url: it has password, token, sftp.password, sftp.priv",
        ),
        ("north", "pasword", CANARY, "no secret pasword"),
        ("north", "sftp.password", CANARY, r"office north has no table \[offices.sftp\]"),
        ("north", "password", " \n", "No value"),
        ("north", "password", "abc", "password: Value should have at least 4"),
        ("north", "password", f"{CANARY}\0", "zero byte"),
        ("north", "password", CANARY * 4000, "longer than 32768"),
    ],
)
async def test_what_is_no_secret_or_no_value_is_refused(vault, tables, database, office, name, value, told):
    with pytest.raises(VaultError, match=told) as caught:
        await vault.set(COMMAND_LINE, tables[office], name, value)
    assert CANARY not in str(caught.value)
    assert await rows(database) == {}


async def test_what_is_still_lacking_is_said_and_what_is_needed_is_not_removed(vault, tables):
    lacks = await vault.set(COMMAND_LINE, tables["south"], "sftp.password", CANARY)
    assert lacks == "systems/register.toml, office south: password: Field required."
    assert await vault.set(COMMAND_LINE, tables["south"], "password", CANARY) is None
    with pytest.raises(VaultError, match=r"password: Field required\. Set another one, or suspend the system first"):
        await vault.remove(COMMAND_LINE, SOUTH, "password", tables["south"])
    # From a password to a private key: for a moment there are both, which does not fit, and is said.
    lacks = await vault.set(COMMAND_LINE, tables["south"], "sftp.private_key", "-----BEGIN\nKEY-----")
    assert lacks is not None
    assert "not both" in lacks
    await vault.remove(COMMAND_LINE, SOUTH, "sftp.password", tables["south"])
    assert {row.field for row in await vault.all()} == {"password", "sftp.private_key"}


async def test_h52_the_vault_wins_over_variables_and_files(vault, tables, database, sealer, load, monkeypatch):
    monkeypatch.setenv("GERBANG_SYSTEM__REGISTER__NORTH__PASSWORD", "the variable's")
    monkeypatch.setenv("GERBANG_SYSTEM__REGISTER__SOUTH__PASSWORD", "the variable's")
    await vault.set(COMMAND_LINE, tables["north"], "password", CANARY)
    await vault.set(COMMAND_LINE, tables["south"], "sftp.password", f"{CANARY}-b")
    registry = load(read_secrets(database, sealer, None))
    north, south = registry.get("register").offices
    assert north.settings.password.get_secret_value() == CANARY
    assert south.settings.password.get_secret_value() == "the variable's"
    assert south.settings.sftp.password.get_secret_value() == f"{CANARY}-b"
    assert CANARY not in repr((north, south, registry.get("register")))


@pytest.mark.parametrize("elsewhere", [["register"], ["register/south"], ["*"]])
async def test_h52_a_secret_outside_the_vault_is_used_only_where_that_is_listed(
    vault, tables, database, sealer, load, monkeypatch, elsewhere
):
    monkeypatch.setenv("GERBANG_SYSTEM__REGISTER__SOUTH__PASSWORD", CANARY)
    await vault.set(COMMAND_LINE, tables["north"], "password", CANARY)
    await vault.set(COMMAND_LINE, tables["south"], "sftp.password", CANARY)
    for others in ([], ["registe"], ["register/north"]):
        with pytest.raises(GerbangError) as caught:
            load(read_secrets(database, sealer, others))
        assert str(caught.value) == (
            "systems/register.toml, office south: password: a secret belongs in the vault: run gerbang secret set "
            "register/south password, or name register in GERBANG_SECRETS_OUTSIDE_VAULT."
        )
    registry = load(read_secrets(database, sealer, elsewhere))
    assert registry.get("register").office("south").settings.password.get_secret_value() == CANARY


async def test_before_its_table_is_made_the_vault_holds_nothing(tmp_path, sealer):
    bare = Database(f"sqlite:///{tmp_path / 'bare.db'}")
    assert read_secrets(bare, sealer, ["a"]) == Secrets(elsewhere=["a"])
    await bare.aclose()


async def test_commands_that_ask_systems_have_the_vaults_secrets(vault, tables, database_url, sealer, tmp_path):
    ours = Settings(home=tmp_path / "home", database_url=database_url)
    assert secrets_for_commands(ours) == Secrets(), "no master key is wanted while nothing stands"
    await vault.set(COMMAND_LINE, tables["north"], "password", CANARY)
    with pytest.raises(MasterKeyError, match="GERBANG_MASTER_KEY is missing"):
        secrets_for_commands(ours)
    key = base64.urlsafe_b64encode(bytes(range(32))).decode()
    with_key = Settings(home=tmp_path / "home", database_url=database_url, master_key=key)
    assert secrets_for_commands(with_key).of(*NORTH) == {"password": CANARY}
    assert secrets_for_commands(Settings(home=tmp_path / "none")) == Secrets(), "there is no database in this home"
    assert not (tmp_path / "none").exists()


async def _change(database, office, name, **values):
    async with database.session() as session:
        place = (SystemSecretRow.office == office, SystemSecretRow.field == name)
        await session.execute(update(SystemSecretRow).where(*place).values(**values))


async def test_only_rows_that_stand_are_opened(sealer):
    removed = SystemSecretRow(system="register", office="", field="password", version=1, sealed=None)
    assert open_all(sealer, [removed]).held == {}
