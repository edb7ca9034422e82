"""One-time proofs: a code in a message, a code for an officer, an answered challenge.

The database stores only a fingerprint of the secret. One atomic update consumes a proof, in the same unit of work as
its effect; if that is rolled back, the proof stays valid.
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
from gateway.storage.tables.factors import ProofRow

_USE = "proof"
_RETENTION = timedelta(days=1)


class OneTimeProofs:
    """Stores and consumes proofs."""

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
        """Store a proof: `secret` is worth `content` for the purpose `use`, once, within `life`."""
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
        """Consume a proof and return its content; None if it is missing, used or expired."""
        key, at = self._key(use, secret), self._clock()
        used = update(ProofRow).where(
            ProofRow.secret_hash == key, ProofRow.use == use, ProofRow.used_at.is_(None), ProofRow.expires_at > at
        )
        if not await changes_one(session, used.values(used_at=at)):
            return None
        row = await session.get_one(ProofRow, key, populate_existing=True)
        content: Mapping[str, str] = json.loads(self._sealer.unseal(_USE, row.content_sealed, bound_to=key))
        return content

    async def consume_new(self, use: str, secret: str, life: timedelta) -> bool:
        """Consume a secret that has no row yet; whether this is its first use."""
        try:
            async with self._database.session() as session:
                self.add(session, use, secret, {}, life=life)
        except IntegrityError:
            return False
        return True

    async def invalidate(self, session: AsyncSession, use: str, account_id: str) -> None:
        """Invalidate every unused proof of the account for this use."""
        await session.execute(
            update(ProofRow)
            .where(ProofRow.use == use, ProofRow.account_id == account_id, ProofRow.used_at.is_(None))
            .values(used_at=self._clock())
        )

    async def delete_expired(self) -> None:
        """Delete proofs that expired a day ago."""
        async with self._database.session() as session:
            await session.execute(delete(ProofRow).where(ProofRow.expires_at <= self._clock() - _RETENTION))

    def _key(self, use: str, secret: str) -> str:
        return self._sealer.fingerprint(_USE, f"{use}\n{secret}")


def new_code(digits: int = 6) -> str:
    """Generate a random code that a person types."""
    return f"{secrets.randbelow(10**digits):0{digits}d}"
