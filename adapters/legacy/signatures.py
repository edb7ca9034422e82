"""Authentication of pushes by shared secrets and keyed digests, compared in constant time."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta


def equal_in_constant_time(given: str | None, expected: str) -> bool:
    """Compare a received text with the expected one in constant time. None and "" equal nothing."""
    if not given or not expected:
        return False
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())


def hmac_sha256(secret: str, *parts: bytes) -> str:
    """Return the HMAC-SHA256 of the parts, joined by line breaks, in hexadecimal digits."""
    return hmac.new(secret.encode(), b"\n".join(parts), hashlib.sha256).hexdigest()


def is_recent(written: str | None, now: datetime, window: timedelta) -> bool:
    """Return whether a time (seconds since 1970, as text) is within `window` before or after `now`."""
    if written is None or not (written.isascii() and written.isdecimal() and len(written) <= 12):
        return False
    try:
        return abs(now - datetime.fromtimestamp(int(written), UTC)) <= window
    except (OverflowError, ValueError, OSError):
        return False
