"""The layer that enforces the deadline."""

import asyncio

from adapters.errors import AdapterError, Cause, UpstreamTimeoutError, UpstreamUnavailableError
from adapters.upstream import HttpAnswer, HttpRequest
from gateway.upstream.request import RequestStage, Send, UpstreamRequest


def with_deadline(call_next: Send) -> Send:
    """Cancels the request when the deadline passes: a wait for a slot or a login, a hanging answer, a slow body."""

    async def send(request: HttpRequest, call_state: UpstreamRequest) -> HttpAnswer:
        remaining = call_state.deadline.remaining()
        if remaining > 0:
            limit = asyncio.timeout(remaining)
            try:
                async with limit:
                    return await call_next(request, call_state)
            except TimeoutError:
                if not limit.expired():
                    raise
        raise timeout_error(call_state.stage)

    return send


def timeout_error(stage: RequestStage) -> AdapterError:
    """The error for a deadline that passed at this stage."""
    if stage is RequestStage.SLOT:
        return UpstreamUnavailableError("every slot stayed taken until the deadline", cause=Cause.CONCURRENCY_LIMIT)
    return UpstreamTimeoutError(f"the deadline passed while {stage}")
