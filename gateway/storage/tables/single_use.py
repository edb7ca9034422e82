"""Short-lived rows of the provider: pushed requests, used tokens, tokens revoked before they expire.

Rows are deleted after `expires_at`; pushed requests, which may still have to be answered, are deleted later.
"""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from gateway.storage.tables.mapping import CLIENT_ID, DIGEST, Moment, Row


class PushedRequestRow(Row):
    """An authorization request that a client pushed (RFC 9126), by the hash of its reference.

    `parameters_sealed` (use `pushed-request`) is bound to `reference_hash`. It may be used until `expires_at`; it is
    answered once, possibly later.
    """

    __tablename__ = "pushed_requests"

    reference_hash: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    client_id: Mapped[str] = mapped_column(CLIENT_ID)
    parameters_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class SeenTokenRow(Row):
    """A single-use token (a client assertion, a proof of possession) that has been used.

    `fingerprint` is a SHA-256 of its use, its owner and its `jti`. Inserting the row uses the token.
    """

    __tablename__ = "seen_tokens"

    fingerprint: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)


class RevokedTokenRow(Row):
    """An access token without a grant that was revoked before it expired, by its `jti`."""

    __tablename__ = "revoked_tokens"

    jti: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
