"""The stores of the access log over real databases: what is stored, how safely, and lost connections."""

import asyncio
import os
import resource
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Text, cast, insert, select, text

from gateway.ground.clock import WITA
from gateway.policy.access_log.entries import AccessContext, AccessLogUnavailableError
from gateway.policy.access_log.postgresql_store import PostgresqlStore
from gateway.policy.access_log.sqlite_store import SqliteStore
from gateway.policy.access_log.stores import StoreUnavailableError, row_of
from gateway.policy.access_log.writer import GroupedAccessLog
from gateway.storage.engine import Database
from gateway.storage.tables.access_log import AccessEntryRow
from schemas.classes import DataClass
from tests.databases import open_database
from tests.gateway.forwarder import forwarded
from tests.gateway.policy.access_log.driver import Driver, entry
from tests.loops import volume

pytestmark = pytest.mark.anyio

WITHIN = timedelta(seconds=60)
ROOT = Path(__file__).parents[4]

ENTRIES = [
    entry(),
    entry(at=datetime(2026, 3, 1, 7, 59, 59, 123456, WITA), acr=2),
    entry(at=datetime(2026, 3, 1, tzinfo=UTC), subject=None, subject_fingerprint="f" * 64),
    entry(systems=("lapor", "e-kelurahan"), classes=(DataClass.GENERAL, DataClass.SPECIFIC), records=2**31 - 1),
    entry(purpose='"quoted" \\ and é, 漢, 😀\n%s ? :name', systems=('a "system"', "é")),
    entry(occasion=AccessContext(request_id="", request_digest="", operation="")),
]


@pytest.fixture
async def database(database_url, anyio_backend):
    opened = open_database(database_url)
    yield opened
    await opened.aclose()


@pytest.fixture
def driver(database, monkeypatch):
    return Driver(database, monkeypatch)


@pytest.fixture
async def log(database, driver):
    started = GroupedAccessLog(database, WITHIN)
    started.start()
    yield started
    await started.aclose()
    assert driver.open_now == 0


def store_of(database):
    return (SqliteStore if database.is_sqlite else PostgresqlStore)(database, WITHIN)


async def stored(database):
    """The rows as the ORM reads them and as the database holds them, without their ids, in order."""
    names = [name for name in AccessEntryRow.__table__.columns.keys() if name != "id"]  # noqa: SIM118
    async with database.session() as session:
        mapped = (await session.scalars(select(AccessEntryRow).order_by(AccessEntryRow.id))).all()
        as_text = (cast(AccessEntryRow.__table__.columns[name], Text) for name in names)
        raw = (await session.execute(select(*as_text).order_by(AccessEntryRow.id))).all()
    return [[getattr(row, name) for name in names] for row in mapped], [tuple(row) for row in raw]


async def test_rows_are_equal_to_those_that_the_mapped_table_writes(database):
    store = store_of(database)
    store.insert(ENTRIES)
    store.close()
    mapped, raw = await stored(database)
    async with database.begin() as connection:
        await connection.execute(insert(AccessEntryRow), [row_of(one) for one in ENTRIES])
    all_mapped, all_raw = await stored(database)
    count = len(ENTRIES)
    assert (len(mapped), len(all_mapped)) == (count, 2 * count)
    assert all_mapped[count:] == mapped
    assert all_raw[count:] == raw


@pytest.mark.parametrize("count", [0, 1, 2, 32, 33, 70])
async def test_entries_of_groups_of_any_size_are_stored_in_order(database, count):
    entries = [entry(number, systems=("s", str(number % 2))) for number in range(count)]
    store = store_of(database)
    store.insert(entries)
    for one in entries:
        store.insert([one])
    store.close()
    mapped, raw = await stored(database)
    assert len(mapped) == 2 * count
    assert mapped[:count] == mapped[count:]
    assert raw[:count] == raw[count:]


@pytest.mark.parametrize(
    "change",
    [{"at": datetime(2026, 1, 1)}, {"records": object()}, {"principal": None}, {"purpose": "\ud800"}],  # noqa: DTZ001
    ids=["naive time", "no number", "nothing", "half a character"],
)
async def test_a_refused_entry_is_no_unavailable_store_and_leaves_nothing(database, change):
    store = store_of(database)
    with pytest.raises(Exception) as told:  # noqa: PT011 - each driver has its own
        store.insert([entry(), entry(**change)])
    assert not isinstance(told.value, StoreUnavailableError)
    store.insert([entry(1)])
    store.close()
    assert len((await stored(database))[0]) == 1


async def test_a_commit_is_on_the_disk_when_it_returns(database, driver, monkeypatch):
    opened = []
    connect = driver.connect
    monkeypatch.setattr(database, "driver_connection", lambda *given: opened.append(connect(*given)) or opened[-1])
    store = store_of(database)
    store.insert([entry()])
    question, full = ("PRAGMA synchronous", 2) if database.is_sqlite else ("SHOW synchronous_commit", "on")
    assert opened[0].execute(question).fetchone()[0] == full
    store.close()
    assert driver.open_now == 0


async def test_entries_are_stored_in_the_order_of_their_arrival_also_around_a_refused_one(database, log):
    entries = [entry(number, **({"records": object()} if number in (7, 40) else {})) for number in range(60)]
    told = await asyncio.gather(*(log.record((one,)) for one in entries), return_exceptions=True)
    assert [number for number, one in enumerate(told) if one is not None] == [7, 40]
    mapped, _ = await stored(database)
    names = [row[-2] for row in mapped]
    assert names == [f"r{number}" for number in range(60) if number not in (7, 40)]


