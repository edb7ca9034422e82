"""Call quotas of a system per minute and per day, counted across all gateway processes."""

import asyncio
from datetime import datetime, timedelta
from typing import Final

from adapters.contract import Limits
from adapters.errors import Cause, UpstreamUnavailableError
from adapters.transports import RateLimitedOfficeSettings
from adapters.upstream import HttpAnswer, HttpRequest
from gateway.ground.clock import WITA, Clock
from gateway.shared.contract import Meters, Rate
from gateway.upstream.office_ref import OfficeRef
from gateway.upstream.request import Layer, RequestStage, Send, UpstreamRequest

_WAIT_SHARE: Final = 0.75
"""The part of the remaining time that a request may spend waiting for its turn; the rest is for the answer."""


def midnight_after(now: datetime) -> datetime:
    """The next 00:00 in the city's time zone, when the daily quotas of the agencies' systems reset."""
    local = now.astimezone(WITA)
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


class QuotaMeter:
    """Counts the calls of one office per minute and per day: its granted limits, else the adapter's defaults."""

    def __init__(
        self, place: OfficeRef, settings: RateLimitedOfficeSettings, limits: Limits, *, meters: Meters, clock: Clock
    ) -> None:
        self._key = place.key
        per_minute = settings.per_minute or limits.per_minute
        self._rate = Rate.per_minute(per_minute) if per_minute is not None else None
        self._per_day = settings.per_day or limits.per_day
        self._meters = meters
        self._clock = clock

    @property
    def limited(self) -> bool:
        """Whether any limit is set."""
        return self._rate is not None or self._per_day is not None

    async def today(self) -> tuple[int, int] | None:
        """The calls counted today, and the most calls a day; None without a limit for a day."""
        if self._per_day is None:
            return None
        return await self._meters.counted(self._day_key(self._clock())), self._per_day

    async def take(self, call_state: UpstreamRequest) -> None:
        """Take one call of each quota; may wait. Raises `UpstreamUnavailableError` for a spent quota."""
        if self._rate is not None:
            await self._take_per_minute(call_state, self._rate)
        if self._per_day is not None:
            await self._take_per_day(self._per_day)

    async def _take_per_minute(self, call_state: UpstreamRequest, rate: Rate) -> None:
        # A request sent with no time left for the answer wastes a call, and its timeout looks like a hanging system.
        patience = timedelta(seconds=max(0.0, call_state.deadline.remaining()) * _WAIT_SHARE)
        turn = await self._meters.take(f"minute/{self._key}", rate, patience=patience)
        if not turn.granted:
            retry_at = self._clock() + turn.wait
            raise UpstreamUnavailableError(
                "the quota of calls a minute is used up", retry_at=retry_at, cause=Cause.CONCURRENCY_LIMIT
            )
        if turn.wait:
            call_state.stage = RequestStage.TURN
            await asyncio.sleep(turn.wait.total_seconds())

    async def _take_per_day(self, limit: int) -> None:
        now = self._clock()
        until = midnight_after(now)
        if not await self._meters.count(self._day_key(now), limit=limit, until=until):
            raise UpstreamUnavailableError(
                "the quota of calls a day is used up", retry_at=until, cause=Cause.QUOTA_SPENT
            )

    def _day_key(self, now: datetime) -> str:
        return f"day/{self._key}/{now.astimezone(WITA).date()}"


def with_quota(meter: QuotaMeter) -> Layer:
    """Sends each request only when the office's quotas per minute and per day allow it."""

    def layer(call_next: Send) -> Send:
        if not meter.limited:
            return call_next

        async def send(request: HttpRequest, call_state: UpstreamRequest) -> HttpAnswer:
            await meter.take(call_state)
            return await call_next(request, call_state)

        return send

    return layer
