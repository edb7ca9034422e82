"""The second factors of an account: which it has, and verification of their codes."""

from dataclasses import dataclass
from datetime import datetime

from gateway.ground.clock import Clock
from gateway.ground.sealing import Sealer
from gateway.identity.factors.passkeys import Passkeys
from gateway.identity.factors.recovery_codes import RecoveryCodes
from gateway.identity.factors.totp import TotpFactors, has_totp
from gateway.identity.guess_limits import GuessLimit, factor_counts
from gateway.identity.one_time_proofs import OneTimeProofs
from gateway.storage.engine import Database


@dataclass(frozen=True, slots=True)
class HeldPasskey:
    """A passkey as its owner sees it."""

    id: str
    label: str
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class HeldFactors:
    """The second factors of an account. Recovery codes do not count as one."""

    totp: bool = False
    passkeys: tuple[HeldPasskey, ...] = ()
    recovery_codes: int = 0

    @property
    def any(self) -> bool:
        """Whether the account has a second factor."""
        return self.totp or bool(self.passkeys)

    @property
    def count(self) -> int:
        """Number of second factors."""
        return int(self.totp) + len(self.passkeys)


@dataclass(frozen=True, slots=True)
class FactorVerdict:
    """Result of a check; `wait` is the seconds until the next attempt, if there were too many."""

    right: bool
    wait: float | None = None


class SecondFactors:
    """Authenticator apps, passkeys and recovery codes of one database."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock, issuer: str) -> None:
        self._database = database
        self.guesses = GuessLimit(database, sealer, clock)
        self.totp = TotpFactors(database, sealer, clock)
        self.passkeys = Passkeys(database, sealer, clock, OneTimeProofs(database, sealer, clock), issuer)
        self.recovery_codes = RecoveryCodes(database, sealer, clock)

    async def held(self, account_id: str) -> HeldFactors:
        """Return the second factors of the account."""
        async with self._database.session() as session:
            passkeys = tuple(
                HeldPasskey(row.id, row.label, row.created_at, row.used_at)
                for row in await self.passkeys.of(session, account_id)
            )
            totp = await has_totp(session, account_id)
            return HeldFactors(totp, passkeys, await self.recovery_codes.count_unused(session, account_id))

    async def check(self, account_id: str, code: str, *, recovery: bool) -> FactorVerdict:
        """Check a code of the app, or a recovery code."""
        counts = factor_counts(account_id)
        wait = await self.guesses.attempt(counts)
        if wait is not None:
            return FactorVerdict(right=False, wait=wait)
        check = self.recovery_codes.use if recovery else self.totp.check
        right = await check(account_id, code)
        if right:
            await self.guesses.record_success(counts)
        return FactorVerdict(right)

    async def remove_app(self, account_id: str) -> bool:
        """Remove the authenticator app; if no factor remains, the recovery codes too."""
        async with self._database.session() as session:
            removed = await self.totp.remove(session, account_id)
            if removed and not await self.passkeys.of(session, account_id):
                await self.recovery_codes.remove(session, account_id)
            return removed

    async def remove_passkey(self, account_id: str, passkey_id: str) -> bool:
        """Remove a passkey; if no factor remains, the recovery codes too."""
        async with self._database.session() as session:
            removed = await self.passkeys.remove(session, account_id, passkey_id)
            left = await self.passkeys.of(session, account_id) or await has_totp(session, account_id)
            if removed and not left:
                await self.recovery_codes.remove(session, account_id)
            return removed
