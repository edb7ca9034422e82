"""Whom the subjects of other issuers stand for: accounts found by issuer and subject, else opened or linked.

Nothing but (issuer, subject) finds an account, neither a name nor an address. One exception: an account whose verified
NIK the issuer asserts, where it is trusted to and the level was high enough (`Identity.nik`).
"""

import secrets
import uuid
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.clock import Clock
from gateway.sealing import Sealer
from gateway.sso.identity import Identity
from gateway.sso.principal import Role
from gateway.storage.engine import Database
from gateway.storage.tables.identity import Account, SubjectLink

NIK_SEAL: Final = "account-nik"
"""The use under which the NIK of an account is sealed, and recognised."""
SECTOR: Final = "external"
"""Where the links to subjects of other issuers stand among those of our own clients."""

_NAMELESS: Final = {"id": "Warga", "en": "Resident"}


class Conflict(StrEnum):
    """Why an identity gets no account; also the key of the sentence that says so."""

    CLOSED = "closed"
    NIK = "nik"
    TAKEN = "taken"


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

    async def link(self, identity: Identity, account_id: str) -> None:
        """Let this identity sign in to an account too, whose owner has just proven both."""
        try:
            async with self._database.session() as session:
                linked = await _linked(session, identity)
                if linked is not None and linked.id != account_id:
                    raise IdentityConflictError(Conflict.TAKEN)
                account = await session.get_one(Account, account_id)
                self._check_nik(account, identity)
                if linked is None:
                    session.add(self._new_link(identity, account_id))
        except IntegrityError:
            raise IdentityConflictError(Conflict.TAKEN) from None

    async def _found_or_opened(self, identity: Identity) -> str:
        async with self._database.session() as session:
            account = await _linked(session, identity)
            if account is None:
                account = await self._with_nik(session, identity) or self._opened(session, identity)
                await session.flush()
                session.add(self._new_link(identity, account.id))
            if account.withdrawn_at is not None:
                raise IdentityConflictError(Conflict.CLOSED)
            self._check_nik(account, identity)
            return account.id

    async def _with_nik(self, session: AsyncSession, identity: Identity) -> Account | None:
        if identity.nik is None:
            return None
        return await session.scalar(select(Account).where(Account.nik_fingerprint == self._recognised(identity.nik)))

    def _opened(self, session: AsyncSession, identity: Identity) -> Account:
        account = Account(
            id=str(uuid.uuid4()),
            # Nobody signs in by it: there is no password.
            username=f"x-{secrets.token_hex(10)}",
            password_hash="",
            display_name=identity.name or _NAMELESS["id"],
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


async def _linked(session: AsyncSession, identity: Identity) -> Account | None:
    return await session.scalar(
        select(Account)
        .join(SubjectLink, SubjectLink.account_id == Account.id)
        .where(SubjectLink.issuer == identity.issuer, SubjectLink.sub == identity.subject)
    )
