"""The one place where it is said that a write surely did not leave."""

from adapters.errors import AdapterError, NotSentError
from adapters.upstream import HttpAnswer, HttpRequest
from gateway.upstream.request import Send, UpstreamRequest


def mark_unsent(onward: Send) -> Send:
    """Turns the failure of an unsafe request into `NotSentError` when not a byte of it can have reached the system.

    No connection, no free slot, an open circuit, a spent quota, a failed login: the error keeps that cause and its
    `retry_at`. Once a connection was there the outcome is unknown, and the failure stays what it is.
    """

    async def send(request: HttpRequest, trip: UpstreamRequest) -> HttpAnswer:
        try:
            return await onward(request, trip)
        except AdapterError as error:
            if request.safe or trip.left:
                raise
            failure = unsent(error)
        raise failure

    return send


def unsent(error: AdapterError) -> NotSentError:
    """What is raised in place of `error`, where not a byte of a write can have reached the system."""
    failure = NotSentError(error.reason, retry_at=error.retry_at)
    failure.cause = error.cause
    return failure
