"""The access log: grouped, only ever added to, and an error when it cannot be written."""

import asyncio
import time
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from gateway.ground.clock import now
from gateway.policy.access_log.entries import AccessContext, AccessLogEntry, AccessLogUnavailableError
from gateway.policy.access_log.writer import GroupedAccessLog
from gateway.storage.engine import Database
from gateway.storage.migration import migrate
from gateway.storage.tables.access_log import AccessEntryRow
from schemas.classes import DataClass

pytestmark = pytest.mark.anyio


def entry(number: int = 0) -> AccessLogEntry:
    return AccessLogEntry(
        at=now(),
        principal="account",
        client="gerbang-mobile",
        acr=1,
        role="resident",
        subject="account",
        subject_fingerprint="f" * 64,
        purpose="own-access",
        occasion=AccessContext(request_id=f"request-{number}", request_digest="d" * 64, operation="getMe"),
        resource="resident",
        systems=("dukcapil",),
        records=1,
        classes=(DataClass.GENERAL,),
        result="shown",
    )


@pytest.fixture
async def kept(anyio_backend, tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'gerbang.db'}")
    await asyncio.to_thread(migrate, database)
    log = GroupedAccessLog(database)
    log.start()
    yield database, log
    await log.aclose()
    await database.aclose()


async def count(database: Database) -> int:
    async with database.session() as session:
        return await session.scalar(select(func.count()).select_from(AccessEntryRow)) or 0


async def test_what_was_recorded_is_committed_when_record_returns(kept):
    database, log = kept
    await asyncio.gather(*(log.record((entry(number),)) for number in range(200)))
    assert await count(database) == 200
    newest = await log.entries_about("account", None, limit=3, before=None)
    assert [row.id for row in newest] == sorted((row.id for row in newest), reverse=True)
    older = await log.entries_about("somebody else", "f" * 64, limit=500, before=newest[-1].id)
    assert len(older) == 197


@pytest.mark.parametrize("change", [delete(AccessEntryRow), update(AccessEntryRow).values(result="nothing-found")])
async def test_the_database_itself_refuses_to_change_an_entry(kept, change):
    database, log = kept
    await log.record((entry(),))
    with pytest.raises(SQLAlchemyError, match="only added"):
        async with database.begin() as connection:
            await connection.execute(change)
    assert await count(database) == 1


async def test_a_log_that_cannot_be_written_says_so_and_heals(kept):
    database, log = kept
    async with database.begin() as connection:
        await connection.execute(text("ALTER TABLE access_entries RENAME TO taken_away"))
    with pytest.raises(AccessLogUnavailableError):
        await log.record((entry(),))
    with pytest.raises(AccessLogUnavailableError):
        await log.entries_about("account", None, limit=1, before=None)
    async with database.begin() as connection:
        await connection.execute(text("ALTER TABLE taken_away RENAME TO access_entries"))
    await log.record((entry(),))
    assert await count(database) == 1


class AtOnce:
    """A store that keeps nothing, and has done so at once."""

    def insert(self, entries):
        """Keep nothing."""

    def interrupt(self):
        """Nothing is under way."""

    def close(self):
        """Nothing is open."""


async def test_what_was_written_while_the_loop_was_busy_is_not_late(kept):
    database, _ = kept
    log = GroupedAccessLog(database, within=timedelta(seconds=0.05), store=AtOnce())
    log.start()
    waiting = asyncio.gather(*(log.record((entry(number),)) for number in range(10)))
    await asyncio.sleep(0)
    # The group is handed over in the next round, and this one is longer than the callers wait.
    asyncio.get_running_loop().call_soon(time.sleep, 0.2)
    await waiting
    await log.aclose()