async def test_a_failed_store_opens_another_connection_and_leaks_none(database, log, driver):
    await log.record((entry(),))
    driver.fails_to_commit = True
    for _ in range(3):
        with pytest.raises(AccessLogUnavailableError):
            await log.record((entry(),))
        assert driver.open_now == 0
    driver.fails_to_commit = False
    await log.record((entry(),))
    assert driver.open_now == 1
    assert len((await stored(database))[0]) == 2


async def test_a_full_disk_is_an_error_and_nothing_of_it_remains(tmp_path, anyio_backend):
    """The size of files is limited: the write-ahead log, into which a commit writes, cannot grow."""
    database = open_database(f"sqlite:///{tmp_path / 'gerbang.db'}")
    log = GroupedAccessLog(database, WITHIN)
    log.start()
    await log.record((entry(),))
    size = (tmp_path / "gerbang.db-wal").stat().st_size
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, usual[1]))
    try:
        with pytest.raises(AccessLogUnavailableError):
            await log.record(tuple(entry(number) for number in range(500)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    await log.record((entry(1),))
    await log.aclose()
    assert len((await stored(database))[0]) == 2
    await database.aclose()


def end_sessions(url):
    """End the access log's session as an administrator, and wait until the server has none any more."""
    sessions = "FROM pg_stat_activity WHERE application_name = 'gerbang-access-log' AND datname = current_database()"
    with psycopg.connect(url, autocommit=True) as operator:
        operator.execute(f"SELECT pg_terminate_backend(pid, 60000) {sessions}")
        assert operator.execute(f"SELECT count(*) {sessions}").fetchone() == (0,)


@pytest.mark.postgres
async def test_a_session_that_the_server_ended_between_two_groups_costs_nobody_their_answer(postgres, monkeypatch):
    database = open_database(postgres)
    driver = Driver(database, monkeypatch)
    log = GroupedAccessLog(database, WITHIN)
    log.start()
    for number in range(3):
        await log.record((entry(number),))
        await asyncio.to_thread(end_sessions, postgres)
    assert await log.is_writable()
    await log.aclose()
    assert (driver.opened, driver.open_now) == (4, 0)
    assert len((await stored(database))[0]) == 3
    await database.aclose()


@pytest.mark.postgres
async def test_a_session_that_ends_while_an_entry_waits_is_an_error_and_the_next_is_written(postgres):
    database = open_database(postgres)
    log = GroupedAccessLog(database, WITHIN)
    log.start()
    await log.record((entry(),))
    async with database.begin() as connection:
        await connection.execute(text("LOCK TABLE access_entries IN ACCESS EXCLUSIVE MODE"))
        waiting = asyncio.create_task(log.record((entry(1),)))
        await asyncio.to_thread(waits_for_the_lock, postgres)
        await asyncio.to_thread(end_sessions, postgres)
        with pytest.raises(AccessLogUnavailableError):
            await waiting
    await log.record((entry(2),))
    await log.aclose()
    assert len((await stored(database))[0]) == 2
    await database.aclose()


def waits_for_the_lock(url):
    waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with psycopg.connect(url, autocommit=True) as operator:
        while operator.execute(waits).fetchone() == (0,):
            pass


@pytest.mark.postgres
@pytest.mark.slow
async def test_a_silent_server_is_an_error_in_time_and_entries_are_written_when_it_answers_again(postgres):
    with forwarded(postgres) as (forwarder, url):
        database = open_database(postgres)
        reached = Database(url)
        log = GroupedAccessLog(reached, timedelta(seconds=1))
        log.start()
        async with asyncio.timeout(120):
            await log.record((entry(),))
            forwarder.silence()
            for number in range(2):
                with pytest.raises(AccessLogUnavailableError):
                    await log.record((entry(number),))
            forwarder.resume()
            while not await recorded(log, entry(9)):
                pass
            await log.aclose()
        assert "r9" in {row[-2] for row in (await stored(database))[0]}
        await reached.aclose()
        await database.aclose()


async def recorded(log, one):
    try:
        await log.record((one,))
    except AccessLogUnavailableError:
        return False
    return True


RECORDER = """
import asyncio, sys
from gateway.policy.access_log.writer import GroupedAccessLog
from gateway.storage.engine import Database
from tests.gateway.policy.access_log.driver import entry

async def record(log, start):
    for number in range(start, 10**9, 8):
        await log.record((entry(number),))
        sys.stdout.write(f"r{number}\\n")
        sys.stdout.flush()

async def main():
    log = GroupedAccessLog(Database(sys.argv[1]))
    log.start()
    await asyncio.gather(*(record(log, start) for start in range(8)))

asyncio.run(main())
"""


def recorded_before_a_kill(url):
    """The request ids for which `record` had returned in a process that was killed meanwhile."""
    command = [sys.executable, "-c", RECORDER, url]
    recorder = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, env=os.environ | {"PYTHONPATH": "."})
    with recorder:
        lines = [recorder.stdout.readline() for _ in range(100)]
        recorder.send_signal(signal.SIGKILL)
        lines += recorder.stdout.read().splitlines(keepends=True)
    return {line.decode().strip() for line in lines if line.endswith(b"\n")}


@pytest.mark.usefixtures("processes")
async def test_no_entry_is_lost_after_record_has_returned_when_the_process_is_killed(database, database_url):
    for _ in range(volume(3, long=30)):
        returned = await asyncio.to_thread(recorded_before_a_kill, database_url)
        assert len(returned) >= 100
        assert returned <= {row[-2] for row in (await stored(database))[0]}
