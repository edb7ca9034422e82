"""Password change: check the rules, hash, store, and end every session and grant under the old password."""

from collections.abc import Iterable

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.ground.clock import Clock
from gateway.identity.password_rules import Weakness, find_weakness
from gateway.identity.passwords import Passwords
from gateway.identity.sign_out import end_sessions, revoke_grants
from gateway.policy.principal import is_staff
from gateway.storage.engine import Database
from gateway.storage.tables.accounts import AccountRow


class PasswordChange:
    """Changes the passwords of accounts."""

    def __init__(self, database: Database, passwords: Passwords, clock: Clock) -> None:
        self._database = database
        self._passwords = passwords
        self._clock = clock

    async def find_weakness(self, account_id: str, password: str) -> Weakness | None:
        """Return why this account may not have this password, or None."""
        async with self._database.session() as session:
            account = await session.get_one(AccountRow, account_id)
        weakness = await find_weakness(password, _names(account), staff=is_staff(account.roles))
        if weakness is None and await self._passwords.check(account.password_hash, password):
            return Weakness.SAME
        return weakness

    async def hash(self, password: str) -> str:
        """Hash a password for `store`."""
        return await self._passwords.hash(password)

    async def store(self, session: AsyncSession, account_id: str, hashed: str, *, but: str | None = None) -> None:
        """Store the new password; end every session but that of the id hash `but`, and revoke every grant."""
        at = self._clock()
        await session.execute(
            update(AccountRow)
            .where(AccountRow.id == account_id, AccountRow.withdrawn_at.is_(None))
            .values(password_hash=hashed, password_expires=False, password_set_at=at)
        )
        await end_sessions(session, account_id, at, but=but)
        await revoke_grants(session, account_id, at)


def _names(account: AccountRow) -> Iterable[str]:
    return (account.username, account.display_name)
