"""Web sessions: browsers that are signed in at the unified API by a cookie of a web frontend."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from gateway.storage.tables.identity import ACCOUNT_ID, DIGEST
from gateway.storage.tables.mapping import Moment, Row


class WebSessionRow(Row):
    """One browser, by the fingerprint of its session id (use `web-session`); `agent` is its user agent.

    The session refers to a grant, and contains no token: account, scopes and level of the sign-in come from the grant.
    `subject` is the pairwise subject of the account. The session ends by idleness (`seen_at`), at `expires_at`, with
    its grant, or at `ended_at`, whichever comes first.
    """

    __tablename__ = "web_sessions"

    id_hash: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    grant_id: Mapped[str] = mapped_column(ACCOUNT_ID, ForeignKey("grants.id"), index=True)
    subject: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    agent: Mapped[str | None] = mapped_column(String(160))
