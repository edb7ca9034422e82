"""Recovery codes: ten, shown once, each valid once in place of the second factor. A new set replaces the old one."""

import re
import secrets
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.ground.clock import Clock
from gateway.ground.sealing import Sealer
from gateway.identity.passwords import TYPED_ALPHABET
from gateway.storage.engine import Database
from gateway.storage.row_locks import changes_one
from gateway.storage.tables.factors import RecoveryCodeRow

IN_A_SET: Final = 10

_USE = "recovery-code"
_HALF = 5
_SEPARATORS = re.compile(r"[\s-]")


class RecoveryCodes:
    """Makes and consumes recovery codes. A code has 49 bits; its fingerprint needs the master key."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock

    async def renew(self, account_id: str) -> list[str]:
        """Replace the account's codes; return the new ones, of which only hashes are stored."""
        codes = [f"{_half()}-{_half()}" for _ in range(IN_A_SET)]
        async with self._database.session() as session:
            await session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account_id))
            for code in codes:
                row = RecoveryCodeRow(
                    code_hash=self._hash(account_id, code), account_id=account_id, created_at=self._clock()
                )
                session.add(row)
        return codes

    async def use(self, account_id: str, typed: str) -> bool:
        """Consume a code; whether it is one of the account's unused codes."""
        unused = update(RecoveryCodeRow).where(
            RecoveryCodeRow.code_hash == self._hash(account_id, typed),
            RecoveryCodeRow.account_id == account_id,
            RecoveryCodeRow.used_at.is_(None),
        )
        async with self._database.session() as session:
            return await changes_one(session, unused.values(used_at=self._clock()))

    async def count_unused(self, session: AsyncSession, account_id: str) -> int:
        """Return the number of unused codes."""
        unused = select(func.count()).where(RecoveryCodeRow.account_id == account_id, RecoveryCodeRow.used_at.is_(None))
        return await session.scalar(unused) or 0

    async def remove(self, session: AsyncSession, account_id: str) -> None:
        """Delete the account's codes."""
        await session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account_id))

    def _hash(self, account_id: str, typed: str) -> str:
        return self._sealer.fingerprint(_USE, f"{account_id}\n{_SEPARATORS.sub('', typed).lower()}")


def _half() -> str:
    return "".join(secrets.choice(TYPED_ALPHABET) for _ in range(_HALF))
