"""The gateway's clock: aware times in the city's zone (WITA, UTC+08:00, no summer time), injected everywhere."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

WITA = timezone(timedelta(hours=8), "WITA")

Clock = Callable[[], datetime]


def now() -> datetime:
    """The current time in the city's zone."""
    return datetime.now(WITA)
