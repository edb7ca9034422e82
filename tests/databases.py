"""Databases with the gateway's tables, which each worker migrates once.

On SQLite the others are copies of the migrated file. On PostgreSQL the statements of the migration are run again.
"""

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import event, make_url

from gateway.storage.engine import Database
from gateway.storage.migration import migrate


@cache
def _migrated_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "migrated.db"
        database = Database(f"sqlite:///{file}")
        migrate(database)
        database.sync_engine.dispose()  # the last connection moves the write-ahead log into the file
        return file.read_bytes()


def lay_tables(url: str) -> bool:
    """Write the file of a new SQLite database, with the present tables; leave every other database as it is.

    Returns whether it was written.
    """
    parsed = make_url(url)
    file = Path(parsed.database or "")
    if parsed.get_backend_name() != "sqlite" or file.exists():
        return False
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.write_bytes(_migrated_file())
    return True


_Statement = tuple[str, Any]
_statements: list[_Statement] = []
"""The statements that made the tables of the first database on PostgreSQL."""


def _migrate_postgresql(database: Database) -> None:
    if _statements:
        with database.sync_engine.begin() as connection:
            driver: psycopg.Connection = connection.connection.driver_connection  # type: ignore[assignment]
            with driver.pipeline():
                for statement, parameters in _statements:
                    driver.execute(statement, parameters)  # type: ignore[arg-type]
        return
    recorded: list[_Statement] = []

    def record(_1: object, _2: object, statement: str, parameters: Any, *_more: object) -> None:
        if not statement.lstrip().startswith("SELECT"):
            recorded.append((statement, parameters))

    event.listen(database.sync_engine, "before_cursor_execute", record)
    migrate(database)
    event.remove(database.sync_engine, "before_cursor_execute", record)
    _statements.extend(recorded)


def open_database(url: str) -> Database:
    """Open a new or empty database, with the present tables."""
    laid = lay_tables(url)
    database = Database(url)
    if not laid and database.is_sqlite:
        migrate(database)
    elif not laid:
        _migrate_postgresql(database)
    return database
