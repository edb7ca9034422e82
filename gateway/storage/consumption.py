"""How what is good once is consumed: by one `UPDATE … WHERE used_at IS NULL` that changes one row, or none."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import CursorResult, Update, inspect, update
from sqlalchemy.orm import Session

from gateway.storage.tables.identity import AuthorizationCodeRow
from gateway.storage.tables.legacy_apps import LoginTicketRow

T = TypeVar("T", AuthorizationCodeRow, LoginTicketRow)


def changes_one(session: Session, statement: Update) -> bool:
    """Whether the statement changed exactly one row; of many at once, one does."""
    result = session.execute(statement.execution_options(synchronize_session=False))
    return isinstance(result, CursorResult) and result.rowcount == 1


def used_up(
    session: Session, table: type[T], digest: str, *, client_id: str, now: datetime, revoke: Callable[[str], Any]
) -> T | None:
    """Consume a code or a ticket of this client, known by its hash; None when it is not good, or not any more.

    A second use revokes the grant that it stands for: one of the two had a stolen copy.
    """
    (key,) = inspect(table).primary_key
    consumed = changes_one(
        session,
        update(table)
        .where(key == digest, table.client_id == client_id, table.used_at.is_(None), table.expires_at > now)
        .values(used_at=now),
    )
    row = session.get(table, digest, populate_existing=True)
    if row is None or row.client_id != client_id:
        return None
    if not consumed:
        if row.used_at is not None:
            revoke(row.grant_id)
        return None
    return row
