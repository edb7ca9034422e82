"""The rate limit of the service."""

from datetime import datetime
from typing import Final

USUAL: Final = 120_000
"""The agency allows 120 a minute; the simulator allows a thousand times as many, so that tests need not wait."""


class RateLimit:
    """Counts requests by the minute. `per_minute` is None for the default."""

    def __init__(self) -> None:
        self.per_minute: int | None = None
        self._minute = ""
        self._count = 0

    def excess(self, now: datetime) -> int:
        """Count a request; return by how many the limit of the minute is exceeded, or 0."""
        minute = f"{now:%Y%m%d%H%M}"
        self._count = self._count + 1 if minute == self._minute else 1
        self._minute = minute
        allowed = USUAL if self.per_minute is None else self.per_minute
        return max(0, self._count - allowed)
