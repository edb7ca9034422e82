"""The end of a sign-in: the browser's session, everything that was given out in it, and who must be told."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.storage.tables.identity import ClientRow, GrantRow, LoginSessionRow
from gateway.storage.tables.logouts import LogoutNoticeRow
from gateway.storage.upsert import insert_into


async def end_sign_ins(session: AsyncSession, session_ids: Collection[str], at: datetime) -> None:
    """End these sign-ins (`LoginSessionRow.session_id`) for good; a second time changes nothing.

    Their browsers are signed out, every grant that was made in them is revoked, and each client that had one and is
    registered for it is put down to be told (`LogoutNoticeRow`), also when its grant was revoked before.
    """
    mine = update(LoginSessionRow).where(
        LoginSessionRow.session_id.in_(session_ids), LoginSessionRow.ended_at.is_(None)
    )
    await session.execute(mine.values(ended_at=at))
    given = update(GrantRow).where(GrantRow.session_id.in_(session_ids), GrantRow.revoked_at.is_(None))
    await session.execute(given.values(revoked_at=at))
    to_tell = (
        select(GrantRow.session_id, GrantRow.client_id, GrantRow.account_id)
        .join(ClientRow, ClientRow.id == GrantRow.client_id)
        .where(GrantRow.session_id.in_(session_ids), ClientRow.backchannel_logout_uri.is_not(None))
        .distinct()
    )
    for session_id, client_id, account_id in (await session.execute(to_tell)).all():
        notice = insert_into(LogoutNoticeRow, session.get_bind().dialect.name).values(
            session_id=session_id, client_id=client_id, account_id=account_id, created_at=at, due_at=at, tries=0
        )
        await session.execute(notice.on_conflict_do_nothing())
