"""Password hashing with argon2id, off the event loop."""

import secrets
import unicodedata

from anyio import CapacityLimiter, to_thread
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

TYPED_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that are not mistaken for each other."""


class Passwords:
    """Makes and checks password hashes, at most two at a time: each needs tens of megabytes."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._limiter = CapacityLimiter(2)
        self._dummy: str | None = None

    async def hash(self, password: str) -> str:
        """Return the argon2id hash of a password."""
        return await to_thread.run_sync(self._hasher.hash, normalise_password(password), limiter=self._limiter)

    async def check(self, stored: str | None, password: str) -> bool:
        """Whether the password is right. Without an account (`stored` is None) it takes as long, and is never right."""
        if self._dummy is None:
            self._dummy = await self.hash(secrets.token_urlsafe())
        matches = await to_thread.run_sync(
            self._verify, stored or self._dummy, normalise_password(password), limiter=self._limiter
        )
        return matches and bool(stored)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (Argon2Error, InvalidHashError):
            return False


def new_password() -> str:
    """Generate a random password of 80 bits that a person can type."""
    return "-".join("".join(secrets.choice(TYPED_ALPHABET) for _ in range(4)) for _ in range(4))


def normalise_password(password: str) -> str:
    """Normalise a password: keyboards send `é` as one or two characters (NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)
