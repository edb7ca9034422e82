"""The interface by which access entries are inserted into the database, and the rows that entries become.

Implementations: `sqlite_store`, `postgresql_store`. They use the driver without SQLAlchemy's asynchronous engine, whose
changes of threads cost more than an insertion. Statements and the form of the values come from the mapped table: rows
that are read back through it are equal.
"""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final, Protocol

from gateway.policy.access_log.entries import AccessContext, AccessLogEntry
from gateway.storage.limits import DatabaseLimits
from gateway.storage.tables.access_log import AccessEntryRow
from schemas.classes import DataClass

TABLE: Final = AccessEntryRow.metadata.tables[AccessEntryRow.__tablename__]
COLUMNS: Final = tuple(name for name in TABLE.columns.keys() if name != "id")  # noqa: SIM118 - a collection of columns

PROBE = AccessLogEntry(
    at=datetime(2026, 1, 1, tzinfo=UTC),
    principal="-",
    client="-",
    acr=0,
    role="-",
    subject=None,
    subject_fingerprint=None,
    purpose="-",
    occasion=AccessContext(request_id="-", request_digest="-", operation="-"),
    resource="-",
    systems=(),
    records=0,
    classes=(),
    result="-",
)
"""An entry that is inserted only to be rolled back."""


class StoreUnavailableError(Exception):
    """The database does not accept entries now, whichever they are."""


class EntryStore(Protocol):
    """Inserts entries over one connection, which it opens when needed. Blocking; not for several threads at once."""

    def insert(self, entries: Sequence[AccessLogEntry]) -> None:
        """Insert the entries in one transaction; return when they would survive a loss of power.

        Raises `StoreUnavailableError` when the database accepts no entries now. Any other error means that it refused
        one of these entries, and that none of them was inserted.
        """
        ...

    def try_insert(self) -> None:
        """Insert a probe, and roll the insertion back. Raises the errors of `insert`."""
        ...

    def interrupt(self) -> None:
        """Let a statement that is waiting for a silent server fail. May be called from another thread."""
        ...

    def close(self) -> None:
        """Close the connection; the next insertion opens another one."""
        ...


def limits_within(limits: DatabaseLimits, within: timedelta) -> DatabaseLimits:
    """The limits of a store's connection: its waits end so early that callers who wait for `within` get its error."""
    return limits.model_copy(
        update={
            "connect": min(limits.connect, within * 0.8),
            "lock": min(limits.lock, within * 0.4),
            "statement": min(limits.statement, within * 0.6),
        }
    )


def unused_id() -> int:
    """A random negative id: it uses no value of the database's sequence, and two processes do not collide."""
    return -1 - secrets.randbelow(2**30)


@cache
def _names_of(classes: tuple[DataClass, ...]) -> tuple[str, ...]:
    return tuple(one.value for one in classes)


def row_of(entry: AccessLogEntry) -> dict[str, object]:
    """The values of the columns by name; `id` is the database's."""
    return {
        "at": entry.at,
        "principal": entry.principal,
        "client": entry.client,
        "acr": str(entry.acr),
        "role": entry.role,
        "subject": entry.subject,
        "subject_fingerprint": entry.subject_fingerprint,
        "purpose": entry.purpose,
        "operation": entry.occasion.operation,
        "resource": entry.resource,
        "systems": entry.systems,
        "records": entry.records,
        "classes": _names_of(entry.classes),
        "result": entry.result,
        "request_id": entry.occasion.request_id,
        "request_digest": entry.occasion.request_digest,
    }
