"""The layer that keeps the deadline, whatever is going on when it passes."""

import asyncio

from adapters.errors import AdapterError, Cause, UpstreamTimeoutError, UpstreamUnavailableError
from adapters.upstream import HttpAnswer, HttpRequest
from gateway.upstream.request import RequestStage, Send, UpstreamRequest


def with_deadline(onward: Send) -> Send:
    """Ends it all when the deadline passes: a wait for a slot or a login, a hanging answer, a dripping body."""

    async def send(request: HttpRequest, trip: UpstreamRequest) -> HttpAnswer:
        remaining = trip.deadline.remaining()
        if remaining > 0:
            limit = asyncio.timeout(remaining)
            try:
                async with limit:
                    return await onward(request, trip)
            except TimeoutError:
                if not limit.expired():
                    raise
        raise timeout_error(trip.stage)

    return send


def timeout_error(stage: RequestStage) -> AdapterError:
    """The error for a deadline that passed at this stage."""
    if stage is RequestStage.SLOT:
        return UpstreamUnavailableError("every slot stayed taken until the deadline", cause=Cause.CONCURRENCY_LIMIT)
    return UpstreamTimeoutError(f"the deadline passed while {stage}")
