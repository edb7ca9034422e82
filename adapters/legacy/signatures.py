"""Who really sent a push: shared secrets and keyed digests, compared so that the time it takes tells nothing."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta


def same(given: str | None, expected: str) -> bool:
    """Whether a text that somebody sent is the expected one. Nothing is never the same as anything, nor is ""."""
    if not given or not expected:
        return False
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())


def hmac_sha256(secret: str, *parts: bytes) -> str:
    """HMAC-SHA256 over the parts with a line break between each, in hexadecimal digits."""
    return hmac.new(secret.encode(), b"\n".join(parts), hashlib.sha256).hexdigest()


def recent(written: str | None, now: datetime, window: timedelta) -> bool:
    """Whether seconds since 1970, as text, lie within `window` of `now`, before or after it."""
    if written is None or not (written.isascii() and written.isdecimal() and len(written) <= 12):
        return False
    try:
        return abs(now - datetime.fromtimestamp(int(written), UTC)) <= window
    except (OverflowError, ValueError, OSError):
        return False
