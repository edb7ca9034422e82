"""The provider's signing keys: sealed in the database, published at `/oauth2/jwks`, and found in process."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from gateway.authentication.jose import PrivateKey, PublicKey
from gateway.ground.clock import Clock
from gateway.ground.sealing import OTHER_MASTER_KEY, MasterKeyError, Sealer, UnsealError
from gateway.storage.engine import Database
from gateway.storage.sealed_keys import SIGNING_KEY_SEAL
from gateway.storage.tables.signing_keys import SigningKeyRow

_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _LoadedKey:
    signs_from: datetime
    retires_at: datetime | None
    key: PrivateKey = field(repr=False)
    public: PublicKey = field(repr=False)

    def is_accepted(self, at: datetime) -> bool:
        return self.retires_at is None or at < self.retires_at


class SigningKeys:
    """The provider's keys. The key with the latest past `signs_from` signs; all that have not retired are accepted.

    The clock decides which key signs, and the database is read again every `REREAD_SECONDS` of use. So processes with
    the same database switch keys together, without a restart. First keys have the same `signs_from`, and of several the
    oldest counts, so processes that each made one agree.

    A key that another process has just made is found at once: an unknown `kid` causes a database read, at most every
    `SEARCH_SECONDS` for all lookups together; lookups in between wait for that read. A missing `kid` is not searched
    again for `REREAD_SECONDS`; the last `MAX_MISSED` are stored. So made-up key ids cost one small query a second,
    however many there are.
    """

    REREAD_SECONDS = 30.0
    SEARCH_SECONDS = 1.0
    MAX_MISSED = 1024

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        clock: Clock,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._monotonic = monotonic
        self._sleep = sleep
        self._keys: dict[str, _LoadedKey] = {}
        self._read_at: float | None = None
        self._searched_at = float("-inf")
        self._missed: OrderedDict[str, float] = OrderedDict()
        self._lock = asyncio.Lock()

    async def start(self) -> None:
        """Read the keys, and create the first one if there is none."""
        await self._read()
        if not self._keys:
            await self._create_first()
            await self._read()

    async def refresh(self) -> None:
        """Read the keys again if that is due. Call `start` before."""
        if self._read_at is not None and self._monotonic() - self._read_at >= self.REREAD_SECONDS:
            await self._read()

    def signing(self) -> PrivateKey:
        """Return the key that signs now. Call `start` before."""
        at = self._clock()
        usable = [loaded for loaded in self._keys.values() if loaded.signs_from <= at and loaded.is_accepted(at)]
        if not usable:
            raise RuntimeError("the signing keys were not started")
        return max(usable, key=lambda loaded: loaded.signs_from).key

    async def find(self, kid: str) -> PublicKey | None:
        """Return the key named `kid`; read the database again for an unknown one."""
        await self.refresh()
        if kid not in self._keys and not self._was_missed(kid):
            await self._search(kid)
        loaded = self._keys.get(kid)
        return loaded.public if loaded and loaded.is_accepted(self._clock()) else None

    async def document(self) -> dict[str, Any]:
        """Return the JWKS document: every accepted key, and those that will sign."""
        await self.refresh()
        at = self._clock()
        return {"keys": [loaded.public.document() for loaded in self._keys.values() if loaded.is_accepted(at)]}

    def _was_missed(self, kid: str) -> bool:
        return self._monotonic() - self._missed.get(kid, float("-inf")) < self.REREAD_SECONDS

    async def _search(self, kid: str) -> None:
        requested_at = self._monotonic()
        async with self._lock:
            # The first lookup that gets the lock reads for all that waited.
            if self._searched_at < requested_at:
                await self._sleep(max(0.0, self._searched_at + self.SEARCH_SECONDS - self._monotonic()))
                self._searched_at = self._monotonic()
                await self._read()
        if kid not in self._keys:
            self._missed[kid] = self._searched_at
            if len(self._missed) > self.MAX_MISSED:
                self._missed.popitem(last=False)

    async def _create_first(self) -> None:
        async with self._database.session() as session:
            session.add(new_signing_key(self._sealer, self._clock(), signs_from=_BEGINNING))

    async def _read(self) -> None:
        self._read_at = self._monotonic()
        async with self._database.session() as session:
            rows = (
                await session.scalars(select(SigningKeyRow).order_by(SigningKeyRow.created_at, SigningKeyRow.kid))
            ).all()
        at = self._clock()
        self._keys = {row.kid: self._load(row) for row in rows if row.retires_at is None or at < row.retires_at}

    def _load(self, row: SigningKeyRow) -> _LoadedKey:
        known = self._keys.get(row.kid)
        key = known.key if known else _read_private(self._sealer, row)
        return _LoadedKey(row.signs_from, row.retires_at, key, known.public if known else key.public())


def new_signing_key(sealer: Sealer, at: datetime, *, signs_from: datetime) -> SigningKeyRow:
    """Generate a key pair and seal it."""
    key = PrivateKey.generate()
    return SigningKeyRow(
        kid=key.kid,
        alg=key.algorithm,
        private_sealed=sealer.seal(SIGNING_KEY_SEAL, key.content()),
        created_at=at,
        signs_from=signs_from,
    )


def _read_private(sealer: Sealer, row: SigningKeyRow) -> PrivateKey:
    try:
        return PrivateKey.read(sealer.unseal(SIGNING_KEY_SEAL, row.private_sealed))
    except UnsealError:
        raise MasterKeyError(OTHER_MASTER_KEY) from None
