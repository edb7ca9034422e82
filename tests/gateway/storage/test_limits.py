"""Time limits of our own database: a server that falls silent, a lock that is not given up, a pool that is used up."""

import asyncio
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from gateway.storage.engine import UNAVAILABLE, Database, DatabaseBudgetError, DatabaseError
from gateway.storage.limits import Budget, DatabaseLimits, limited_to, request_budget, seconds_allowed
from gateway.storage.migration import check_current, migrate
from tests.gateway.forwarder import forwarded

pytestmark = pytest.mark.anyio

HANGING = 60.0
"""Seconds after which something hangs. The limits below are a second or two."""

SHORT = timedelta(seconds=1)
LIMITS = DatabaseLimits(
    connect=timedelta(seconds=2), pool=SHORT, lock=SHORT, statement=SHORT, background=SHORT, migration=SHORT
)


@pytest.fixture
async def silent(postgres, anyio_backend):
    """A database of these limits behind a forwarder that can fall silent."""
    with forwarded(postgres) as (forwarder, url):
        database = Database(url, LIMITS)
        yield forwarder, database
        forwarder.resume()
        await database.aclose()


async def answers(database: Database) -> bool:
    async with database.begin() as connection:
        return await connection.scalar(text("SELECT 1")) == 1


@pytest.mark.postgres
async def test_a_silent_server_ends_every_transaction_and_poisons_no_pool(silent):
    forwarder, database = silent
    async with asyncio.timeout(HANGING):
        assert await answers(database)
        forwarder.silence()
        for _ in range(2):
            failures = await asyncio.gather(*(answers(database) for _ in range(30)), return_exceptions=True)
            assert all(isinstance(failure, UNAVAILABLE) for failure in failures), failures
        forwarder.resume()
        assert await answers(database)
        # No more than there are connections: on a busy machine the others would wait for longer than the pool's limit.
        connections = range(database.engine.pool.size() + 1)
        assert await asyncio.gather(*(answers(database) for _ in connections)) == [True] * len(connections)
        assert database.engine.pool.checkedout() == 0


@pytest.mark.postgres
async def test_a_server_that_falls_silent_within_a_transaction_ends_it(silent):
    forwarder, database = silent
    async with asyncio.timeout(HANGING):
        async with database.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
            forwarder.silence()
            with pytest.raises(OperationalError):
                await connection.execute(text("SELECT 1"))
        forwarder.resume()
        assert await answers(database)


@pytest.mark.postgres
async def test_a_silent_server_ends_the_work_of_a_thread(silent):
    forwarder, database = silent

    def work() -> None:
        with database.sync_session() as session:
            session.execute(text("SELECT 1"))
            forwarder.silence()
            session.execute(text("SELECT 1"))

    async with asyncio.timeout(HANGING):
        with pytest.raises(OperationalError):
            await asyncio.to_thread(work)
        with pytest.raises(UNAVAILABLE):
            await asyncio.to_thread(work)
        forwarder.resume()
        with pytest.raises(OperationalError):
            await asyncio.to_thread(work)  # it was silent in the midst of it, and not at its beginning
        forwarder.resume()


@pytest.mark.postgres
async def test_a_server_that_is_silent_while_tables_are_made_ends_the_migration(silent):
    forwarder, database = silent
    async with asyncio.timeout(HANGING):
        forwarder.silence()
        for use in (migrate, check_current):
            with pytest.raises(DatabaseError, match=database.name):
                await asyncio.to_thread(use, database)
        forwarder.resume()


@pytest.mark.postgres
async def test_a_server_that_falls_silent_while_tables_are_made_ends_the_migration(silent, postgres):
    forwarder, database = silent
    patient = Database(postgres, LIMITS.model_copy(update={"migration": timedelta(minutes=5)}))
    limits = []

    @event.listens_for(database.sync_engine, "before_cursor_execute")
    def _fall_silent(_connection, _cursor, statement, *_rest):
        if "CREATE TABLE grants" in statement:
            forwarder.silence()

    @event.listens_for(patient.sync_engine, "before_cursor_execute")
    def _look(_connection, cursor, statement, *_rest):
        if "CREATE TABLE grants" in statement:
            limits.extend(
                cursor.execute(f"SHOW {name}").fetchone()[0] for name in ("statement_timeout", "lock_timeout")
            )

    async with asyncio.timeout(HANGING):
        with pytest.raises(DatabaseError, match=database.name):
            await asyncio.to_thread(migrate, database)
        forwarder.resume()
        # Nothing of it is left, neither tables nor locks; and its statements may take longer than those of requests.
        await asyncio.to_thread(migrate, patient)
        await asyncio.to_thread(check_current, database)
    assert limits == ["5min", "5min"]
    await patient.aclose()


@pytest.mark.postgres
async def test_the_server_ends_statements_and_locks_that_take_too_long(postgres):
    database = Database(postgres, LIMITS.model_copy(update={"background": timedelta(minutes=5)}))
    other = Database(postgres)
    async with asyncio.timeout(HANGING):
        with pytest.raises(OperationalError, match="statement timeout"):
            async with database.begin() as connection:
                await connection.execute(text("SELECT pg_sleep(600)"))
        async with other.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(1)"))
            with pytest.raises(OperationalError, match="timeout"):
                async with database.begin() as waiting:
                    await waiting.execute(text("SELECT pg_advisory_xact_lock(1)"))
    await other.aclose()
    await database.aclose()


