"""Updates that must change exactly one row: row locks, and single-use values. Of concurrent callers, one succeeds.

A single-use value is consumed by one `UPDATE … WHERE used_at IS NULL`: it changes one row, or none.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import CursorResult, Delete, Result, Update, inspect, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from gateway.storage.tables.accounts import AccountRow
from gateway.storage.tables.grants import AuthorizationCodeRow
from gateway.storage.tables.legacy_apps import LoginTicketRow

T = TypeVar("T", AuthorizationCodeRow, LoginTicketRow)


async def changes_one(session: AsyncSession, statement: Update | Delete) -> bool:
    """Execute the statement; return whether it changed or deleted exactly one row."""
    return _is_one(await session.execute(statement.execution_options(synchronize_session=False)))


def changes_one_sync(session: Session, statement: Update | Delete) -> bool:
    """`changes_one` for synchronous sessions."""
    return _is_one(session.execute(statement.execution_options(synchronize_session=False)))


def _is_one(result: Result[Any]) -> bool:
    return isinstance(result, CursorResult) and result.rowcount == 1


async def lock_account(session: AsyncSession, account_id: str) -> bool:
    """Lock the account row for update until this unit of work ends. False when there is no such account.

    For rows that are counted before one is changed, such as the last of several.
    """
    # Writing a row, even with its present values, locks it on every database.
    return await changes_one(
        session, update(AccountRow).where(AccountRow.id == account_id).values(locale=AccountRow.locale)
    )


def consume(
    session: Session, table: type[T], digest: str, *, client_id: str, now: datetime, revoke: Callable[[str], Any]
) -> T | None:
    """Consume a code or a ticket of this client, found by its hash; None when it is invalid, expired or used.

    A second use revokes its grant: one of the two users had a stolen copy.
    """
    (key,) = inspect(table).primary_key
    consumed = changes_one_sync(
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
