"""The access log under load, under a lock, and over both databases."""

import asyncio
import sqlite3
import time

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from gateway.policy.access_log.entries import AccessLogUnavailableError
from gateway.policy.access_log.writer import GroupedAccessLog
from gateway.storage.tables.access_log import AccessEntryRow
from tests.databases import open_database
from tests.gateway.policy.access_log.driver import Driver, entry

pytestmark = pytest.mark.anyio


@pytest.fixture
async def kept(database_url, anyio_backend):
    database = open_database(database_url)
    log = GroupedAccessLog(database)
    log.start()
    yield database, log
    await log.aclose()
    await database.aclose()


@pytest.fixture
def driver(kept, monkeypatch):
    return Driver(kept[0], monkeypatch)


async def count(database):
    async with database.session() as session:
        return await session.scalar(select(func.count()).select_from(AccessEntryRow))


async def test_many_at_once_share_few_commits(kept, driver):
    database, log = kept
    await asyncio.gather(*(log.record((entry(number), entry(number))) for number in range(300)))
    assert 0 < driver.insertions < 30
    assert await count(database) == 600


async def test_whoever_hangs_up_leaves_their_entry(kept):
    database, log = kept
    task = asyncio.create_task(log.record((entry(),)))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    await log.record((entry(1),))
    assert await count(database) == 2


async def test_one_entry_that_no_database_takes_does_not_stop_the_writer(kept):
    database, log = kept
    with pytest.raises(AccessLogUnavailableError):
        await log.record((entry(records=object()),))
    await log.record((entry(),))
    assert await count(database) == 1


async def test_one_entry_that_no_database_takes_costs_nobody_else_their_answer(kept):
    database, log = kept
    entries = [entry(number, **({"records": object()} if number == 5 else {})) for number in range(12)]
    told = await asyncio.gather(*(log.record((one,)) for one in entries), return_exceptions=True)
    assert [number for number, one in enumerate(told) if one is not None] == [5]
    assert await count(database) == 11


async def test_a_database_that_only_reads_is_asked_once_for_a_group(kept, driver):
    _, log = kept
    driver.only_reads = True
    told = await asyncio.gather(*(log.record((entry(number),)) for number in range(12)), return_exceptions=True)
    assert all(isinstance(one, AccessLogUnavailableError) for one in told)
    assert 0 < driver.insertions <= 3


async def test_it_is_writable_while_entries_can_be_written_and_looking_leaves_none(kept, driver, monkeypatch):
    database, log = kept
    now = [0.0]
    monkeypatch.setattr("gateway.policy.access_log.writer.monotonic", lambda: now[0])
    assert await asyncio.gather(*(log.is_writable() for _ in range(20))) == [True] * 20
    assert driver.insertions == 1, "whoever calls, it is looked at once a second"
    now[0] += 1
    assert await log.is_writable()
    assert driver.insertions == 2
    assert await count(database) == 0
    await log.record((entry(),))
    async with database.session() as session:
        assert await session.scalar(select(AccessEntryRow.id)) == 1, "no id is used up"
    await log.aclose()
    assert not await log.is_writable()


@pytest.mark.slow
async def test_it_is_not_writable_behind_a_lock_or_in_a_database_that_only_reads(
    kept, driver, database_url, monkeypatch
):
    database, log = kept
    now = [0.0]
    monkeypatch.setattr("gateway.policy.access_log.writer.monotonic", lambda: now[0])
    unlock = _locked_file(database_url) if database.is_sqlite else await _locked_table(database)
    assert not await log.is_writable()
    await unlock()
    now[0] += 1
    assert await log.is_writable()
    driver.only_reads = True
    now[0] += 1
    assert not await log.is_writable()


async def test_it_is_not_writable_for_a_while_after_an_entry_was_not_written(kept, driver, monkeypatch):
    """A commit that fails, as on a full disk, is not seen by looking."""
    _, log = kept
    now = [0.0]
    monkeypatch.setattr("gateway.policy.access_log.writer.monotonic", lambda: now[0])
    driver.fails_to_commit = True
    assert await log.is_writable()
    with pytest.raises(AccessLogUnavailableError):
        await log.record((entry(),))
    now[0] += 2
    assert not await log.is_writable()
    now[0] += 10
    assert await log.is_writable(), "somebody is let through to try"
    with pytest.raises(AccessLogUnavailableError):
        await log.record((entry(),))
    driver.fails_to_commit = False
    await log.record((entry(1),))
    assert await log.is_writable()


async def test_nobody_waits_for_a_writer_that_is_not_there(kept):
    _, log = kept
    await log.aclose()
    with pytest.raises(AccessLogUnavailableError):
        await log.record((entry(),))


CHANGES = [
    "UPDATE access_entries SET result = 'nothing-found'",
    "DELETE FROM access_entries",
    "DELETE FROM access_entries WHERE id = 1",
]
ROW = (
    "INTO access_entries (id, at, principal, client, acr, role, purpose, operation, resource, systems, records, "
    "classes, result, request_id, request_digest) VALUES "
    "(1, '2026-01-01', 'a', 'c', '1', 'r', 'p', 'o', 'r', '[]', 0, '[]', 'x', 'r', 'd')"
)


async def test_the_database_refuses_every_way_to_change_an_entry(kept):
    database, log = kept
    await log.record((entry(),))
    own = (
        [f"INSERT OR REPLACE {ROW}", f"REPLACE {ROW}"]
        if database.is_sqlite
        else ["TRUNCATE access_entries", f"INSERT {ROW} ON CONFLICT (id) DO UPDATE SET result = 'x'"]
    )
    for change in CHANGES + own:
        with pytest.raises(SQLAlchemyError, match="only added"):
            async with database.begin() as connection:
                await connection.execute(text(change))
    async with database.session() as session:
        assert (await session.scalar(select(AccessEntryRow))).result == "shown"


@pytest.mark.slow
async def test_behind_a_lock_it_says_so_soon_and_heals_at_once(kept, database_url):
    database, log = kept
    unlock = _locked_file(database_url) if database.is_sqlite else await _locked_table(database)
    for _ in range(2):
        began = time.monotonic()
        with pytest.raises(AccessLogUnavailableError):
            await log.record((entry(),))
        assert time.monotonic() - began < 60
    await unlock()
    began = time.monotonic()
    await log.record((entry(),))
    assert time.monotonic() - began < 60
    assert await count(database) == 1
    # The patience of other users of the same connections is what it was.
    if database.is_sqlite:
        async with database.begin() as connection:
            assert await connection.scalar(text("PRAGMA busy_timeout")) == 5000


def _locked_file(url):
    other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")

    async def unlock():
        other.rollback()
        other.close()

    return unlock


async def _locked_table(database):
    connection = await database.engine.connect()
    await connection.execute(text("LOCK TABLE access_entries IN ACCESS EXCLUSIVE MODE"))
    return connection.close
