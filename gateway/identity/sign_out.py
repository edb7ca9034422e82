"""End the sessions of an account at the provider, and revoke its grants to apps."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity.sign_in_end import end_sign_ins
from gateway.storage.tables.grants import GrantRow
from gateway.storage.tables.sessions import LoginSessionRow


async def end_sessions(session: AsyncSession, account_id: str, at: datetime, *, but: str | None = None) -> None:
    """End every sign-in of the account with its grants, except the sign-in of the id hash `but`."""
    active = select(LoginSessionRow.session_id).where(
        LoginSessionRow.account_id == account_id, LoginSessionRow.ended_at.is_(None)
    )
    given = select(GrantRow.session_id).where(
        GrantRow.account_id == account_id, GrantRow.session_id.is_not(None), GrantRow.revoked_at.is_(None)
    )
    ending = set((await session.scalars(active.union(given))).all())
    kept = await session.get(LoginSessionRow, but) if but is not None else None
    if kept is not None:
        ending.discard(kept.session_id)
    await end_sign_ins(session, ending, at)


async def end_sign_ins_by_issuer(session: AsyncSession, account_id: str, issuer: str, at: datetime) -> None:
    """End every sign-in of the account that was made through this issuer."""
    session_ids = select(LoginSessionRow.session_id).where(
        LoginSessionRow.account_id == account_id, LoginSessionRow.issuer == issuer
    )
    await end_sign_ins(session, set((await session.scalars(session_ids)).all()), at)


async def revoke_grants(session: AsyncSession, account_id: str, at: datetime, *, client: str | None = None) -> None:
    """Revoke every grant of the account, or those of one client, with every code and token that came from them."""
    ending = update(GrantRow).where(GrantRow.account_id == account_id, GrantRow.revoked_at.is_(None))
    if client is not None:
        ending = ending.where(GrantRow.client_id == client)
    await session.execute(ending.values(revoked_at=at))
