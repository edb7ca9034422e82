"""The city's clock: real time plus a settable offset, or a frozen time. Always aware, in WITA (+08:00)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Final

WITA: Final = timezone(timedelta(hours=8), "WITA")


def _system_time() -> datetime:
    return datetime.now(WITA)


class Clock:
    """The clock of one simulator.

    `frozen_at` (aware) stops the clock, so that seeded data is reproducible in tests. The offset is added in either
    case, and can be changed at run time to simulate a wrong clock.
    """

    def __init__(self, *, frozen_at: datetime | None = None, offset: timedelta = timedelta(0)) -> None:
        if frozen_at is not None and frozen_at.tzinfo is None:
            raise ValueError("a frozen clock needs a time with its zone")
        self._time: Callable[[], datetime] = _system_time if frozen_at is None else lambda: frozen_at
        self.offset = offset

    def now(self) -> datetime:
        """Return the present time in WITA."""
        return self._time().astimezone(WITA) + self.offset

    def today(self) -> date:
        """Return the present day in WITA."""
        return self.now().date()
