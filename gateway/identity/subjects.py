"""Whom the subjects of other issuers stand for: accounts found by issuer and subject, else opened or linked.

Nothing but (issuer, subject) finds an account, neither a name nor an address. One exception: an account whose verified
NIK the issuer asserts, where it is trusted to and the level was high enough (`AssertedIdentity.nik`), and from which
it was not unlinked: then that takes a new link, with proof of both.
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
from gateway.storage.tables.identity import AccountRow, SubjectLinkRow
from gateway.storage.tables.issuers import ClosedEntranceRow

NIK_SEAL: Final = "account-nik"
"""The use under which the NIK of an account is sealed, and recognised."""
SECTOR: Final = "external"
"""Where the links to subjects of other issuers stand among those of our own clients."""

_NAMELESS: Final = "Warga"


class IdentityConflict(StrEnum):
    """Why an identity gets no account; also the key of the sentence that says so."""

    CLOSED = "closed"
    NIK = "nik"
    TAKEN = "taken"
    UNLINKED = "unlinked"


class IdentityConflictError(Exception):
    """The identity contradicts what we know."""

    def __init__(self, conflict: IdentityConflict) -> None:
        self.conflict = conflict
        super().__init__(conflict.value)


class ExternalSubjects:
    """The accounts behind the subjects of other issuers."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock

    async def account_of(self, identity: AssertedIdentity) -> str:
        """The id of the account of this identity, opened at its first sign-in; or `IdentityConflictError`."""
        try:
            return await self._found_or_opened(identity)
        except IntegrityError:
            # Somebody was faster with the same subject or NIK: it is there now, or it contradicts.
            try:
                return await self._found_or_opened(identity)
            except IntegrityError:
                raise IdentityConflictError(IdentityConflict.TAKEN) from None

    async def link(self, identity: AssertedIdentity, account_id: str, *further: Row) -> None:
        """Let this identity sign in to an account too, whose owner has just proven both.

        `further` is what is put on record with a link that was not there before.
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
                    # Once linked, each sign-in would assert a number that is another account's, and enter neither.
                    raise IdentityConflictError(IdentityConflict.TAKEN)
                if linked is None:
                    await reopen(session, account_id, identity.issuer)
                    session.add_all([self._new_link(identity, account_id), *further])
        except IntegrityError:
            raise IdentityConflictError(IdentityConflict.TAKEN) from None

    async def _found_or_opened(self, identity: AssertedIdentity) -> str:
        async with self._database.session() as session:
            account = await _linked(session, identity)
            if account is None:
                account = await self._by_nik(session, identity) or self._opened(session, identity)
                await session.flush()
                session.add(self._new_link(identity, account.id))
            if account.withdrawn_at is not None:
                raise IdentityConflictError(IdentityConflict.CLOSED)
            self._check_nik(account, identity)
            return account.id

    async def _owner(self, session: AsyncSession, identity: AssertedIdentity) -> AccountRow | None:
        """The account that has the NIK which is asserted."""
        if identity.nik is None:
            return None
        return await session.scalar(
            select(AccountRow).where(AccountRow.nik_fingerprint == self._recognised(identity.nik))
        )

    async def _by_nik(self, session: AsyncSession, identity: AssertedIdentity) -> AccountRow | None:
        account = await self._owner(session, identity)
        if account is not None and await session.get(ClosedEntranceRow, (account.id, identity.issuer)) is not None:
            raise IdentityConflictError(IdentityConflict.UNLINKED)
        return account

    def _opened(self, session: AsyncSession, identity: AssertedIdentity) -> AccountRow:
        account = AccountRow(
            id=str(uuid.uuid4()),
            # Nobody signs in by it: there is no password.
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
        if account.nik_fingerprint != self._recognised(identity.nik):
            raise IdentityConflictError(IdentityConflict.NIK)

    def _new_link(self, identity: AssertedIdentity, account_id: str) -> SubjectLinkRow:
        return SubjectLinkRow(
            issuer=identity.issuer,
            sub=identity.subject,
            sector=SECTOR,
            account_id=account_id,
            created_at=self._clock(),
        )

    def _recognised(self, nik: str) -> str:
        return self._sealer.fingerprint(NIK_SEAL, nik)


async def unlink(session: AsyncSession, account_id: str, issuer: str, at: datetime) -> None:
    """Let this issuer enter the account no longer, not by a NIK either."""
    links = (SubjectLinkRow.issuer == issuer, SubjectLinkRow.account_id == account_id, SubjectLinkRow.sector == SECTOR)
    await session.execute(delete(SubjectLinkRow).where(*links))
    await session.merge(ClosedEntranceRow(account_id=account_id, issuer=issuer, closed_at=at))


async def reopen(session: AsyncSession, account_id: str, issuer: str) -> None:
    """Take that back, since the issuer is linked again."""
    closed = (ClosedEntranceRow.account_id == account_id, ClosedEntranceRow.issuer == issuer)
    await session.execute(delete(ClosedEntranceRow).where(*closed))


async def _linked(session: AsyncSession, identity: AssertedIdentity) -> AccountRow | None:
    return await session.scalar(
        select(AccountRow)
        .join(SubjectLinkRow, SubjectLinkRow.account_id == AccountRow.id)
        .where(SubjectLinkRow.issuer == identity.issuer, SubjectLinkRow.sub == identity.subject)
    )
