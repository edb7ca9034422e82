"""Accounts of subjects of other issuers: found by issuer and subject, else opened or linked.

Only (issuer, subject) finds an account, never a name or an address. One exception: an issuer asserts the verified NIK
of an account, is trusted to do so, the level was high enough (`AssertedIdentity.nik`), and the account was not unlinked
from it. After an unlinking, only a new link with proof of both helps.
"""

import secrets
import uuid
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.ground.clock import Clock
from gateway.ground.sealing import Sealer
from gateway.identity.asserted_identity import AssertedIdentity
from gateway.policy.principal import Role
from gateway.storage.engine import Database
from gateway.storage.tables import Row
from gateway.storage.tables.accounts import AccountRow, SubjectLinkRow
from gateway.storage.tables.issuers import ClosedEntranceRow

NIK_SEAL: Final = "account-nik"
"""Seal label and fingerprint use of an account's NIK."""
SECTOR: Final = "external"
"""Sector of the links to subjects of other issuers."""

_NAMELESS: Final = "Warga"


class IdentityConflict(StrEnum):
    """Reason why an identity gets no account; also the key of its text."""

    CLOSED = "closed"
    NIK = "nik"
    TAKEN = "taken"
    UNLINKED = "unlinked"


class IdentityConflictError(Exception):
    """The identity contradicts stored data."""

    def __init__(self, conflict: IdentityConflict) -> None:
        self.conflict = conflict
        super().__init__(conflict.value)


class ExternalSubjects:
    """Finds, opens and links the accounts of other issuers' subjects."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock

    async def account_of(self, identity: AssertedIdentity) -> str:
        """Return the id of the identity's account, opened at the first sign-in; or raise `IdentityConflictError`."""
        try:
            return await self._find_or_open(identity)
        except IntegrityError:
            # A concurrent request stored the same subject or NIK: now the account is found, or it conflicts.
            try:
                return await self._find_or_open(identity)
            except IntegrityError:
                raise IdentityConflictError(IdentityConflict.TAKEN) from None

    async def link(self, identity: AssertedIdentity, account_id: str, *further: Row) -> None:
        """Link this identity to an account whose owner has just proven both.

        `further` rows are stored if the link is new.
        """
        try:
            async with self._database.session() as session:
                linked = await _linked(session, identity)
                if linked is not None and linked.id != account_id:
                    raise IdentityConflictError(IdentityConflict.TAKEN)
                account = await session.get_one(AccountRow, account_id)
                self._check_nik(account, identity)
                owner = await self._owner(session, identity)
                if owner is not None and owner.id != account_id:
                    # Otherwise each later sign-in would assert another account's NIK, and enter neither account.
                    raise IdentityConflictError(IdentityConflict.TAKEN)
                if linked is None:
                    await allow_relinking(session, account_id, identity.issuer)
                    session.add_all([self._new_link(identity, account_id), *further])
        except IntegrityError:
            raise IdentityConflictError(IdentityConflict.TAKEN) from None

    async def _find_or_open(self, identity: AssertedIdentity) -> str:
        async with self._database.session() as session:
            account = await _linked(session, identity)
            if account is None:
                account = await self._by_nik(session, identity) or self._open_account(session, identity)
                await session.flush()
                session.add(self._new_link(identity, account.id))
            if account.withdrawn_at is not None:
                raise IdentityConflictError(IdentityConflict.CLOSED)
            self._check_nik(account, identity)
            return account.id

    async def _owner(self, session: AsyncSession, identity: AssertedIdentity) -> AccountRow | None:
        """Return the account that has the asserted NIK."""
        if identity.nik is None:
            return None
        return await session.scalar(
            select(AccountRow).where(AccountRow.nik_fingerprint == self._fingerprint(identity.nik))
        )

    async def _by_nik(self, session: AsyncSession, identity: AssertedIdentity) -> AccountRow | None:
        account = await self._owner(session, identity)
        if account is not None and await session.get(ClosedEntranceRow, (account.id, identity.issuer)) is not None:
            raise IdentityConflictError(IdentityConflict.UNLINKED)
        return account

    def _open_account(self, session: AsyncSession, identity: AssertedIdentity) -> AccountRow:
        account = AccountRow(
            id=str(uuid.uuid4()),
            # Not for sign-in: the account has no password.
            username=f"x-{secrets.token_hex(10)}",
            password_hash="",
            display_name=identity.name or _NAMELESS,
            roles=[Role.RESIDENT.value],
            locale="id",
            created_at=self._clock(),
        )
        session.add(account)
        return account

    def _check_nik(self, account: AccountRow, identity: AssertedIdentity) -> None:
        if identity.nik is None or account.nik_fingerprint is None:
            return
        if account.nik_fingerprint != self._fingerprint(identity.nik):
            raise IdentityConflictError(IdentityConflict.NIK)

    def _new_link(self, identity: AssertedIdentity, account_id: str) -> SubjectLinkRow:
        return SubjectLinkRow(
            issuer=identity.issuer,
            sub=identity.subject,
            sector=SECTOR,
            account_id=account_id,
            created_at=self._clock(),
        )

    def _fingerprint(self, nik: str) -> str:
        return self._sealer.fingerprint(NIK_SEAL, nik)


async def unlink(session: AsyncSession, account_id: str, issuer: str, at: datetime) -> None:
    """Remove the issuer's link to the account, and refuse it by NIK too."""
    links = (SubjectLinkRow.issuer == issuer, SubjectLinkRow.account_id == account_id, SubjectLinkRow.sector == SECTOR)
    await session.execute(delete(SubjectLinkRow).where(*links))
    await session.merge(ClosedEntranceRow(account_id=account_id, issuer=issuer, closed_at=at))


async def allow_relinking(session: AsyncSession, account_id: str, issuer: str) -> None:
    """Undo the refusal of `unlink`, since the issuer is linked again."""
    closed = (ClosedEntranceRow.account_id == account_id, ClosedEntranceRow.issuer == issuer)
    await session.execute(delete(ClosedEntranceRow).where(*closed))


async def _linked(session: AsyncSession, identity: AssertedIdentity) -> AccountRow | None:
    return await session.scalar(
        select(AccountRow)
        .join(SubjectLinkRow, SubjectLinkRow.account_id == AccountRow.id)
        .where(SubjectLinkRow.issuer == identity.issuer, SubjectLinkRow.sub == identity.subject)
    )
