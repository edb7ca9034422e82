"""One serving process for each database: the second is refused, and takes over at once when the first has ended."""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from gateway.storage.engine import Database, DatabaseAwayError, DatabaseError
from gateway.storage.limits import DatabaseLimits
from gateway.storage.migration import migrate
from gateway.storage.process_lock import DatabaseInUseError, LockState, exclusive_database, lock_of
from tests.gateway.forwarder import forwarded

pytestmark = pytest.mark.anyio

HANGING = 120.0
AT_ONCE = DatabaseLimits(start=timedelta(0), connect=timedelta(seconds=2))
OFTEN = timedelta(milliseconds=50)

HOLDER = """
import asyncio, sys
from gateway.storage.engine import Database
from gateway.storage.process_lock import exclusive_database

async def hold():
    async with exclusive_database(Database(sys.argv[1]), asyncio.Event()):
        print("held", flush=True)
        await asyncio.sleep(600)

asyncio.run(hold())
"""


ROOT = Path(__file__).parents[3]


async def until(has_happened):
    while not await asyncio.to_thread(has_happened):  # noqa: ASYNC110 - what others do has no event here
        await asyncio.sleep(0.05)


THE_LOCK = (
    "FROM pg_locks WHERE locktype = 'advisory' AND objid = 6372 AND granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def end_holders(postgres):
    """End the session that has the lock."""
    with psycopg.connect(postgres, autocommit=True) as operator:
        operator.execute(f"SELECT pg_terminate_backend(pid) {THE_LOCK}")
    return True


def holders(postgres):
    """The sessions that have the lock. The server is asked, since a rival that tries the lock would be in the way."""
    with psycopg.connect(postgres, autocommit=True) as operator:
        return {pid for (pid,) in operator.execute(f"SELECT pid {THE_LOCK}").fetchall()}


@pytest.fixture
async def databases(database_url, anyio_backend):
    opened = [Database(database_url, AT_ONCE) for _ in range(2)]
    yield opened
    for database in opened:
        await database.aclose()


async def test_a_second_process_is_refused_until_the_first_has_ended(databases):
    first, second = databases
    async with asyncio.timeout(HANGING):
        async with exclusive_database(first, asyncio.Event()):
            with pytest.raises(DatabaseInUseError) as refused:
                async with exclusive_database(second, asyncio.Event()):
                    pass
            assert first.name in str(refused.value)
            assert f"gerbang {os.getpid()}" in str(refused.value), "it says who has it"
            assert refused.value.exit_code == 75
            # Commands beside a gateway need no lock.
            await asyncio.to_thread(migrate, second)
        async with exclusive_database(second, asyncio.Event()):
            pass


async def test_several_processes_share_where_that_is_allowed(databases, caplog):
    first, second = databases
    async with (
        exclusive_database(first, asyncio.Event(), shared=True),
        exclusive_database(second, asyncio.Event(), shared=True),
    ):
        pass
    assert "may be shared" in caplog.text


async def test_a_start_beside_a_process_that_ends_waits_for_it(databases, database_url, caplog):
    first, second = databases[0], Database(database_url, DatabaseLimits(start=timedelta(seconds=HANGING)))
    held = asyncio.Event()

    async def start():
        async with exclusive_database(second, asyncio.Event()):
            held.set()

    async with asyncio.timeout(HANGING):
        async with exclusive_database(first, asyncio.Event()):
            starting = asyncio.create_task(start())
            await until(lambda: "waiting for the database lock" in caplog.text)
            assert not held.is_set()
        await starting
    assert held.is_set()
    await second.aclose()


async def test_a_start_that_waits_can_be_stopped(databases, database_url):
    first, second = databases[0], Database(database_url, DatabaseLimits(start=timedelta(seconds=600)))
    stop = asyncio.Event()
    async with asyncio.timeout(HANGING), exclusive_database(first, asyncio.Event()):
        asyncio.get_running_loop().call_later(0.1, stop.set)
        async with exclusive_database(second, stop):
            assert stop.is_set()
        assert await asyncio.to_thread(lock_of(databases[1]).take) is LockState.TAKEN
    await second.aclose()


@pytest.mark.processes
async def test_after_a_crash_the_next_start_need_not_wait(database_url, databases):
    crashing = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLDER, database_url), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert crashing.stdout is not None
    assert await crashing.stdout.readline() == b"held\n"
    crashing.kill()
    await crashing.wait()
    lock = lock_of(databases[0])
    async with asyncio.timeout(HANGING):
        # A session on a server ends a moment after its socket.
        await until(lambda: lock.take() is LockState.HELD)
    await asyncio.to_thread(lock.release)


@pytest.mark.postgres
async def test_a_lock_whose_session_was_lost_is_taken_again(postgres):
    with forwarded(postgres) as (forwarder, url):
        database, stop = Database(url, AT_ONCE), asyncio.Event()
        async with asyncio.timeout(HANGING), exclusive_database(database, stop, every=OFTEN):
            for lose in (forwarder.cut, forwarder.silence):
                looked = forwarder.accepted
                lose()
                await until(lambda looked=looked: forwarder.accepted > looked)
                # On a busy machine the lost session may live on for longer than three looks, which would be a rival.
                await until(lambda: end_holders(postgres) and not holders(postgres))
                forwarder.resume()
                await until(lambda: holders(postgres))
            assert not stop.is_set()
        await database.aclose()


@pytest.mark.postgres
async def test_a_gateway_whose_lock_is_another_ones_stops(postgres):
    database, other = Database(postgres, AT_ONCE), Database(postgres, AT_ONCE)
    stop, rival = asyncio.Event(), lock_of(other)

    async def serve():
        async with exclusive_database(database, stop, every=OFTEN):
            await until(lambda: end_holders(postgres) and rival.take() is LockState.HELD)
            await stop.wait()

    async with asyncio.timeout(HANGING):
        with pytest.raises(DatabaseInUseError, match="lost"):
            await serve()
        await asyncio.to_thread(rival.release)
    await database.aclose()
    await other.aclose()


@pytest.mark.postgres
async def test_a_lock_on_a_database_that_is_away_is_told_as_such(postgres):
    with forwarded(postgres) as (forwarder, url):
        database = Database(url, AT_ONCE)
        forwarder.silence()
        async with asyncio.timeout(HANGING):
            with pytest.raises(DatabaseAwayError, match=database.name):
                async with exclusive_database(database, asyncio.Event()):
                    pass
        forwarder.resume()
        await database.aclose()


async def test_a_lock_file_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "gerbang.db.lock").mkdir()
    database = Database(f"sqlite:///{tmp_path / 'gerbang.db'}", AT_ONCE)
    with pytest.raises(DatabaseError, match="lock"):
        async with exclusive_database(database, asyncio.Event()):
            pass
    await database.aclose()


async def test_two_names_of_one_file_are_one_database(tmp_path):
    (tmp_path / "other").symlink_to(tmp_path)
    first = Database(f"sqlite:///{tmp_path / 'gerbang.db'}", AT_ONCE)
    second = Database(f"sqlite:///{tmp_path / 'other' / 'gerbang.db'}", AT_ONCE)
    async with exclusive_database(first, asyncio.Event()):
        with pytest.raises(DatabaseInUseError):
            async with exclusive_database(second, asyncio.Event()):
                pass
    await first.aclose()
    await second.aclose()
