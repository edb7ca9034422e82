"""Whom the subjects of other issuers stand for: accounts found by issuer and subject, else opened or linked.

Nothing but (issuer, subject) finds an account, neither a name nor an address. One exception: an account whose verified
NIK the issuer asserts, where it is trusted to and the level was high enough (`Identity.nik`), and from which it was not
unlinked: then that takes a new link, with proof of both.
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
from gateway.identity.asserted_identity import Identity
from gateway.policy.principal import Role
from gateway.storage.engine import Database
from gateway.storage.tables import Row
from gateway.storage.tables.identity import Account, SubjectLink
from gateway.storage.tables.issuers import ClosedEntrance

NIK_SEAL: Final = "account-nik"
"""The use under which the NIK of an account is sealed, and recognised."""
SECTOR: Final = "external"
"""Where the links to subjects of other issuers stand among those of our own clients."""

_NAMELESS: Final = "Warga"


class Conflict(StrEnum):
    """Why an identity gets no account; also the key of the sentence that says so."""

    CLOSED = "closed"
    NIK = "nik"
    TAKEN = "taken"
    UNLINKED = "unlinked"


class IdentityConflictError(Exception):
    """The identity contradicts what we know."""

    def __init__(self, conflict: Conflict) -> None:
        self.conflict = conflict
        super().__init__(conflict.value)


class Subjects:
    """The accounts behind the subjects of other issuers."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock

    async def account_of(self, identity: Identity) -> str:
        """The id of the account of this identity, opened at its first sign-in; or `IdentityConflictError`."""
        try:
            return await self._found_or_opened(identity)
        except IntegrityError:
            # Somebody was faster with the same subject or NIK: it is there now, or it contradicts.
            try:
                return await self._found_or_opened(identity)
            except IntegrityError:
                raise IdentityConflictError(Conflict.TAKEN) from None

    async def link(self, identity: Identity, account_id: str, *further: Row) -> None:
        """Let this identity sign in to an account too, whose owner has just proven both.

        `further` is what is put on record with a link that was not there before.
        """
        try:
            async with self._database.session() as session:
                linked = await _linked(session, identity)
                if linked is not None and linked.id != account_id:
                    raise IdentityConflictError(Conflict.TAKEN)
                account = await session.get_one(Account, account_id)
                self._check_nik(account, identity)
                owner = await self._owner(session, identity)
                if owner is not None and owner.id != account_id:
                    # Once linked, each sign-in would assert a number that is another account's, and enter neither.
                    raise IdentityConflictError(Conflict.TAKEN)
                if linked is None:
                    await reopen(session, account_id, identity.issuer)
                    session.add_all([self._new_link(identity, account_id), *further])
        except IntegrityError:
            raise IdentityConflictError(Conflict.TAKEN) from None

    async def _found_or_opened(self, identity: Identity) -> str:
        async with self._database.session() as session:
            account = await _linked(session, identity)
            if account is None:
                account = await self._by_nik(session, identity) or self._opened(session, identity)
                await session.flush()
                session.add(self._new_link(identity, account.id))
            if account.withdrawn_at is not None:
                raise IdentityConflictError(Conflict.CLOSED)
            self._check_nik(account, identity)
            return account.id

    async def _owner(self, session: AsyncSession, identity: Identity) -> Account | None:
        """The account that has the NIK which is asserted."""
        if identity.nik is None:
            return None
        return await session.scalar(select(Account).where(Account.nik_fingerprint == self._recognised(identity.nik)))

    async def _by_nik(self, session: AsyncSession, identity: Identity) -> Account | None:
        account = await self._owner(session, identity)
        if account is not None and await session.get(ClosedEntrance, (account.id, identity.issuer)) is not None:
            raise IdentityConflictError(Conflict.UNLINKED)
        return account

    def _opened(self, session: AsyncSession, identity: Identity) -> Account:
        account = Account(
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

    def _check_nik(self, account: Account, identity: Identity) -> None:
        if identity.nik is None or account.nik_fingerprint is None:
            return
        if account.nik_fingerprint != self._recognised(identity.nik):
            raise IdentityConflictError(Conflict.NIK)

    def _new_link(self, identity: Identity, account_id: str) -> SubjectLink:
        return SubjectLink(
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
    links = (SubjectLink.issuer == issuer, SubjectLink.account_id == account_id, SubjectLink.sector == SECTOR)
    await session.execute(delete(SubjectLink).where(*links))
    await session.merge(ClosedEntrance(account_id=account_id, issuer=issuer, closed_at=at))


async def reopen(session: AsyncSession, account_id: str, issuer: str) -> None:
    """Take that back, since the issuer is linked again."""
    closed = (ClosedEntrance.account_id == account_id, ClosedEntrance.issuer == issuer)
    await session.execute(delete(ClosedEntrance).where(*closed))


async def _linked(session: AsyncSession, identity: Identity) -> Account | None:
    return await session.scalar(
        select(Account)
        .join(SubjectLink, SubjectLink.account_id == Account.id)
        .where(SubjectLink.issuer == identity.issuer, SubjectLink.sub == identity.subject)
    )
