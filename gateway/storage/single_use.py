"""Tokens that are good once: the row that remembers one is inserted; where it stands already, the token is refused."""

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
"""How long a pushed request stays after nobody can bring it any more: whoever has brought it may be signing in."""


def is_first_use(session: Session, use: str, whose: str, jti: str, expires_at: datetime) -> bool:
    """Whether the token `jti` of `whose` is seen for the first time for this `use`; of many at once, one is.

    `expires_at` is the moment from which the token would be refused for its age anyway.
    """
    remembered = session.execute(_remembering(session.get_bind().dialect.name, use, whose, jti, expires_at))
    return remembered.scalar() is not None


async def is_first_use_async(session: AsyncSession, use: str, whose: str, jti: str, expires_at: datetime) -> bool:
    """The same, for asynchronous sessions."""
    remembered = await session.execute(_remembering(session.get_bind().dialect.name, use, whose, jti, expires_at))
    return remembered.scalar() is not None


def remember_revoked(session: Session, jti: str, expires_at: datetime) -> None:
    """Note that the token `jti` is good no longer; that it was noted before does not matter."""
    insert = insert_into(RevokedTokenRow, session.get_bind().dialect.name)
    session.execute(insert.values(jti=jti, expires_at=expires_at).on_conflict_do_nothing())


async def forget_old(session: AsyncSession, at: datetime) -> None:
    """Drop every row that is of no use any more."""
    for table, before in ((PushedRequestRow, at - PUSHED_KEPT), (SeenTokenRow, at), (RevokedTokenRow, at)):
        await session.execute(delete(table).where(table.expires_at <= before))


def _remembering(dialect: str, use: str, whose: str, jti: str, expires_at: datetime) -> ReturningInsert[tuple[str]]:
    fingerprint = sha256(f"{use}\n{whose}\n{jti}".encode()).hexdigest()
    # What was inserted comes back; psycopg tells no row count of an insert of the mapper's.
    values = insert_into(SeenTokenRow, dialect).values(fingerprint=fingerprint, expires_at=expires_at)
    return values.on_conflict_do_nothing().returning(SeenTokenRow.fingerprint)
