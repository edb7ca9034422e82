"""The city's clock: real time, moved by a settable offset, or standing still. Always aware, always WITA (+08:00)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Final

WITA: Final = timezone(timedelta(hours=8), "WITA")


def _system_time() -> datetime:
    return datetime.now(WITA)


class Clock:
    """What time it is for one simulator.

    `frozen_at` (aware) makes it stand still, which makes the seeds of a test the same for ever. The offset is added
    either way, and can be set while the simulator runs: that is how a wrong clock is simulated.
    """

    def __init__(self, *, frozen_at: datetime | None = None, offset: timedelta = timedelta(0)) -> None:
        if frozen_at is not None and frozen_at.tzinfo is None:
            raise ValueError("a frozen clock needs a time with its zone")
        self._time: Callable[[], datetime] = _system_time if frozen_at is None else lambda: frozen_at
        self.offset = offset

    def now(self) -> datetime:
        """The time now, in WITA."""
        return self._time().astimezone(WITA) + self.offset

    def today(self) -> date:
        """The day now, in WITA."""
        return self.now().date()
