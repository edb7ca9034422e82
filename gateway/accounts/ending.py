"""Ending what an account has going: sessions at the provider, and the grants of apps with every token from them."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.storage.tables.identity import Grant, LoginSession


async def end_sessions(session: AsyncSession, account_id: str, at: datetime, *, but: str | None = None) -> None:
    """End every session of the account at the provider, but that of the id hash `but`."""
    ending = update(LoginSession).where(LoginSession.account_id == account_id, LoginSession.ended_at.is_(None))
    if but is not None:
        ending = ending.where(LoginSession.id_hash != but)
    await session.execute(ending.values(ended_at=at))


async def revoke_grants(session: AsyncSession, account_id: str, at: datetime, *, client: str | None = None) -> None:
    """End every grant of the account, or those of one client: no code or token that came from them is good any more."""
    ending = update(Grant).where(Grant.account_id == account_id, Grant.revoked_at.is_(None))
    if client is not None:
        ending = ending.where(Grant.client_id == client)
    await session.execute(ending.values(revoked_at=at))
