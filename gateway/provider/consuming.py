"""How what is good once is consumed: by one `UPDATE … WHERE used_at IS NULL` that changes one row, or none."""

from sqlalchemy import CursorResult, Update
from sqlalchemy.orm import Session


def changes_one(session: Session, statement: Update) -> bool:
    """Whether the statement changed exactly one row; of many at once, one does."""
    result = session.execute(statement.execution_options(synchronize_session=False))
    return isinstance(result, CursorResult) and result.rowcount == 1
