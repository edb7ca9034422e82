"""Single-use tokens: a token is used by inserting its row; if the row exists already, the token is refused."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from gateway.storage.tables.single_use import PushedRequestRow, RevokedTokenRow, SeenTokenRow
from gateway.storage.upsert import insert_into

PUSHED_KEPT: Final = timedelta(hours=1)
"""How long a pushed request is kept after it expired: a client that used it in time may still be signing in."""


def is_first_use(session: Session, use: str, owner: str, jti: str, expires_at: datetime) -> bool:
    """Whether `jti` of `owner` is used for the first time for this `use`; of concurrent uses, one is first.

    `expires_at` is the time from which the token would be refused for its age anyway.
    """
    inserted = session.execute(_insert_token(session.get_bind().dialect.name, use, owner, jti, expires_at))
    return inserted.scalar() is not None


async def is_first_use_async(session: AsyncSession, use: str, owner: str, jti: str, expires_at: datetime) -> bool:
    """`is_first_use` for asynchronous sessions."""
    inserted = await session.execute(_insert_token(session.get_bind().dialect.name, use, owner, jti, expires_at))
    return inserted.scalar() is not None


def record_revoked(session: Session, jti: str, expires_at: datetime) -> None:
    """Record that the token `jti` is revoked; a repeated call does no harm."""
    insert = insert_into(RevokedTokenRow, session.get_bind().dialect.name)
    session.execute(insert.values(jti=jti, expires_at=expires_at).on_conflict_do_nothing())


async def delete_expired(session: AsyncSession, at: datetime) -> None:
    """Delete expired used tokens and revocations, and pushed requests `PUSHED_KEPT` after they have expired."""
    for table, before in ((PushedRequestRow, at - PUSHED_KEPT), (SeenTokenRow, at), (RevokedTokenRow, at)):
        await session.execute(delete(table).where(table.expires_at <= before))


def _insert_token(dialect: str, use: str, owner: str, jti: str, expires_at: datetime) -> ReturningInsert[tuple[str]]:
    fingerprint = sha256(f"{use}\n{owner}\n{jti}".encode()).hexdigest()
    # The inserted value is returned; psycopg reports no row count for the mapper's inserts.
    values = insert_into(SeenTokenRow, dialect).values(fingerprint=fingerprint, expires_at=expires_at)
    return values.on_conflict_do_nothing().returning(SeenTokenRow.fingerprint)
