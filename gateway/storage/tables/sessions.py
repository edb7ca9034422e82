"""Sessions of browsers: at the sign-in pages, and at the unified API through a web frontend.

Session ids are stored only as hashes or fingerprints.
"""

import uuid
from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from gateway.storage.tables.mapping import ACCOUNT_ID, DIGEST, Moment, Row


class LoginSessionRow(Row):
    """A browser that is signed in at the provider, by the hash of its session id; `agent` is its user agent.

    `issuer` is the external provider that the sign-in came from, if any; `issuer_session` is a fingerprint (use
    `issuer-session`) of that provider's session id.
    """

    __tablename__ = "login_sessions"

    id_hash: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    session_id: Mapped[str] = mapped_column(String(36), index=True, default=lambda: str(uuid.uuid4()))
    account_id: Mapped[str] = mapped_column(ACCOUNT_ID, ForeignKey("accounts.id"), index=True)
    acr: Mapped[int] = mapped_column(Integer)
    amr: Mapped[list[str]] = mapped_column(JSON, default=lambda: ["pwd"])
    auth_time: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    agent: Mapped[str | None] = mapped_column(String(160))
    issuer: Mapped[str | None] = mapped_column(String(255))
    issuer_session: Mapped[str | None] = mapped_column(DIGEST, index=True)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


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
