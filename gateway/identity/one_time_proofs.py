"""Things that prove something once: a code in a message, a code for the counter, a challenge that was answered.

Only a fingerprint of the secret stands in the database. A proof is consumed by one atomic update, inside the unit of
work that makes true what it proves: when that fails, the proof is as good as before.
"""

import json
import secrets
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.ground.clock import Clock
from gateway.ground.sealing import Sealer
from gateway.storage.engine import Database
from gateway.storage.row_locks import changes_one
from gateway.storage.tables.accounts import ProofRow

_USE = "proof"
_KEPT = timedelta(days=1)


class OneTimeProofs:
    """Makes proofs and consumes them."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock

    def add(
        self,
        session: AsyncSession,
        use: str,
        secret: str,
        content: Mapping[str, str],
        *,
        life: timedelta,
        account_id: str | None = None,
    ) -> None:
        """A proof that whoever shows `secret` within `life` has what `content` says; `use` says what for."""
        key, at = self._key(use, secret), self._clock()
        session.add(
            ProofRow(
                secret_hash=key,
                use=use,
                account_id=account_id,
                content_sealed=self._sealer.seal(_USE, json.dumps(dict(content)).encode(), bound_to=key),
                created_at=at,
                expires_at=at + life,
            )
        )

    async def consume(self, session: AsyncSession, use: str, secret: str) -> Mapping[str, str] | None:
        """What the proof says, once; None when there is none, or no longer."""
        key, at = self._key(use, secret), self._clock()
        used = update(ProofRow).where(
            ProofRow.secret_hash == key, ProofRow.use == use, ProofRow.used_at.is_(None), ProofRow.expires_at > at
        )
        if not await changes_one(session, used.values(used_at=at)):
            return None
        row = await session.get_one(ProofRow, key, populate_existing=True)
        content: Mapping[str, str] = json.loads(self._sealer.unseal(_USE, row.content_sealed, bound_to=key))
        return content

    async def spend(self, use: str, secret: str, life: timedelta) -> bool:
        """Whether this secret, which was good without a row here, is seen for the first time."""
        try:
            async with self._database.session() as session:
                self.add(session, use, secret, {}, life=life)
        except IntegrityError:
            return False
        return True

    async def void(self, session: AsyncSession, use: str, account_id: str) -> None:
        """Nothing that the account was given for this use is good any more."""
        await session.execute(
            update(ProofRow)
            .where(ProofRow.use == use, ProofRow.account_id == account_id, ProofRow.used_at.is_(None))
            .values(used_at=self._clock())
        )

    async def forget_old(self) -> None:
        """Drop what is over for a day."""
        async with self._database.session() as session:
            await session.execute(delete(ProofRow).where(ProofRow.expires_at <= self._clock() - _KEPT))

    def _key(self, use: str, secret: str) -> str:
        return self._sealer.fingerprint(_USE, f"{use}\n{secret}")


def new_code(digits: int = 6) -> str:
    """A random code that a person types."""
    return f"{secrets.randbelow(10**digits):0{digits}d}"
