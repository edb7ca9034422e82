"""Access entries in a SQLite file."""

import sqlite3
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import insert

from gateway.policy.access_log.entries import AccessLogEntry
from gateway.policy.access_log.stores import (
    COLUMNS,
    PROBE,
    TABLE,
    StoreUnavailableError,
    limits_within,
    row_of,
    unused_id,
)
from gateway.storage.engine import Database


class SqliteStore:
    """The store in a SQLite file. Each of its commits is synchronised to the disk.

    Other connections use `synchronous=NORMAL`, by which a loss of power may lose the latest commits.
    """

    def __init__(self, database: Database, within: timedelta) -> None:
        self._database = database
        self._limits = limits_within(database.limits, within)
        dialect = database.sync_engine.dialect
        self._insert = str(insert(TABLE).compile(dialect=dialect, column_keys=COLUMNS))
        self._insert_with_id = str(insert(TABLE).compile(dialect=dialect, column_keys=("id", *COLUMNS)))
        types = [TABLE.columns[name].type for name in COLUMNS]
        self._converters = [kind.dialect_impl(dialect).bind_processor(dialect) for kind in types]
        self._connection: sqlite3.Connection | None = None

    def insert(self, entries: Sequence[AccessLogEntry]) -> None:
        """Insert the entries in one transaction."""
        self._transact(self._insert, [self._values(entry) for entry in entries], "COMMIT")

    def try_insert(self) -> None:
        """Insert a probe, and roll the insertion back."""
        self._transact(self._insert_with_id, [[unused_id(), *self._values(PROBE)]], "ROLLBACK")

    def interrupt(self) -> None:
        """Do nothing: a statement waits only for a lock, and SQLite itself limits that."""

    def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _transact(self, statement: str, rows: list[list[object]], end: str) -> None:
        try:
            connection = self._connection = self._connection or self._open()
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(statement, rows)
            connection.execute(end)
        except Exception as error:
            self.close()  # ends the transaction too
            # A full disk, a lock, a missing table; the plain class is for a damaged file.
            if isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError:
                raise StoreUnavailableError from error
            raise

    def _open(self) -> sqlite3.Connection:
        connection: sqlite3.Connection = self._database.driver_connection(self._limits, "gerbang-access-log")
        try:
            connection.execute("PRAGMA synchronous=FULL")
        except BaseException:
            connection.close()
            raise
        return connection

    def _values(self, entry: AccessLogEntry) -> list[object]:
        row = row_of(entry)
        return [
            row[name] if convert is None else convert(row[name])
            for name, convert in zip(COLUMNS, self._converters, strict=True)
        ]
