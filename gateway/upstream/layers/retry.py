"""Retries a safe request once when the system is unavailable (502, 503, 504), within a tenth of the traffic."""

import asyncio
import random
from typing import Final

from adapters.errors import Cause, UpstreamUnavailableError
from adapters.upstream import HttpAnswer, HttpRequest
from gateway.upstream.request import Layer, RequestStage, Send, UpstreamRequest

_TEMPORARY_STATUSES: Final = frozenset({502, 503, 504})
_EARNED_PER_REQUEST: Final = 0.1
_MAX_BUDGET: Final = 10.0
_MIN_PAUSE: Final = 0.03
_MAX_PAUSE: Final = 0.15
_MIN_REMAINING: Final = 0.25


class RetryBudget:
    """Each request earns a tenth of a retry: of n requests, at most a tenth (rounded up) are sent again."""

    def __init__(self) -> None:
        self._tenths = 1.0 - _EARNED_PER_REQUEST

    def earn(self) -> None:
        """Count a request."""
        self._tenths = min(self._tenths + _EARNED_PER_REQUEST, _MAX_BUDGET)

    def spend(self) -> bool:
        """Take one retry, if the budget allows it."""
        # Ten tenths count as one despite floating-point error.
        if self._tenths < 1.0 - 1e-9:
            return False
        self._tenths -= 1.0
        return True


def with_retry(budget: RetryBudget) -> Layer:
    """One retry with jitter: only of safe requests, only while the deadline leaves time for an answer."""

    def layer(call_next: Send) -> Send:
        def may_retry(request: HttpRequest, call_state: UpstreamRequest) -> bool:
            return request.safe and call_state.deadline.remaining() > _MIN_REMAINING and budget.spend()

        async def send(request: HttpRequest, call_state: UpstreamRequest) -> HttpAnswer:
            budget.earn()
            first: UpstreamUnavailableError | HttpAnswer
            try:
                answer = await call_next(request, call_state)
                if not _is_temporary(answer) or not may_retry(request, call_state):
                    return answer
                first = answer
            except UpstreamUnavailableError as error:
                if (
                    error.cause is not Cause.UNAVAILABLE
                    or error.retry_at is not None
                    or not may_retry(request, call_state)
                ):
                    raise
                first = error
            call_state.stage = RequestStage.PAUSE
            await asyncio.sleep(random.uniform(_MIN_PAUSE, _MAX_PAUSE))  # noqa: S311  # jitter needs no cryptographic randomness
            return await _retry(call_next, request, call_state, first)

        return send

    return layer


def _is_temporary(answer: HttpAnswer) -> bool:
    """Whether the failure may be temporary. An answer with `Retry-After` is not retried before that time."""
    return answer.status in _TEMPORARY_STATUSES and "retry-after" not in answer.headers


async def _retry(
    call_next: Send, request: HttpRequest, call_state: UpstreamRequest, first: UpstreamUnavailableError | HttpAnswer
) -> HttpAnswer:
    try:
        return await call_next(request, call_state)
    except UpstreamUnavailableError as error:
        if error.cause is Cause.UNAVAILABLE:
            raise
    # The circuit opened meanwhile: the result of the first attempt is more specific.
    if isinstance(first, HttpAnswer):
        return first
    raise first
