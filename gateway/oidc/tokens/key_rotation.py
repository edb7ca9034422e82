"""Rotation of the signing keys: a new key is published, signs later, and the old key retires when its tokens expired.

A rotation stores these times in the database, and every process follows them by the clock. So no message between
processes can be lost, and no process needs a restart.
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
from gateway.storage.tables.signing_keys import SigningKeyRow

PUBLISHED_FIRST: Final = timedelta(minutes=10)
"""How long a key is published before it signs: longer than our processes and other parties cache the key set."""
ACCEPTED_AFTER: Final = ACCESS_TOKEN_LIFE + timedelta(minutes=5)
"""How long the old key is accepted after the new one signs: longer than the life of its last token."""


class KeyRotationError(GerbangError):
    """The state of the keys does not allow the operation."""


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
    """Operator's actions on the signing keys of one database."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock

    async def states(self) -> Sequence[KeyState]:
        """Return every key, the oldest first."""
        at = self._clock()
        async with self._database.session() as session:
            rows = await _rows(session)
        signing = _signing(rows, at)
        return [
            KeyState(row.kid, row.alg, _state(row, at, signing), row.created_at, row.signs_from, row.retires_at)
            for row in rows
        ]

    async def rotate(self, actor: ActingParty, *, at_once: bool = False) -> KeyState:
        """Publish a new key that signs after `PUBLISHED_FIRST`, or `at_once`; every other key retires after that.

        Use `at_once` when a key was leaked: until their caches expire, some resource servers will refuse new tokens. It
        cancels a key that is published but does not sign yet: that key retires without having signed. (Exception: if
        its time comes just then, a process may sign with it for up to half a minute, until it has read the rotation;
        those tokens are refused.) If no key signs at present, as before the first start, the new key signs at once,
        since no token could be issued until then.
        """
        at = self._clock()
        async with self._database.session() as session:
            rows = await _rows(session)
            at_once = at_once or _signing(rows, at) is None
            signs_from = at if at_once else at + PUBLISHED_FIRST
            if any(row.signs_from > at and row.retires_at is None for row in rows) and not at_once:
                raise KeyRotationError("A new key has been published already and does not sign yet: wait for it.")
            for row in rows:
                # A key that has not signed yet would otherwise sign in place of the new one.
                end = at if row.signs_from > at else signs_from + ACCEPTED_AFTER
                row.retires_at = min(row.retires_at or end, end)
            new_key = new_signing_key(self._sealer, at, signs_from=signs_from)
            session.add_all([new_key, action_entry(actor, "rotateKeys", "signing-key", new_key.kid, at)])
        state = "signing" if at_once else "published"
        return KeyState(new_key.kid, new_key.alg, state, at, signs_from, None)

    async def retire(self, actor: ActingParty, kid: str) -> None:
        """Refuse this key and its tokens from now on; within a minute in every process."""
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
