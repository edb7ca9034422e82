"""Grants, with their authorization codes and refresh tokens, stored only as hashes.

A single-use value is consumed by one atomic `UPDATE … WHERE used_at IS NULL` whose row count must be one.
"""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.storage.tables.mapping import ACCOUNT_ID, CLIENT_ID, DIGEST, THUMBPRINT, Moment, Row


class GrantRow(Row):
    """The permission of one account to one client in one sign-in: the family of all codes and tokens issued under it.

    `session_id` is the sign-in (`LoginSessionRow.session_id`): when it is signed out, the grant ends with it. Access
    tokens name the grant (claim `grant`), so that revoking it ends every one of them.
    """

    __tablename__ = "grants"
    __table_args__ = (Index("ix_grants_account_id_client_id", "account_id", "client_id"),)

    id: Mapped[str] = mapped_column(ACCOUNT_ID, primary_key=True)
    account_id: Mapped[str] = mapped_column(ACCOUNT_ID, ForeignKey("accounts.id"))
    client_id: Mapped[str] = mapped_column(CLIENT_ID, ForeignKey("clients.id"))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    acr: Mapped[int] = mapped_column(Integer)
    amr: Mapped[list[str]] = mapped_column(JSON, default=lambda: ["pwd"])
    auth_time: Mapped[datetime] = mapped_column(Moment)
    session_id: Mapped[str | None] = mapped_column(String(36), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class AuthorizationCodeRow(Row):
    """One authorization code, by its hash: valid for at most 60 seconds, once, for one client, redirect and verifier.

    With `thumbprint`, its user must prove possession of that key (RFC 9449).
    """

    __tablename__ = "authorization_codes"

    code_hash: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    grant_id: Mapped[str] = mapped_column(ACCOUNT_ID, ForeignKey("grants.id"))
    client_id: Mapped[str] = mapped_column(CLIENT_ID)
    redirect_uri: Mapped[str] = mapped_column(Text)
    code_challenge: Mapped[str] = mapped_column(String(128))
    nonce: Mapped[str | None] = mapped_column(Text)
    thumbprint: Mapped[str | None] = mapped_column(THUMBPRINT)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class RefreshTokenRow(Row):
    """One refresh token, by its hash. Each is used once; `expires_at` is that of the family and is never extended.

    With `thumbprint`, its user must prove possession of that key (RFC 9449), as all public clients must.
    """

    __tablename__ = "refresh_tokens"

    token_hash: Mapped[str] = mapped_column(DIGEST, primary_key=True)
    grant_id: Mapped[str] = mapped_column(ACCOUNT_ID, ForeignKey("grants.id"), index=True)
    client_id: Mapped[str] = mapped_column(CLIENT_ID)
    thumbprint: Mapped[str | None] = mapped_column(THUMBPRINT)
    issued_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
