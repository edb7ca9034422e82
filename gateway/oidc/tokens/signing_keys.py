"""The provider's signing keys: kept sealed in the database, published by `/oauth2/jwks`, found in process by `sso`."""

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
from gateway.storage.tables.identity import SigningKeyRow

_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Held:
    signs_from: datetime
    retires_at: datetime | None
    key: PrivateKey = field(repr=False)
    public: PublicKey = field(repr=False)

    def is_accepted(self, at: datetime) -> bool:
        return self.retires_at is None or at < self.retires_at


class SigningKeys:
    """Every key of the provider: the one whose time to sign began last signs, all are accepted that have not retired.

    Which that is follows from the clock, and the database is read again every `REREAD_SECONDS` of use: so processes
    that share it change over together, without a restart. First keys sign from the same moment, and of several the
    oldest counts: so processes that each made one agree.

    A key that another process has just made is found at once: an unknown one has the database read again, at most every
    `SEARCH_SECONDS` for all of them together, and whoever comes in between waits for that. One that was not found is
    not looked for again for `REREAD_SECONDS`; the last `MAX_MISSED` of these are remembered. So made-up keys cost one
    small query a second, however many there are.
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
        self._held: dict[str, _Held] = {}
        self._read_at: float | None = None
        self._searched_at = float("-inf")
        self._missed: OrderedDict[str, float] = OrderedDict()
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        """Read the keys, and make the first one where there is none."""
        await self._read()
        if not self._held:
            await self._make()
            await self._read()

    async def refresh(self) -> None:
        """Read the keys again when that is due; `start` comes first."""
        if self._read_at is not None and self._monotonic() - self._read_at >= self.REREAD_SECONDS:
            await self._read()

    def signing(self) -> PrivateKey:
        """The key that signs now; `start` must have run."""
        at = self._clock()
        usable = [held for held in self._held.values() if held.signs_from <= at and held.is_accepted(at)]
        if not usable:
            raise RuntimeError("the signing keys were not started")
        return max(usable, key=lambda held: held.signs_from).key

    async def find(self, kid: str) -> PublicKey | None:
        """The key named `kid`; for an unknown one the database is read again."""
        await self.refresh()
        if kid not in self._held and not self._was_missed(kid):
            await self._search(kid)
        held = self._held.get(kid)
        return held.public if held and held.is_accepted(self._clock()) else None

    async def document(self) -> dict[str, Any]:
        """The JWKS document: every key that is accepted, and those that will sign."""
        await self.refresh()
        at = self._clock()
        return {"keys": [held.public.document() for held in self._held.values() if held.is_accepted(at)]}

    def _was_missed(self, kid: str) -> bool:
        return self._monotonic() - self._missed.get(kid, float("-inf")) < self.REREAD_SECONDS

    async def _search(self, kid: str) -> None:
        asked_at = self._monotonic()
        async with self._turn:
            # Of those who waited for their turn, the first one reads for all.
            if self._searched_at < asked_at:
                await self._sleep(max(0.0, self._searched_at + self.SEARCH_SECONDS - self._monotonic()))
                self._searched_at = self._monotonic()
                await self._read()
        if kid not in self._held:
            self._missed[kid] = self._searched_at
            if len(self._missed) > self.MAX_MISSED:
                self._missed.popitem(last=False)

    async def _make(self) -> None:
        async with self._database.session() as session:
            session.add(new_signing_key(self._sealer, self._clock(), signs_from=_BEGINNING))

    async def _read(self) -> None:
        self._read_at = self._monotonic()
        async with self._database.session() as session:
            rows = (
                await session.scalars(select(SigningKeyRow).order_by(SigningKeyRow.created_at, SigningKeyRow.kid))
            ).all()
        at = self._clock()
        self._held = {row.kid: self._opened(row) for row in rows if row.retires_at is None or at < row.retires_at}

    def _opened(self, row: SigningKeyRow) -> _Held:
        known = self._held.get(row.kid)
        key = known.key if known else _read_private(self._sealer, row)
        return _Held(row.signs_from, row.retires_at, key, known.public if known else key.public())


def new_signing_key(sealer: Sealer, at: datetime, *, signs_from: datetime) -> SigningKeyRow:
    """A new key pair, sealed."""
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
