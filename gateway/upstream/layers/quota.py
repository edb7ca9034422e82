"""What a system bears in a minute and in a day, counted by all gateway processes together."""

import asyncio
from datetime import datetime, timedelta
from typing import Final

from adapters.contract import Limits
from adapters.errors import Cause, UpstreamUnavailableError
from adapters.transports import AskedOfficeSettings
from adapters.upstream import HttpAnswer, HttpRequest
from gateway.ground.clock import WITA, Clock
from gateway.shared.contract import Meters, Rate
from gateway.upstream.place import OfficeRef
from gateway.upstream.request import Layer, RequestStage, Send, UpstreamRequest

_PATIENT: Final = 0.75
"""The part of the time that is left which may go by in waiting for a turn; the rest is for the answer."""


def midnight_after(now: datetime) -> datetime:
    """The next 00:00 in the city's zone: when the daily quotas of the agencies' systems start anew."""
    local = now.astimezone(WITA)
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


class QuotaMeter:
    """The calls of one office, in the minute and in the day: what it has granted, else what the adapter says."""

    def __init__(
        self, place: OfficeRef, settings: AskedOfficeSettings, limits: Limits, *, meters: Meters, clock: Clock
    ) -> None:
        self._key = place.key
        per_minute = settings.per_minute or limits.per_minute
        self._rate = Rate.per_minute(per_minute) if per_minute is not None else None
        self._per_day = settings.per_day or limits.per_day
        self._meters = meters
        self._clock = clock

    @property
    def limited(self) -> bool:
        """Whether there is anything to count."""
        return self._rate is not None or self._per_day is not None

    async def take(self, trip: UpstreamRequest) -> None:
        """Take one call of each, waiting for the minute's. Raises `UpstreamUnavailableError` when one is spent."""
        if self._rate is not None:
            await self._take_of_the_minute(trip, self._rate)
        if self._per_day is not None:
            await self._take_of_the_day(self._per_day)

    async def _take_of_the_minute(self, trip: UpstreamRequest, rate: Rate) -> None:
        # Whoever is sent with no time left for an answer spends a call for nothing, and looks like a system that hangs.
        patience = timedelta(seconds=max(0.0, trip.deadline.remaining()) * _PATIENT)
        turn = await self._meters.take(f"minute/{self._key}", rate, patience=patience)
        if not turn.granted:
            retry_at = self._clock() + turn.wait
            raise UpstreamUnavailableError(
                "the calls of this minute are spent", retry_at=retry_at, cause=Cause.CONCURRENCY_LIMIT
            )
        if turn.wait:
            trip.stage = RequestStage.TURN
            await asyncio.sleep(turn.wait.total_seconds())

    async def _take_of_the_day(self, limit: int) -> None:
        now = self._clock()
        until, day = midnight_after(now), now.astimezone(WITA).date()
        if not await self._meters.count(f"day/{self._key}/{day}", limit=limit, until=until):
            raise UpstreamUnavailableError("the calls of this day are spent", retry_at=until, cause=Cause.QUOTA_SPENT)


def metered(meter: QuotaMeter) -> Layer:
    """Sends each request only when its office's minute and day allow it."""

    def layer(onward: Send) -> Send:
        if not meter.limited:
            return onward

        async def send(request: HttpRequest, trip: UpstreamRequest) -> HttpAnswer:
            await meter.take(trip)
            return await onward(request, trip)

        return send

    return layer
