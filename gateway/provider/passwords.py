"""Passwords: argon2id off the event loop, and a limit on guessing that tells nobody which accounts exist."""

import ipaddress
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable

from anyio import CapacityLimiter, to_thread
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError


class Passwords:
    """Makes and checks password hashes, at most two at a time: each takes tens of megabytes."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._limiter = CapacityLimiter(2)
        self._dummy: str | None = None

    async def hash(self, password: str) -> str:
        """The argon2id hash to keep."""
        return await to_thread.run_sync(self._hasher.hash, password, limiter=self._limiter)

    async def check(self, kept: str | None, password: str) -> bool:
        """Whether the password fits. Without an account (`kept` is None) it takes as long, and never fits."""
        if self._dummy is None:
            self._dummy = await self.hash(secrets.token_urlsafe())
        fits = await to_thread.run_sync(self._verify, kept or self._dummy, password, limiter=self._limiter)
        return fits and kept is not None

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (Argon2Error, InvalidHashError):
            return False


class GuessLimit:
    """Counts attempts to sign in: for one account from one address, for one account, and for one address.

    An attempt counts before its password is looked at, so that guesses in parallel count too; a success takes it back
    and forgives the pair. Accounts that do not exist count like others. The counts live in this process.
    """

    WINDOW_SECONDS = 900.0
    PER_PAIR, PER_ACCOUNT, PER_ADDRESS = 5, 30, 60
    MAX_COUNTED = 20_000

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._counts: OrderedDict[tuple[str, ...], tuple[int, float]] = OrderedDict()

    def attempt(self, username: str, address: str) -> float | None:
        """None when the attempt may go on; else the seconds to wait."""
        now = self._monotonic()
        waits = []
        for key, limit in self._keys(username, address):
            count, ends = self._counts.get(key, (0, 0.0))
            if ends > now and count >= limit:
                waits.append(ends - now)
        if waits:
            return max(waits)
        for key, _ in self._keys(username, address):
            self._add(key, 1, now)
        return None

    def succeeded(self, username: str, address: str) -> None:
        """The last attempt was right."""
        pair, *others = self._keys(username, address)
        self._counts.pop(pair[0], None)
        for key, _ in others:
            self._add(key, -1, self._monotonic())

    def _add(self, key: tuple[str, ...], step: int, now: float) -> None:
        count, ends = self._counts.pop(key, (0, 0.0))
        if ends <= now:
            count, ends = 0, now + self.WINDOW_SECONDS
        self._counts[key] = (max(0, count + step), ends)
        if len(self._counts) > self.MAX_COUNTED:
            self._counts.popitem(last=False)

    def _keys(self, username: str, address: str) -> tuple[tuple[tuple[str, ...], int], ...]:
        network = _network(address)
        return (
            (("pair", username, network), self.PER_PAIR),
            (("account", username), self.PER_ACCOUNT),
            (("address", network), self.PER_ADDRESS),
        )


def _network(address: str) -> str:
    """IPv4 addresses one by one, IPv6 by the /64 that a household gets."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((ip, 64), strict=False)) if ip.version == 6 else str(ip)
