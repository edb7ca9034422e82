"""Notices to clients about sign-outs (OpenID Connect Back-Channel Logout 1.0)."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gateway.storage.tables.mapping import ACCOUNT_ID, CLIENT_ID, NUMBER, Moment, Row


class LogoutNoticeRow(Row):
    """A notice to a client about the end of a sign-in, with its progress.

    Without `due_at` nothing more is sent: the notice was delivered at `sent_at`, or it was given up.
    """

    __tablename__ = "logout_notices"
    __table_args__ = (UniqueConstraint("session_id", "client_id", name="uq_logout_notices_session_id"),)

    id: Mapped[int] = mapped_column(NUMBER, primary_key=True)
    session_id: Mapped[str] = mapped_column(String(36))
    client_id: Mapped[str] = mapped_column(CLIENT_ID, ForeignKey("clients.id"))
    account_id: Mapped[str] = mapped_column(ACCOUNT_ID, ForeignKey("accounts.id"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    tries: Mapped[int] = mapped_column(Integer)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
