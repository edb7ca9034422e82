"""Operator's actions on accounts at the command line: open, list, change roles, withdraw, reset.

Every change is recorded in the access log.
"""

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.ground.clock import Clock
from gateway.ground.errors import GerbangError
from gateway.identity.asserted_identity import LONGEST_NAME, read_name
from gateway.identity.passwords import Passwords, new_password
from gateway.identity.sign_out import end_sessions, revoke_grants
from gateway.policy.access_log.actions import ActingParty, action_entry
from gateway.policy.principal import Role, is_staff
from gateway.storage.engine import Database
from gateway.storage.tables.access_log import AccessEntryRow
from gateway.storage.tables.account_links import AccountLinkRow
from gateway.storage.tables.accounts import AccountRow, ContactRow
from gateway.storage.tables.factors import PasskeyRow, ProofRow, RecoveryCodeRow, TotpFactorRow
from schemas.places import RegionLevel, regions

ONE_TIME_PASSWORD_LIFE: Final = timedelta(hours=72)
USERNAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?", re.ASCII)
ONE_TIME: Final = (
    "Sandi sekali pakai untuk {username}, berlaku 72 jam, tidak dicetak lagi. / "
    "One-time password for {username}, good for 72 hours, never printed again."
)
"""Notice to the operator who receives a new one-time password."""


class AccountError(GerbangError):
    """The action is not possible for this account."""


def check_username(username: str) -> None:
    """Raise `AccountError` unless this is a valid username."""
    if not USERNAME.fullmatch(username):
        raise AccountError("A username has small letters, digits, dots, underscores and hyphens only, at most 64.")


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """The status of an account: its roles, and for an officer the agency and, in a kelurahan, the region."""

    roles: tuple[Role, ...]
    agency: str | None = None
    region: str | None = None

    def checked(self, agencies: Iterable[str]) -> "AccountStatus":
        """Return itself, or raise `AccountError` if it is inconsistent."""
        if not self.roles:
            raise AccountError("An account needs at least one role.")
        if self.agency is not None and self.agency not in set(agencies):
            raise AccountError(f"There is no agency {self.agency} in the file of the agencies.")
        if Role.OFFICER in self.roles and self.agency is None:
            raise AccountError("An officer belongs to an agency: name it with --agency.")
        if Role.OFFICER not in self.roles and (self.agency or self.region):
            raise AccountError("An agency and a region belong to officers only.")
        known = regions().get(self.region) if self.region else None
        if self.region and (known is None or known.level is RegionLevel.CITY):
            raise AccountError(f"There is no kelurahan or kecamatan {self.region} in this city.")
        return self


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """An account as operators see it. Its name is the only personal data: no NIK, no contact."""

    username: str
    name: str
    roles: tuple[str, ...]
    agency: str | None
    region: str | None
    second_factor: bool
    password_expires: bool
    nik_verified: bool
    created_at: str
    withdrawn_at: str | None


