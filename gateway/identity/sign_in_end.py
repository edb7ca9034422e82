"""End of a sign-in: the browser's session ends, its grants are revoked, and clients are notified."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.storage.tables.clients import ClientRow
from gateway.storage.tables.grants import GrantRow
from gateway.storage.tables.logouts import LogoutNoticeRow
from gateway.storage.tables.sessions import LoginSessionRow
from gateway.storage.upsert import insert_into


async def end_sign_ins(session: AsyncSession, session_ids: Collection[str], at: datetime) -> None:
    """End these sign-ins (`LoginSessionRow.session_id`) for good; a second time changes nothing.

    Their browser sessions end and every grant made in them is revoked. Each client with a grant, revoked before or not,
    and a registered logout address gets a pending notice (`LogoutNoticeRow`).
    """
    mine = update(LoginSessionRow).where(
        LoginSessionRow.session_id.in_(session_ids), LoginSessionRow.ended_at.is_(None)
    )
    await session.execute(mine.values(ended_at=at))
    given = update(GrantRow).where(GrantRow.session_id.in_(session_ids), GrantRow.revoked_at.is_(None))
    await session.execute(given.values(revoked_at=at))
    notified = (
        select(GrantRow.session_id, GrantRow.client_id, GrantRow.account_id)
        .join(ClientRow, ClientRow.id == GrantRow.client_id)
        .where(GrantRow.session_id.in_(session_ids), ClientRow.backchannel_logout_uri.is_not(None))
        .distinct()
    )
    for session_id, client_id, account_id in (await session.execute(notified)).all():
        notice = insert_into(LogoutNoticeRow, session.get_bind().dialect.name).values(
            session_id=session_id, client_id=client_id, account_id=account_id, created_at=at, due_at=at, tries=0
        )
        await session.execute(notice.on_conflict_do_nothing())
