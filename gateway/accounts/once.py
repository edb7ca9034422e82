"""What may happen once happens by one statement: it changes its one row, or somebody was first."""

from sqlalchemy import CursorResult, Delete, Update
from sqlalchemy.ext.asyncio import AsyncSession


async def changes_one(session: AsyncSession, statement: Update | Delete) -> bool:
    """Whether this update, or removal, changed exactly one row."""
    result = await session.execute(statement.execution_options(synchronize_session=False))
    return isinstance(result, CursorResult) and result.rowcount == 1