class Administration:
    """Operator's actions on the accounts of one database."""

    def __init__(self, database: Database, passwords: Passwords, clock: Clock) -> None:
        self._database = database
        self._passwords = passwords
        self._clock = clock

    async def add(self, actor: ActingParty, username: str, name: str, status: AccountStatus) -> str:
        """Open an account; return the one-time password, which is not stored."""
        check_username(username)
        display_name = read_name(name)
        if display_name is None:
            raise AccountError(f"An account needs a name of at most {LONGEST_NAME} printable characters.")
        password, at = new_password(), self._clock()
        account = AccountRow(
            id=str(uuid.uuid4()),
            username=username,
            password_hash=await self._passwords.hash(password),
            password_expires=True,
            password_set_at=at,
            display_name=display_name,
            roles=[role.value for role in status.roles],
            agency=status.agency,
            region=status.region,
            locale="id",
            created_at=at,
        )
        try:
            async with self._database.session() as session:
                session.add_all([account, self._entry(actor, "openAccount", username, status)])
        except IntegrityError:
            raise AccountError(f"There is an account {username} already.") from None
        return password

    async def summaries(self) -> Sequence[AccountSummary]:
        """Return every account, the oldest first."""
        async with self._database.session() as session:
            accounts = (
                await session.scalars(select(AccountRow).order_by(AccountRow.created_at, AccountRow.username))
            ).all()
            strong = await _with_factor(session)
        return [_summary(account, account.id in strong) for account in accounts]

    async def summary(self, username: str) -> AccountSummary:
        """Return one account, or raise `AccountError`."""
        async with self._database.session() as session:
            account = await _one(session, username)
            return _summary(account, account.id in await _with_factor(session))

    async def change_roles(self, actor: ActingParty, username: str, status: AccountStatus) -> None:
        """Replace roles, agency and region. Access by a lost role ends within a minute."""
        async with self._database.session() as session:
            account = await _active_account(session, username)
            becomes_staff = is_staff(status.roles) and not is_staff(account.roles)
            account.roles = [role.value for role in status.roles]
            account.agency, account.region = status.agency, status.region
            session.add(self._entry(actor, "changeAccountRoles", username, status))
            if becomes_staff:
                # A sign-in without a second factor must not become a staff sign-in.
                await end_sessions(session, account.id, self._clock())
                await revoke_grants(session, account.id, self._clock())

    async def withdraw(self, actor: ActingParty, username: str) -> None:
        """Withdraw an account for good: sessions and grants end, credentials are removed.

        NIK, contacts and links to agencies' applications are released, so that their owner can prove them for another
        account.
        """
        at = self._clock()
        async with self._database.session() as session:
            account = await _one(session, username)
            account.withdrawn_at = account.withdrawn_at or at
            account.password_hash = ""
            account.nik_sealed = account.nik_fingerprint = None
            for table in (ContactRow, AccountLinkRow, ProofRow):
                await session.execute(delete(table).where(table.account_id == account.id))
            await _remove_factors(session, account.id, self._clock)
            await end_sessions(session, account.id, at)
            await revoke_grants(session, account.id, at)
            session.add(self._entry(actor, "withdrawAccount", username))

    async def reset(self, actor: ActingParty, username: str, *, factors: bool) -> str:
        """Set a one-time password and end every session and grant; with `factors`, also remove the second factors."""
        password, at = new_password(), self._clock()
        hashed = await self._passwords.hash(password)
        async with self._database.session() as session:
            account = await _active_account(session, username)
            account.password_hash, account.password_expires, account.password_set_at = hashed, True, at
            if factors:
                await _remove_factors(session, account.id, self._clock)
            await end_sessions(session, account.id, at)
            await revoke_grants(session, account.id, at)
            session.add(self._entry(actor, "resetAccountFactors" if factors else "resetAccount", username))
        return password

    async def is_empty(self) -> bool:
        """Whether there is no account."""
        async with self._database.session() as session:
            return not await session.scalar(select(func.count()).select_from(AccountRow))

    def _entry(
        self, actor: ActingParty, operation: str, username: str, status: AccountStatus | None = None
    ) -> AccessEntryRow:
        further = f"as {', '.join(status.roles)}" if status else None
        return action_entry(actor, operation, "account", username, self._clock(), further)


async def _one(session: AsyncSession, username: str) -> AccountRow:
    account = await session.scalar(select(AccountRow).where(AccountRow.username == username))
    if account is None:
        raise AccountError(f"There is no account {username}.")
    return account


async def _active_account(session: AsyncSession, username: str) -> AccountRow:
    account = await _one(session, username)
    if account.withdrawn_at is not None:
        raise AccountError(f"The account {username} was withdrawn.")
    return account


async def _with_factor(session: AsyncSession) -> set[str]:
    totp = select(TotpFactorRow.account_id).where(
        TotpFactorRow.confirmed_at.is_not(None), TotpFactorRow.removed_at.is_(None)
    )
    passkeys = select(PasskeyRow.account_id).where(PasskeyRow.removed_at.is_(None))
    return {*(await session.scalars(totp)), *(await session.scalars(passkeys))}


async def _remove_factors(session: AsyncSession, account_id: str, clock: Clock) -> None:
    for table in (TotpFactorRow, PasskeyRow):
        await session.execute(
            update(table).where(table.account_id == account_id, table.removed_at.is_(None)).values(removed_at=clock())
        )
    await session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account_id))


def _summary(account: AccountRow, strong: bool) -> AccountSummary:  # noqa: FBT001 - private, and called in two places above
    return AccountSummary(
        username=account.username,
        name=account.display_name,
        roles=tuple(account.roles),
        agency=account.agency,
        region=account.region,
        second_factor=strong,
        password_expires=account.password_expires,
        nik_verified=account.nik_fingerprint is not None,
        created_at=account.created_at.isoformat(),
        withdrawn_at=account.withdrawn_at.isoformat() if account.withdrawn_at else None,
    )
