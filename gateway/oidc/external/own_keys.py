"""The keys by which we authenticate at other issuers: P-521, sealed in the database, published as a JWKS."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.authentication.jose import PrivateKey
from gateway.ground.clock import Clock
from gateway.ground.sealing import OTHER_MASTER_KEY, MasterKeyError, Sealer, UnsealError
from gateway.storage.engine import Database
from gateway.storage.tables.issuers import OwnKeyRow

PUBLISHED_BEFORE: Final = timedelta(days=1)
"""How long a new key is published before it signs, and an old one after: other parties cache the published set."""

_SEAL: Final = "own-key"
_BEGINNING: Final = datetime(2026, 1, 1, tzinfo=UTC)


class OwnKeys:
    """Our keys as a client of other issuers. Read on each use: sign-ins are rare, and so all processes agree."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock

    async def start(self) -> None:
        """Create the first key if there is none."""
        if not await self._active_rows():
            async with self._database.session() as session:
                session.add(self._new_row(_BEGINNING))

    async def signing(self) -> PrivateKey:
        """Return the key that signs now. Call `start` before."""
        at = self._clock()
        started = [row for row in await self._active_rows() if row.signs_from <= at]
        return self._unseal(max(started, key=lambda row: row.signs_from))

    async def document(self) -> dict[str, Any]:
        """Return the JWKS document: every key that signs, will sign, or has not retired yet."""
        return {"keys": [self._unseal(row).public().document() for row in await self._active_rows()]}

    async def rotate(self, session: AsyncSession) -> OwnKeyRow:
        """Publish a new key in this unit of work. It signs after `PUBLISHED_BEFORE`; a first key signs at once."""
        takes_over = self._clock() + PUBLISHED_BEFORE if await self._active_rows() else _BEGINNING
        await session.execute(
            update(OwnKeyRow).where(OwnKeyRow.retires_at.is_(None)).values(retires_at=takes_over + PUBLISHED_BEFORE)
        )
        row = self._new_row(takes_over)
        session.add(row)
        return row

    async def _active_rows(self) -> list[OwnKeyRow]:
        async with self._database.session() as session:
            rows = (await session.scalars(select(OwnKeyRow).order_by(OwnKeyRow.created_at, OwnKeyRow.kid))).all()
        return [row for row in rows if row.retires_at is None or self._clock() < row.retires_at]

    def _new_row(self, signs_from: datetime) -> OwnKeyRow:
        key = PrivateKey.generate("ES512")
        return OwnKeyRow(
            kid=key.kid,
            alg=key.algorithm,
            private_sealed=self._sealer.seal(_SEAL, key.content(), bound_to=key.kid),
            created_at=self._clock(),
            signs_from=signs_from,
        )

    def _unseal(self, row: OwnKeyRow) -> PrivateKey:
        try:
            return PrivateKey.read(self._sealer.unseal(_SEAL, row.private_sealed, bound_to=row.kid))
        except UnsealError:
            raise MasterKeyError(OTHER_MASTER_KEY) from None
