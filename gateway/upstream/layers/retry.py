"""Sends a safe request once more when the way to the system failed, within a budget of a tenth of the traffic."""

import asyncio
import random
from typing import Final

from adapters.errors import Cause, UpstreamUnavailableError
from adapters.upstream import HttpAnswer, HttpRequest
from gateway.upstream.request import Layer, RequestStage, Send, UpstreamRequest

_PASSING: Final = frozenset({502, 503, 504})
_EARNED: Final = 0.1
_MOST: Final = 10.0
_SOONEST: Final = 0.03
_LATEST: Final = 0.15
_WORTHWHILE: Final = 0.25


class RetryBudget:
    """Each request earns a tenth of a retry: of n requests, at most a tenth (rounded up) are ever sent again."""

    def __init__(self) -> None:
        self._tenths = 1.0 - _EARNED

    def earn(self) -> None:
        """A request came by."""
        self._tenths = min(self._tenths + _EARNED, _MOST)

    def spend(self) -> bool:
        """Take one retry, if there is one."""
        # Ten tenths are one, whatever floating point makes of it.
        if self._tenths < 1.0 - 1e-9:
            return False
        self._tenths -= 1.0
        return True


def retried(budget: RetryBudget) -> Layer:
    """One retry with jitter: only of safe requests, only while the deadline leaves time for an answer."""

    def layer(onward: Send) -> Send:
        def again(request: HttpRequest, trip: UpstreamRequest) -> bool:
            return request.safe and trip.deadline.remaining() > _WORTHWHILE and budget.spend()

        async def send(request: HttpRequest, trip: UpstreamRequest) -> HttpAnswer:
            budget.earn()
            first: UpstreamUnavailableError | HttpAnswer
            try:
                answer = await onward(request, trip)
                if not _passing(answer) or not again(request, trip):
                    return answer
                first = answer
            except UpstreamUnavailableError as error:
                if error.cause is not Cause.UNAVAILABLE or error.retry_at is not None or not again(request, trip):
                    raise
                first = error
            trip.stage = RequestStage.PAUSE
            await asyncio.sleep(random.uniform(_SOONEST, _LATEST))  # noqa: S311  # jitter keeps no secret
            return await _second(onward, request, trip, first)

        return send

    return layer


def _passing(answer: HttpAnswer) -> bool:
    """Whether it may be gone in a moment; a system that says when to come back means what it says."""
    return answer.status in _PASSING and "retry-after" not in answer.headers


async def _second(
    onward: Send, request: HttpRequest, trip: UpstreamRequest, first: UpstreamUnavailableError | HttpAnswer
) -> HttpAnswer:
    try:
        return await onward(request, trip)
    except UpstreamUnavailableError as error:
        if error.cause is Cause.UNAVAILABLE:
            raise
    # The circuit opened meanwhile: what the first attempt met says more.
    if isinstance(first, HttpAnswer):
        return first
    raise first
