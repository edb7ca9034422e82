"""The provider's signing keys: kept sealed in the database, published by `/oauth2/jwks`, found in process by `sso`."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from gateway.clock import Clock
from gateway.jose import PrivateKey, PublicKey
from gateway.sealing import MasterKeyError, Sealer, UnsealError
from gateway.storage.engine import Database
from gateway.storage.tables.identity import SigningKey

_SEAL = "signing-key"
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


class SigningKeys:
    """Every key of the provider: the one whose time to sign began last signs, all verify that have not retired.

    First keys sign from the same moment, and of several the oldest counts: so processes that each made one agree.
    """

    REFETCH_SECONDS = 60.0

    def __init__(
        self, database: Database, sealer: Sealer, clock: Clock, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._monotonic = monotonic
        self._public: dict[str, PublicKey] = {}
        self._signing: PrivateKey | None = None
        self._read_again_at: float | None = None

    async def start(self) -> None:
        """Read the keys, and make the first one where there is none."""
        await self._read()
        if self._signing is None:
            await self._make()
            await self._read()

    def signing(self) -> PrivateKey:
        """The key that signs; `start` must have run."""
        if self._signing is None:
            raise RuntimeError("the signing keys were not started")
        return self._signing

    async def find(self, kid: str) -> PublicKey | None:
        """The key named `kid`; for an unknown one the database is read again, at most once a minute."""
        if kid not in self._public:
            await self._read_again()
        return self._public.get(kid)

    async def document(self) -> dict[str, Any]:
        """The JWKS document."""
        await self._read_again()
        return {"keys": [key.document() for key in self._public.values()]}

    async def _read_again(self) -> None:
        now = self._monotonic()
        if self._read_again_at is None or now - self._read_again_at >= self.REFETCH_SECONDS:
            self._read_again_at = now
            await self._read()

    async def _make(self) -> None:
        key = PrivateKey.generate()
        async with self._database.session() as session:
            session.add(
                SigningKey(
                    kid=key.kid,
                    alg=key.algorithm,
                    private_sealed=self._sealer.seal(_SEAL, key.content()),
                    created_at=self._clock(),
                    signs_from=_BEGINNING,
                )
            )

    async def _read(self) -> None:
        async with self._database.session() as session:
            rows = (await session.scalars(select(SigningKey).order_by(SigningKey.created_at, SigningKey.kid))).all()
        at = self._clock()
        keys = [(row.signs_from, self._opened(row)) for row in rows if row.retires_at is None or at < row.retires_at]
        self._public = {key.kid: key.public() for _, key in keys}
        usable = [(signs_from, key) for signs_from, key in keys if signs_from <= at]
        self._signing = max(usable, key=lambda pair: pair[0])[1] if usable else None

    def _opened(self, row: SigningKey) -> PrivateKey:
        try:
            return PrivateKey.read(self._sealer.unseal(_SEAL, row.private_sealed))
        except UnsealError:
            raise MasterKeyError("The database was sealed under another master key than the one given.") from None
