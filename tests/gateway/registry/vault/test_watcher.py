"""How a gateway that serves takes up what has changed in the vault, and what it does when it cannot."""

import asyncio
import logging
import time
from itertools import pairwise

import pytest
from sqlalchemy import text, update

from gateway.policy.access_log.actions import COMMAND_LINE
from gateway.registry.registry import Registry
from gateway.registry.vault.store import read_secrets
from gateway.registry.vault.watcher import _MIN_INTERVAL, VaultWatcher
from gateway.storage.tables.vault import SystemSecretRow
from tests.gateway.fakes import Fake

pytestmark = pytest.mark.anyio

CANARY = "geheim-4711"


class Served:
    """The registry of a gateway, and its watch."""

    def __init__(self, registry, watch):
        self.registry, self.watch = registry, watch

    def password(self, office="north"):
        return self.registry.get("register").office(office).settings.password.get_secret_value()


async def until(what):
    end = time.monotonic() + 20
    while not what():
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


@pytest.fixture
async def served(vault, tables, database, sealer, load):
    for office in ("north", "south"):
        await vault.set(COMMAND_LINE, tables[office], "password", f"first of {office}")
    await vault.set(COMMAND_LINE, tables["south"], "sftp.password", "first of the server")
    registry = load(read_secrets(database, sealer, []))
    watch = VaultWatcher(registry, database, sealer, elsewhere=[], interval=60)
    yield Served(registry, watch)
    await watch.aclose()


async def test_h52_a_changed_secret_is_taken_up_for_its_office_alone(served, vault, tables, caplog):
    caplog.set_level(logging.DEBUG)
    before = served.registry.get("register").office("south").settings
    await served.watch.check()
    assert served.password() == "first of north", "nothing has changed"
    await vault.set(COMMAND_LINE, tables["north"], "password", CANARY)
    await served.watch.check()
    assert served.password() == CANARY
    assert served.registry.get("register").office("south").settings is before
    told = [record for record in caplog.records if record.name == "gateway.registry.vault.watcher"]
    assert [(one.message, one.system, one.office) for one in told] == [("changed secrets applied", "register", "north")]
    assert CANARY not in "".join(str(vars(one)) for one in caplog.records)


async def test_h52_a_refusal_of_a_system_makes_it_look_at_once(served, vault, tables):
    await served.watch.start()
    await vault.set(COMMAND_LINE, tables["north"], "password", CANARY)
    await asyncio.sleep(0.2)
    assert served.password() == "first of north", "it looks every minute here"
    served.watch.request_check()
    await until(lambda: served.password() == CANARY)


@pytest.mark.slow
async def test_refusals_in_heaps_are_one_look(served, vault, tables):
    looks = []
    look = served.watch.check

    async def counted():
        looks.append(time.monotonic())
        await look()

    served.watch.check = counted
    await served.watch.start()
    for _ in range(100):
        served.watch.request_check()
        await asyncio.sleep(0.01)
    assert looks
    assert all(later - earlier >= _MIN_INTERVAL for earlier, later in pairwise(looks)), "a look rests in between"


async def test_it_looks_by_itself_too(vault, tables, database, sealer, served):
    watch = VaultWatcher(served.registry, database, sealer, elsewhere=[], interval=0.05)
    await watch.start()
    await vault.set(COMMAND_LINE, tables["north"], "password", CANARY)
    await until(lambda: served.password() == CANARY)
    await watch.aclose()
    assert served.password() == CANARY


async def test_what_does_not_fit_leaves_the_office_as_it_was(served, vault, tables, database, caplog):
    await vault.set(COMMAND_LINE, tables["south"], "sftp.private_key", CANARY)
    await vault.set(COMMAND_LINE, tables["north"], "password", CANARY)
    await served.watch.check()
    south = served.registry.get("register").office("south").settings
    assert (south.sftp.password.get_secret_value(), south.sftp.private_key) == ("first of the server", None)
    assert served.password() == CANARY, "the other office has what is its own"
    assert [(one.message, one.office) for one in caplog.records] == [("changed secrets do not fit", "south")]
    await vault.remove(COMMAND_LINE, ("register", "south"), "sftp.password", tables["south"])
    await served.watch.check()
    south = served.registry.get("register").office("south").settings
    assert (south.sftp.password, south.sftp.private_key.get_secret_value()) == (None, CANARY)


async def test_an_adapter_that_breaks_over_its_settings_ends_neither_the_watch_nor_the_other_offices(
    served, vault, tables, monkeypatch, caplog
):
    class Broken:
        def settings(self, _secrets):
            raise KeyError("password")

    monkeypatch.setattr(served.registry.get("register").office("south"), "table", Broken())
    await served.watch.start()
    await vault.set(COMMAND_LINE, tables["north"], "password", CANARY)
    served.watch.request_check()
    await until(lambda: served.password() == CANARY)
    assert ("changed secrets do not fit", "KeyError") in [
        (one.message, getattr(one, "error", "")) for one in caplog.records
    ]


async def test_h52_a_row_that_was_exchanged_is_told_of_and_not_used(served, database, caplog):
    async with database.session() as session:
        await session.execute(
            update(SystemSecretRow)
            .where(SystemSecretRow.office == "north")
            .values(sealed=b"what somebody wrote into the database of ours")
        )
    await served.watch.check()
    assert served.password() == "first of north"
    assert [(one.message, one.office) for one in caplog.records] == [("secret not sealed for its place", "north")]


async def test_a_variable_does_not_come_in_for_a_secret_that_was_removed(served, vault, monkeypatch, caplog):
    await vault.remove(COMMAND_LINE, ("register", "north"), "password", None)
    await served.watch.check()
    assert served.password() == "first of north"
    assert [one.message for one in caplog.records] == ["changed secrets do not fit"]


async def test_a_database_that_is_away_is_told_of_once_and_costs_nothing_else(served, vault, tables, database, caplog):
    async with database.begin() as connection:
        await connection.execute(text("ALTER TABLE system_secrets RENAME TO elsewhere"))
    await served.watch.check()
    await served.watch.check()
    assert [one.message for one in caplog.records] == ["vault not read"]
    assert served.password() == "first of north"
    async with database.begin() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO system_secrets"))
    await vault.set(COMMAND_LINE, tables["north"], "password", CANARY)
    await served.watch.check()
    assert served.password() == CANARY


async def test_offices_whose_settings_were_given_as_they_are_need_no_watch(database, sealer):
    watch = VaultWatcher(Registry([Fake("register").live]), database, sealer, elsewhere=None)
    await watch.start()
    await watch.check()
    await watch.aclose()
