"""Connections to one new SQLite file that are opened at the same time."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy.exc import OperationalError

from gateway.storage.engine import Database
from gateway.storage.limits import DatabaseLimits

_AT_ONCE = 8
_FILES = 60
"""With four connections at once, SQLite refused one for eleven new files of a hundred before they asked again."""


def _journal(connect, start):
    start.wait()
    with closing(connect()) as connection:
        return connection.execute("PRAGMA journal_mode").fetchone()[0]


def test_the_first_connections_to_a_new_file_may_all_come_at_once(tmp_path):
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for number in range(_FILES):
            database = Database(f"sqlite:///{tmp_path}/{number}.db")
            connect = partial(database.driver_connection, DatabaseLimits(), "test")
            start = Barrier(_AT_ONCE)
            assert list(pool.map(lambda _, c=connect, s=start: _journal(c, s), range(_AT_ONCE))) == ["wal"] * _AT_ONCE


def test_a_file_that_stays_locked_is_waited_for_no_longer_than_the_limit(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/locked.db", DatabaseLimits(lock="PT0.05S"))
    with closing(database.sync_engine.raw_connection()) as holder:
        holder.cursor().execute("PRAGMA journal_mode=DELETE")
        holder.cursor().execute("BEGIN EXCLUSIVE")
        with pytest.raises(OperationalError, match="locked"), database.sync_engine.connect():
            pass
