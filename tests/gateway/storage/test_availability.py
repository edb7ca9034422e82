"""A start waits for the database for as long as the limit says, and tells what no waiting mends at once."""

import sqlite3
import threading
from datetime import timedelta

import pytest

from gateway.storage.availability import wait_for_database
from gateway.storage.engine import Database, DatabaseAwayError, DatabaseError
from gateway.storage.limits import DatabaseLimits
from tests.gateway.forwarder import forwarded
from tests.gateway.ports import held

HANGING = timedelta(seconds=120)


@pytest.fixture
def open_database():
    opened = []

    def opening(url, start):
        opened.append(
            Database(url, DatabaseLimits(start=start, connect=timedelta(seconds=2), lock=timedelta(seconds=1)))
        )
        return opened[-1]

    yield opening
    for database in opened:
        database.sync_engine.dispose()


@pytest.mark.sockets
def test_a_database_that_is_away_is_named_after_the_time_has_passed(open_database):
    port = held(open_database)
    database = open_database(f"postgresql://gerbang:geheim@127.0.0.1:{port}/kota", timedelta(seconds=1))
    with pytest.raises(DatabaseAwayError) as told:
        wait_for_database(database)
    assert f"The database kota at 127.0.0.1:{port} cannot be used" in str(told.value)
    assert "geheim" not in str(told.value)
    assert told.value.exit_code == 75


@pytest.mark.postgres
def test_a_database_that_comes_up_later_is_waited_for(postgres, open_database, caplog):
    with forwarded(postgres) as (forwarder, url):
        database = open_database(url, HANGING)
        forwarder.silence()
        waiting = threading.Thread(target=wait_for_database, args=(database,))
        waiting.start()
        while "waiting for the database" not in caplog.text:
            assert waiting.is_alive()
            waiting.join(0.05)
        forwarder.resume()
        waiting.join(HANGING.total_seconds())
        assert not waiting.is_alive()


def test_nobody_waits_for_a_file_that_is_no_database(tmp_path, open_database):
    (tmp_path / "text.db").write_text("no database at all, but a text that is long enough " * 100)
    with pytest.raises(DatabaseError) as told:
        wait_for_database(open_database(f"sqlite:///{tmp_path / 'text.db'}", HANGING))
    assert told.value.exit_code == 2


@pytest.mark.slow
def test_a_file_that_is_locked_is_waited_for(tmp_path, open_database):
    path = tmp_path / "gerbang.db"
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("CREATE TABLE things (id INTEGER)")
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DatabaseAwayError):
        wait_for_database(open_database(f"sqlite:///{path}", timedelta(0)))
    holder.rollback()
    holder.close()
    wait_for_database(open_database(f"sqlite:///{path}", timedelta(0)))


@pytest.mark.sockets
def test_a_start_that_waits_can_be_stopped(open_database):
    wait_for_database(
        open_database(f"postgresql://gerbang@127.0.0.1:{held(open_database)}/kota", HANGING), lambda: True
    )
