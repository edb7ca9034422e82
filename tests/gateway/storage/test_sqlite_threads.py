"""No thread of SQLite's driver outlives the closing of its database: it would answer to an event loop that is gone."""

import asyncio
import sqlite3
import threading
import time
from pathlib import Path

import pytest
from aiosqlite import core
from sqlalchemy import text

from gateway.storage.engine import Database
from gateway.storage.sqlite_threads import SqliteThreads

pytestmark = pytest.mark.anyio


def alive(before: set[threading.Thread]) -> list[threading.Thread]:
    """The driver's threads that were not there before."""
    at_work = core._connection_worker_thread
    return [one for one in set(threading.enumerate()) - before if getattr(one, "_target", None) is at_work]


async def test_a_connection_that_is_given_up_while_it_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, really = set(threading.enumerate()), sqlite3.connect
    begun, opened = threading.Event(), []

    def slowly(*where, **how):
        begun.set()
        time.sleep(0.3)
        opened.append(really(*where, **how | {"check_same_thread": False}))
        return opened[0]

    database = Database(f"sqlite:///{tmp_path / 'gerbang.db'}")
    monkeypatch.setattr(sqlite3, "connect", slowly)
    asking = asyncio.create_task(database.begin().__aenter__())
    assert await asyncio.to_thread(begun.wait, 10)
    asking.cancel()
    await asyncio.wait({asking})
    assert alive(before)
    await database.aclose()
    assert not alive(before)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened[0].execute("select 1")


async def test_connections_that_open_at_once_are_all_remembered(tmp_path: Path) -> None:
    before, threads = set(threading.enumerate()), SqliteThreads()
    opened = await asyncio.gather(*(threads.open(str(tmp_path / "gerbang.db")) for _ in range(5)))
    assert len(alive(before)) == 5
    for connection in opened:
        connection.stop()
    await threads.wait_ended()
    assert not alive(before)


async def test_whoever_is_at_work_is_not_waited_for(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    database = Database(f"sqlite:///{tmp_path / 'gerbang.db'}")
    async with database.engine.connect() as connection:
        await connection.execute(text("select 1"))
        began = time.monotonic()
        await database.aclose()
        assert time.monotonic() - began < 60
        assert (await connection.execute(text("select 1"))).scalar_one() == 1
        assert len(alive(before)) == 1
        await connection.invalidate()
    await database.aclose()
    assert not alive(before)
