"""Rows that are looked up by keys: the values of the engine, always as committed, and the engine's errors."""

import asyncio
import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import bindparam, select, text, update
from sqlalchemy.exc import OperationalError

from gateway.storage.engine import Database
from gateway.storage.row_lookup import RowLookup
from gateway.storage.tables.accounts import AccountRow
from tests.databases import open_database

pytestmark = pytest.mark.anyio

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
COLUMNS = (
    AccountRow.id,
    AccountRow.password_expires,
    AccountRow.nik_sealed,
    AccountRow.roles,
    AccountRow.created_at,
    AccountRow.withdrawn_at,
)
STATEMENT = select(*COLUMNS).where(AccountRow.id == bindparam("id"), AccountRow.created_at <= bindparam("now"))
ROW = ("account-1", False, b"\0sealed", ["resident", "officer"], AT, None)


def account(**changes: object) -> AccountRow:
    values: dict[str, object] = {
        "id": "account-1",
        "username": "somebody",
        "password_hash": "-",
        "display_name": "Somebody",
        "nik_sealed": b"\0sealed",
        "roles": ["resident", "officer"],
        "locale": "id",
        "created_at": AT,
    }
    return AccountRow(**values | changes)


@pytest.fixture
async def database(tmp_path: Path):
    database = open_database(f"sqlite:///{tmp_path / 'gerbang.db'}")
    async with database.session() as session:
        session.add(account())
    yield database
    await database.aclose()


async def test_a_row_has_the_values_that_the_engine_reads(database: Database) -> None:
    found = await RowLookup(database, STATEMENT).first(id="account-1", now=AT)
    async with database.session() as session:
        assert found == tuple((await session.execute(STATEMENT, {"id": "account-1", "now": AT})).one()) == ROW


async def test_no_row_is_none(database: Database) -> None:
    lookup = RowLookup(database, STATEMENT)
    assert await lookup.first(id="account-2", now=AT) is None
    assert await lookup.first(id="account-1", now=AT.replace(year=2025)) is None


async def test_a_change_of_any_connection_is_seen_at_once(database: Database, tmp_path: Path) -> None:
    lookup, other = RowLookup(database, STATEMENT), Database(f"sqlite:///{tmp_path / 'gerbang.db'}")
    assert await lookup.first(id="account-1", now=AT) == ROW
    for changing in (database, other):
        withdrawn = AT if changing is database else None
        async with changing.session() as session:
            await session.execute(update(AccountRow).values(withdrawn_at=withdrawn))
        assert await lookup.first(id="account-1", now=AT) == (*ROW[:-1], withdrawn)
    await other.aclose()


async def test_a_writer_that_has_not_committed_does_not_hold_up_a_lookup(database: Database) -> None:
    lookup = RowLookup(database, STATEMENT)
    async with database.session() as session:
        await session.execute(update(AccountRow).values(withdrawn_at=AT))
        assert await lookup.first(id="account-1", now=AT) == ROW


async def test_a_lookup_does_not_hold_up_a_checkpoint(database: Database, tmp_path: Path) -> None:
    assert await RowLookup(database, STATEMENT).first(id="account-1", now=AT)
    async with database.begin() as connection:
        await connection.execute(update(AccountRow).values(withdrawn_at=AT))
    checking = sqlite3.connect(tmp_path / "gerbang.db")
    busy, _, _ = checking.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    checking.close()
    assert not busy


async def test_the_engine_reads_and_reports_when_the_thread_cannot(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookup, reader = RowLookup(database, STATEMENT), database.reader
    assert reader is not None

    def refuse() -> sqlite3.Connection:
        raise sqlite3.OperationalError("unable to open database file")

    with monkeypatch.context() as patched:
        patched.setattr(reader, "_connect", refuse)
        assert await lookup.first(id="account-1", now=AT) == ROW
    assert await lookup.first(id="account-1", now=AT) == ROW
    async with database.begin() as connection:
        await connection.execute(text("ALTER TABLE accounts RENAME TO elsewhere"))
    with pytest.raises(OperationalError, match="no such table"):
        await lookup.first(id="account-1", now=AT)
    async with database.begin() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO accounts"))
    assert await lookup.first(id="account-1", now=AT) == ROW


async def test_the_connection_cannot_write(database: Database) -> None:
    reader = database.reader
    assert reader is not None
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await reader.first("DELETE FROM accounts", ())


async def test_a_cancelled_caller_disturbs_nobody(database: Database) -> None:
    lookup = RowLookup(database, STATEMENT)
    leaving = asyncio.ensure_future(lookup.first(id="account-1", now=AT))
    staying = asyncio.ensure_future(lookup.first(id="account-1", now=AT))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying == ROW


async def test_closing_the_database_ends_the_thread(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    database = open_database(f"sqlite:///{tmp_path / 'closed.db'}")
    assert await RowLookup(database, STATEMENT).first(id="account-1", now=AT) is None
    assert [one for one in set(threading.enumerate()) - before if one.name == "row-lookup"]
    await database.aclose()
    assert not [one for one in set(threading.enumerate()) - before if one.name == "row-lookup"]
