"""Access entries in PostgreSQL."""

import json
import select as polling
import threading
from collections.abc import Sequence
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import JSON, bindparam, column, func, insert, select

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
from gateway.storage.timers import shut_down

if TYPE_CHECKING:
    from psycopg import Connection

_IDLE_SECONDS: Final = 1.0
"""A connection that was idle for longer is tested before it is used."""


class PostgresqlStore:
    """The store in PostgreSQL. A group is one statement, which gets the rows as one JSON text.

    A connection that was lost meanwhile is noticed before a statement is sent, and replaced. One that is lost while a
    statement runs is an error: the statement is not repeated, since it may have been committed.
    """

    def __init__(self, database: Database, within: timedelta) -> None:
        self._database = database
        self._limits = limits_within(database.limits, within)
        self._insert = _insert_from_json(database, COLUMNS)
        self._insert_with_id = _insert_from_json(database, ("id", *COLUMNS))
        self._connection: Connection[Any] | None = None
        self._used_at = 0.0
        self._closing = threading.Lock()

    def insert(self, entries: Sequence[AccessLogEntry]) -> None:
        """Insert the entries in one transaction."""
        rows = json.dumps([_json_row(entry) for entry in entries])
        self._execute(self._insert, rows, keep=True)

    def try_insert(self) -> None:
        """Insert a probe, and roll the insertion back."""
        rows = json.dumps([{"id": unused_id(), **_json_row(PROBE)}])
        self._execute(self._insert_with_id, rows, keep=False)

    def interrupt(self) -> None:
        """Shut the connection down at its socket: the driver would wait for a silent server without limit."""
        with self._closing:
            if self._connection is not None:
                shut_down(self._connection)

    def close(self) -> None:
        """Close the connection."""
        with self._closing:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    def _execute(self, statement: bytes, rows: str, *, keep: bool) -> None:
        from psycopg import InterfaceError, InternalError, OperationalError

        try:
            connection = self._usable_connection()
            if keep:
                connection.execute(statement, {"rows": rows})
            else:
                with connection.transaction(force_rollback=True):
                    connection.execute(statement, {"rows": rows})
        except (OperationalError, InterfaceError, InternalError) as error:
            self.close()
            raise StoreUnavailableError from error
        self._used_at = monotonic()

    def _usable_connection(self) -> "Connection[Any]":
        if self._connection is not None and self._is_lost(self._connection):
            self.close()
        if self._connection is None:
            connection = self._database.driver_connection(self._limits, "gerbang-access-log")
            with self._closing:
                self._connection = connection
            # A server may be configured to confirm commits that are not on its disk yet.
            self._connection.execute(
                "SELECT set_config('synchronous_commit', 'on', false) "
                "WHERE current_setting('synchronous_commit') = 'off'"
            )
        return self._connection

    def _is_lost(self, connection: "Connection[Any]") -> bool:
        from psycopg import Error

        if connection.closed:
            return True
        # Nothing is expected from the server now: if there is something to read, it has ended the session.
        waiting = polling.poll()
        waiting.register(connection.fileno(), polling.POLLIN)
        if waiting.poll(0):
            return True
        if monotonic() - self._used_at < _IDLE_SECONDS:
            return False
        try:
            connection.execute("SELECT 1")
        except Error:
            return True
        return False


def _insert_from_json(database: Database, names: Sequence[str]) -> bytes:
    columns = [column(name, TABLE.columns[name].type) for name in names]
    rows = (
        func.json_to_recordset(bindparam("rows", type_=JSON())).table_valued(*columns).render_derived(with_types=True)
    )
    statement = insert(TABLE).from_select(list(names), select(*(rows.columns[name] for name in names)))
    return str(statement.compile(dialect=database.sync_engine.dialect)).encode()


def _json_row(entry: AccessLogEntry) -> dict[str, object]:
    row = row_of(entry)
    if entry.at.tzinfo is None:
        raise ValueError("a naive time cannot be stored")
    return row | {"at": entry.at.isoformat()}
