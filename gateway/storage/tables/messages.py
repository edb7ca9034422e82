"""Outgoing messages to accounts."""

from datetime import datetime

from sqlalchemy import Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from gateway.storage.tables.mapping import NUMBER, Moment, Row


class OutboxMessageRow(Row):
    """A message to a person, sent or still to be sent. `sealed` (use `outbox`): recipient, subject and text.

    After sending, `sealed` is emptied: only the time of sending remains.
    """

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    tries: Mapped[int] = mapped_column(Integer)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
