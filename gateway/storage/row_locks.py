"""What may happen once happens by one statement: it changes its one row, or somebody was first."""

from sqlalchemy import CursorResult, Delete, Update, update
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.storage.tables.identity import AccountRow


async def changes_one(session: AsyncSession, statement: Update | Delete) -> bool:
    """Whether this update, or removal, changed exactly one row."""
    result = await session.execute(statement.execution_options(synchronize_session=False))
    return isinstance(result, CursorResult) and result.rowcount == 1


async def lock_account(session: AsyncSession, account_id: str) -> bool:
    """Wait until nobody else changes this account so, and let others wait until this unit of work ends.

    For what is counted before it is changed, as the last of several. False when there is no such account.
    """
    # A row that is written, though with what stands in it, is locked on every database.
    return await changes_one(
        session, update(AccountRow).where(AccountRow.id == account_id).values(locale=AccountRow.locale)
    )
