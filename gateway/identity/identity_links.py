"""Operator's links between accounts and identities of other issuers, at the command line.

For accounts that must exist before their owner signs in: those of officers and operators. Residents link and unlink
their own identities (`self_service.identities`).
"""

from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.ground.clock import Clock
from gateway.identity.admin import AccountError
from gateway.identity.sign_out import end_sign_ins_by_issuer
from gateway.identity.subjects import SECTOR, allow_relinking, unlink
from gateway.policy.access_log.actions import ActingParty, action_entry
from gateway.storage.engine import Database
from gateway.storage.tables.accounts import AccountRow, SubjectLinkRow

_MOST: Final = 255


class IdentityLinks:
    """Adds and removes links in one database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def add(self, actor: ActingParty, username: str, issuer: str, subject: str) -> None:
        """Link this subject of an issuer to the account, or raise `AccountError`."""
        if not (0 < len(subject) <= _MOST and subject.isascii() and subject.isprintable()):
            raise AccountError("A subject is printable text of at most 255 characters.")
        at = self._clock()
        try:
            async with self._database.session() as session:
                account = await _active_account(session, username)
                await allow_relinking(session, account.id, issuer)
                session.add(
                    SubjectLinkRow(issuer=issuer, sub=subject, sector=SECTOR, account_id=account.id, created_at=at)
                )
                session.add(action_entry(actor, "linkIdentity", "account", username, at))
        except IntegrityError:
            raise AccountError(
                f"This subject is linked already, or {username} has another one at this issuer."
            ) from None

    async def remove(self, actor: ActingParty, username: str, issuer: str) -> None:
        """Remove the account's link to this issuer; sign-ins through it end, in every app."""
        at = self._clock()
        async with self._database.session() as session:
            account = await _active_account(session, username)
            mine = (
                SubjectLinkRow.issuer == issuer,
                SubjectLinkRow.account_id == account.id,
                SubjectLinkRow.sector == SECTOR,
            )
            if await session.scalar(select(SubjectLinkRow.sub).where(*mine)) is None:
                raise AccountError(f"The account {username} is not linked to this issuer.")
            await unlink(session, account.id, issuer, at)
            await end_sign_ins_by_issuer(session, account.id, issuer, at)
            session.add(action_entry(actor, "unlinkIdentity", "account", username, at))


async def _active_account(session: AsyncSession, username: str) -> AccountRow:
    account = await session.scalar(
        select(AccountRow).where(AccountRow.username == username, AccountRow.withdrawn_at.is_(None))
    )
    if account is None:
        raise AccountError(f"There is no account {username}.")
    return account
