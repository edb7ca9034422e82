"""Rotating the signing keys: a new key is published, later it signs, and the old one retires once its tokens ended.

A rotation writes these times into the database, and every process follows them by the clock: no message between
processes can be missed, and none has to be restarted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.ground.clock import Clock
from gateway.ground.errors import GerbangError
from gateway.ground.sealing import Sealer
from gateway.oidc.tokens.minting import ACCESS_TOKEN_LIFE
from gateway.oidc.tokens.signing_keys import new_signing_key
from gateway.policy.access_log.actions import ActingParty, action_entry
from gateway.storage.engine import Database
from gateway.storage.tables.identity import SigningKeyRow

PUBLISHED_FIRST: Final = timedelta(minutes=10)
"""How long a key is published before it signs: longer than our processes and others' caches keep the old set."""
ACCEPTED_AFTER: Final = ACCESS_TOKEN_LIFE + timedelta(minutes=5)
"""How long the old key is accepted after the new one signs: longer than its last token lives."""


class KeyRotationError(GerbangError):
    """The keys are not in the state that this needs."""


@dataclass(frozen=True, slots=True)
class KeyState:
    """A signing key. `state`: published (will sign), signing, accepted (signs no more), or retired."""

    kid: str
    alg: str
    state: str
    created_at: datetime
    signs_from: datetime
    retires_at: datetime | None


class KeyRotation:
    """The signing keys of one database, as an operator handles them."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock

    async def states(self) -> Sequence[KeyState]:
        """Every key, the oldest first."""
        at = self._clock()
        async with self._database.session() as session:
            rows = await _rows(session)
        signing = _signing(rows, at)
        return [
            KeyState(row.kid, row.alg, _state(row, at, signing), row.created_at, row.signs_from, row.retires_at)
            for row in rows
        ]

    async def rotate(self, actor: ActingParty, *, at_once: bool = False) -> KeyState:
        """Publish a new key that signs in `PUBLISHED_FIRST`, or `at_once`; every other key retires thereafter.

        `at_once` is for when a key has become known to others: until their caches end, some will refuse new tokens.
        A key that was published and does not sign yet is given up then: it retires without having signed (but for the
        half minute in which another process may not have read this, if its turn came just then: what it signs is
        refused). Where no key signs at present, as before the first start, the new one does so at once: no token could
        be issued meanwhile.
        """
        at = self._clock()
        async with self._database.session() as session:
            rows = await _rows(session)
            at_once = at_once or _signing(rows, at) is None
            signs_from = at if at_once else at + PUBLISHED_FIRST
            if any(row.signs_from > at and row.retires_at is None for row in rows) and not at_once:
                raise KeyRotationError("A new key has been published already and does not sign yet: wait for it.")
            for row in rows:
                # A key whose turn was still to come would sign in place of the one that is made now.
                end = at if row.signs_from > at else signs_from + ACCEPTED_AFTER
                row.retires_at = min(row.retires_at or end, end)
            made = new_signing_key(self._sealer, at, signs_from=signs_from)
            session.add_all([made, action_entry(actor, "rotateKeys", "signing-key", made.kid, at)])
        state = "signing" if at_once else "published"
        return KeyState(made.kid, made.alg, state, at, signs_from, None)

    async def retire(self, actor: ActingParty, kid: str) -> None:
        """Accept this key no longer, whatever it has signed: within a minute every process refuses it."""
        at = self._clock()
        async with self._database.session() as session:
            rows = await _rows(session)
            row = next((row for row in rows if row.kid == kid), None)
            if row is None:
                raise KeyRotationError(f"There is no signing key {kid}.")
            if row is _signing(rows, at):
                raise KeyRotationError("This key signs at present: run gerbang keys rotate --now first.")
            row.retires_at = min(row.retires_at or at, at)
            session.add(action_entry(actor, "retireKey", "signing-key", kid, at))


async def _rows(session: AsyncSession) -> Sequence[SigningKeyRow]:
    query = select(SigningKeyRow).order_by(SigningKeyRow.created_at, SigningKeyRow.kid).with_for_update()
    return (await session.scalars(query)).all()


def _signing(rows: Sequence[SigningKeyRow], at: datetime) -> SigningKeyRow | None:
    usable = [row for row in rows if row.signs_from <= at and (row.retires_at is None or at < row.retires_at)]
    return max(usable, key=lambda row: row.signs_from) if usable else None


def _state(row: SigningKeyRow, at: datetime, signing: SigningKeyRow | None) -> str:
    if row.retires_at is not None and row.retires_at <= at:
        return "retired"
    if row.signs_from > at:
        return "published"
    return "signing" if row is signing else "accepted"
