"""Access entries in a SQLite file."""

import sqlite3
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import lru_cache
from itertools import chain
from typing import Any, Final

from sqlalchemy import JSON, Dialect, insert
from sqlalchemy.types import TypeEngine

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

_ROWS_OF_A_STATEMENT: Final = 32
_KEPT_TEXTS: Final = 1024


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
        self._further_row = ", " + self._insert.partition(" VALUES ")[2]
        self._converters = [_converter(TABLE.columns[name].type, dialect) for name in COLUMNS]
        self._connection: sqlite3.Connection | None = None

    def insert(self, entries: Sequence[AccessLogEntry]) -> None:
        """Insert the entries in one transaction.

        Few entries are one statement. Of several statements, the driver releases the interpreter for each one, and has
        to wait for it again while the event loop is busy.
        """
        rows = [self._values(entry) for entry in entries]
        if 1 < len(rows) <= _ROWS_OF_A_STATEMENT:
            statement = self._insert + self._further_row * (len(rows) - 1)
            self._transact(statement, [[*chain.from_iterable(rows)]], "COMMIT")
        else:
            self._transact(self._insert, rows, "COMMIT")

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


def _converter(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """Return the function that turns values of a type into those of the driver. The same few JSON values recur."""
    convert = kind.dialect_impl(dialect).bind_processor(dialect)
    return lru_cache(_KEPT_TEXTS)(convert) if convert is not None and isinstance(kind, JSON) else convert