@pytest.mark.postgres
async def test_options_of_the_url_stay(postgres):
    database = Database(f"{postgres}?options=-c%20search_path%3Delsewhere", LIMITS)
    async with database.begin() as connection:
        assert await connection.scalar(text("SHOW search_path")) == "elsewhere"
        assert await connection.scalar(text("SHOW lock_timeout")) == "1s"
        assert await connection.scalar(text("SHOW idle_in_transaction_session_timeout")) == "1s"
    await database.aclose()


@pytest.mark.slow
async def test_a_locked_file_is_waited_for_as_long_as_the_limit_says(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'gerbang.db'}", LIMITS)
    async with database.begin() as connection:
        await connection.execute(text("CREATE TABLE things (id INTEGER)"))
    other = sqlite3.connect(tmp_path / "gerbang.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    def in_thread() -> None:
        with database.sync_session() as session:
            session.execute(text("INSERT INTO things VALUES (1)"))

    began = time.monotonic()
    async with asyncio.timeout(HANGING):
        with pytest.raises(OperationalError, match="locked"):
            async with database.begin() as connection:
                await connection.execute(text("INSERT INTO things VALUES (1)"))
        with pytest.raises(OperationalError, match="locked"):
            await asyncio.to_thread(in_thread)
        assert time.monotonic() - began >= 2 * SHORT.total_seconds()
        other.rollback()
        other.close()
        async with database.begin() as connection:
            await connection.execute(text("INSERT INTO things VALUES (1)"))
    await database.aclose()


class _Connection(sqlite3.Connection):
    """Counts the connections that are open."""

    opened = 0

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _Connection.opened += 1

    def close(self):
        _Connection.opened -= 1
        super().close()


@pytest.mark.slow
async def test_a_connection_that_cannot_be_set_up_is_closed(tmp_path, monkeypatch):
    file = tmp_path / "gerbang.db"
    held = sqlite3.connect(file, isolation_level=None)
    held.execute("CREATE TABLE one (number INTEGER)")
    held.execute("BEGIN EXCLUSIVE")
    database = Database(f"sqlite:///{file}", LIMITS)
    monkeypatch.setattr(_Connection, "opened", 0)
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=_Connection))
    monkeypatch.setattr(
        database.sync_engine.dialect.dbapi, "connect", partial(sqlite3.dbapi2.connect, factory=_Connection)
    )
    with pytest.raises(OperationalError):
        async with database.begin():
            pass
    with pytest.raises(OperationalError), database.sync_session() as session:
        session.execute(text("SELECT 1"))
    held.close()
    await database.aclose()
    assert _Connection.opened == 0


@pytest.mark.slow
async def test_a_pool_that_is_used_up_is_waited_for_as_long_as_the_limit_says(database_url):
    database = Database(database_url, LIMITS.model_copy(update={"background": timedelta(minutes=5)}))
    async with asyncio.timeout(HANGING):
        held = [await database.engine.connect() for _ in range(15)]
        with pytest.raises(UNAVAILABLE):
            await answers(database)
        await held.pop().close()
        assert await answers(database)
        for connection in held:
            await connection.close()
    await database.aclose()


async def test_a_request_that_has_spent_its_time_tries_nothing_further(database_url, monkeypatch):
    database = Database(database_url, LIMITS.model_copy(update={"background": timedelta(minutes=5)}))
    now = [0.0]
    monkeypatch.setattr("gateway.storage.limits.monotonic", lambda: now[0])
    with request_budget(timedelta(minutes=1)):
        async with database.session() as session:
            await session.execute(text("SELECT 1"))
            now[0] += 60
        for work in (database.session, database.begin):
            with pytest.raises(DatabaseBudgetError):
                async with work():
                    pass
        with pytest.raises(DatabaseBudgetError), database.sync_session():
            pass
        ended = asyncio.Event()
        outliving = asyncio.create_task(_once(ended, database))
    # A task that a request has left behind is bound as all other background work is.
    ended.set()
    assert await outliving
    assert await answers(database)
    await database.aclose()


async def _once(ended, database):
    await ended.wait()
    return await answers(database)


def test_time_passes_while_something_is_open_and_once_for_all_that_is(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("gateway.storage.limits.monotonic", lambda: now[0])
    budget = Budget(10)
    now[0] = 100.0
    assert budget.remaining() == 10
    with budget.spending(), budget.spending():
        now[0] += 4
        assert budget.remaining() == 6
    now[0] += 100
    assert budget.remaining() == 6
    budget.end()
    assert budget.remaining() is None


def test_the_nearest_limit_counts():
    assert seconds_allowed(timedelta(seconds=30)) == 30
    with limited_to(timedelta(seconds=60)):
        assert seconds_allowed(timedelta(seconds=30)) == 60
        with request_budget(timedelta(seconds=5)):
            assert seconds_allowed(timedelta(seconds=30)) == 5
    assert seconds_allowed(timedelta(seconds=30)) == 30


@pytest.mark.postgres
async def test_threads_and_tasks_share_the_time_of_their_request(postgres):
    database = Database(postgres, LIMITS.model_copy(update={"background": timedelta(minutes=5)}))

    def in_thread() -> float:
        with database.sync_session():
            return seconds_allowed(timedelta(minutes=5))

    with request_budget(timedelta(seconds=50)):
        assert await asyncio.to_thread(in_thread) <= 50
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(in_thread).result() == 300
    await database.aclose()


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("postgresql://gerbang:geheim@db.example:5433/kota", "kota at db.example:5433"),
        ("postgresql://gerbang:geheim@db.example/kota", "kota at db.example"),
        ("postgresql:///kota?host=/run/postgresql", "kota at /run/postgresql"),
        ("sqlite:///gerbang.db", "gerbang.db"),
    ],
)
def test_a_database_is_named_without_its_password(url, name):
    database = Database(url)
    assert database.name == name
    database.sync_engine.dispose()
