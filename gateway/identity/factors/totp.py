"""Codes of an authenticator app (TOTP, RFC 6238): SHA-1, six digits, thirty seconds, as all apps support.

Codes of the previous and next step are accepted too, for inaccurate clocks. No code is accepted twice, nor an older one
after it: one atomic update moves `last_step` forward.
"""

import hmac
import re
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import pyotp
from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.ground.clock import Clock
from gateway.ground.sealing import Sealer
from gateway.storage.engine import Database
from gateway.storage.row_locks import changes_one
from gateway.storage.tables.factors import TotpFactorRow

STEP_SECONDS: Final = 30
PENDING_FOR: Final = timedelta(minutes=30)

_USE = "totp"
_ISSUER = "Gerbang Banjarmasin"
_CODE = re.compile(r"[0-9]{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class PendingTotp:
    """An authenticator app during its setup: its secret in base32, until a code confirms it."""

    id: str
    secret: str = field(repr=False)

    def address(self, name: str) -> str:
        """Return the `otpauth:` address for the QR code; the app shows `name` for the account."""
        return pyotp.TOTP(self.secret).provisioning_uri(name=name, issuer_name=_ISSUER)


class TotpFactors:
    """The authenticator apps of accounts: one each."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock

    async def begin(self, account_id: str) -> PendingTotp:
        """Generate a secret for the setup of an app; an unconfirmed earlier one is deleted."""
        pending = PendingTotp(str(uuid.uuid4()), new_totp_secret())
        async with self._database.session() as session:
            await session.execute(
                delete(TotpFactorRow).where(
                    TotpFactorRow.account_id == account_id, TotpFactorRow.confirmed_at.is_(None)
                )
            )
            session.add(_row(self._sealer, account_id, pending, self._clock()))
        return pending

    async def pending(self, account_id: str) -> PendingTotp | None:
        """Return the app that is being set up, if its setup has not expired."""
        async with self._database.session() as session:
            row = await session.scalar(
                select(TotpFactorRow)
                .where(
                    TotpFactorRow.account_id == account_id,
                    TotpFactorRow.confirmed_at.is_(None),
                    TotpFactorRow.created_at > self._clock() - PENDING_FOR,
                )
                .order_by(TotpFactorRow.created_at.desc(), TotpFactorRow.id)
                .limit(1)
            )
        return PendingTotp(row.id, self._secret(row)) if row else None

    async def confirm(self, account_id: str, code: str) -> bool:
        """Confirm the app that is being set up by a code from it; the earlier app is removed."""
        pending = await self.pending(account_id)
        step = self._matching(pending.secret, code) if pending else None
        if pending is None or step is None:
            return False
        at = self._clock()
        async with self._database.session() as session:
            confirmed = update(TotpFactorRow).where(
                TotpFactorRow.id == pending.id, TotpFactorRow.confirmed_at.is_(None)
            )
            # First, so that of a form submitted twice the second one does not remove what the first has confirmed.
            if not await changes_one(session, confirmed.values(confirmed_at=at, last_step=step)):
                return False
            before = update(TotpFactorRow).where(_is_active(account_id), TotpFactorRow.id != pending.id)
            await session.execute(before.values(removed_at=at))
        return True

    async def check(self, account_id: str, code: str) -> bool:
        """Consume a code; whether it is right and unused."""
        async with self._database.session() as session:
            row = await session.scalar(select(TotpFactorRow).where(_is_active(account_id)))
            step = self._matching(self._secret(row), code) if row else None
            if row is None or step is None:
                return False
            unused = (
                update(TotpFactorRow)
                .where(_is_active(account_id))
                .where(TotpFactorRow.id == row.id, TotpFactorRow.last_step < step)
            )
            return await changes_one(session, unused.values(last_step=step))

    async def remove(self, session: AsyncSession, account_id: str) -> bool:
        """Remove the app; False if there is none."""
        return await changes_one(
            session, update(TotpFactorRow).where(_is_active(account_id)).values(removed_at=self._clock())
        )

    def _secret(self, row: TotpFactorRow) -> str:
        return self._sealer.unseal(_USE, row.secret_sealed, bound_to=row.id).decode()

    def _matching(self, secret: str, code: str) -> int | None:
        """Return the time step of this code, the latest first; None if it is wrong."""
        typed = "".join(code.split())
        if not _CODE.fullmatch(typed):
            return None
        now, app = int(self._clock().timestamp()) // STEP_SECONDS, pyotp.TOTP(secret)
        fits = [step for step in (now + 1, now, now - 1) if hmac.compare_digest(app.generate_otp(step), typed)]
        return fits[0] if fits else None


def new_totp_secret() -> str:
    """Generate a secret of 160 random bits, in base32."""
    return pyotp.random_base32()


def totp_code(secret: str, at: datetime) -> str:
    """Return the code that an app with this secret shows at this moment."""
    return pyotp.TOTP(secret).at(at)


async def has_totp(session: AsyncSession, account_id: str) -> bool:
    """Whether the account has a confirmed app."""
    return await session.scalar(select(TotpFactorRow.id).where(_is_active(account_id))) is not None


async def store_totp(session: AsyncSession, sealer: Sealer, account_id: str, secret: str, at: datetime) -> None:
    """Store a confirmed app with this secret, in place of any other."""
    await session.execute(delete(TotpFactorRow).where(TotpFactorRow.account_id == account_id))
    row = _row(sealer, account_id, PendingTotp(str(uuid.uuid4()), secret), at)
    row.confirmed_at = at
    session.add(row)


def _row(sealer: Sealer, account_id: str, pending: PendingTotp, at: datetime) -> TotpFactorRow:
    return TotpFactorRow(
        id=pending.id,
        account_id=account_id,
        secret_sealed=sealer.seal(_USE, pending.secret.encode(), bound_to=pending.id),
        last_step=0,
        created_at=at,
    )


def _is_active(account_id: str) -> ColumnElement[bool]:
    return and_(
        TotpFactorRow.account_id == account_id,
        TotpFactorRow.confirmed_at.is_not(None),
        TotpFactorRow.removed_at.is_(None),
    )
