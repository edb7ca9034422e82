"""The only module that reports a write as certainly not sent."""

from adapters.errors import AdapterError, NotSentError
from adapters.upstream import HttpAnswer, HttpRequest
from gateway.upstream.request import Send, UpstreamRequest


def mark_unsent(call_next: Send) -> Send:
    """Turns the failure of an unsafe request into `NotSentError` when no byte of it can have reached the system.

    No connection, no free slot, an open circuit, a spent quota, a failed login: the error keeps that cause and its
    `retry_at`. Once a connection existed, the outcome is unknown, and the failure is raised unchanged.
    """

    async def send(request: HttpRequest, call_state: UpstreamRequest) -> HttpAnswer:
        try:
            return await call_next(request, call_state)
        except AdapterError as error:
            if request.safe or call_state.maybe_sent:
                raise
            failure = not_sent_error(error)
        raise failure

    return send


def not_sent_error(error: AdapterError) -> NotSentError:
    """The error to raise in place of `error`, where no byte of a write can have reached the system."""
    failure = NotSentError(error.reason, retry_at=error.retry_at)
    failure.cause = error.cause
    return failure
