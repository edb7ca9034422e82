"""Counts the transactions of this process that change certain tables, whichever code issues the statement.

A cache over rows is valid only while the rows are unchanged. If the changing code had to invalidate every cache, one
omission would be a hidden defect. Therefore the database engines themselves are observed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

from sqlalchemy import Connection, Delete, Engine, Insert, TableClause, Update, event
from sqlalchemy.engine import ExecutionContext
from sqlalchemy.pool import ConnectionPoolEntry

_MARK: Final = "gerbang-changes"


@dataclass(frozen=True, slots=True)
class Watched:
    """The tables to watch by name: those whose updates and deletes count, and those whose inserts count."""

    changed: Collection[str] = ()
    inserted: Collection[str] = ()

    def concerns(self, statement: object) -> bool:
        """Whether a statement changes one of the watched tables in a way that counts."""
        if not isinstance(statement, Insert | Update | Delete) or not isinstance(statement.table, TableClause):
            return False
        return statement.table.name in (self.inserted if isinstance(statement, Insert) else self.changed)


class ChangeCounter:
    """Counts the transactions of `engines` that changed `watched` tables.

    The count increases after the transaction has ended and before the code that ended it continues. A reader that
    stores the count, then reads the rows, and later finds the count unchanged can be sure that no transaction of this
    process has changed them meanwhile. A transaction that was rolled back counts as well, which does no harm.
    """

    def __init__(self, engines: Collection[Engine], watched: Watched) -> None:
        self._watched = watched
        self._mark = (_MARK, id(self))
        self._lock = Lock()
        self.count = 0
        for engine in engines:
            event.listen(engine, "after_cursor_execute", self._note)
            # The event `commit` precedes the commit itself; a connection is returned to the pool after it.
            event.listen(engine, "checkin", self._ended)

    def _note(self, connection: Connection, *about: Any) -> None:  # noqa: ANN401 - cursor and parameters of any driver
        context: ExecutionContext | None = about[3]
        compiled = context.compiled if context is not None else None
        if compiled is not None and self._watched.concerns(compiled.statement):
            connection.info[self._mark] = True

    def _ended(self, _connection: object, entry: ConnectionPoolEntry) -> None:
        if entry.info.pop(self._mark, False):
            with self._lock:  # the synchronous engine is used in threads
                self.count += 1
