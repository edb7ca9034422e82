"""Bounds on the body of a request: its size, and the time until it has arrived."""

import asyncio
from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from gateway.ground.deadline import Deadline

MAX_BODY_BYTES = 65_536
BODY_TIMEOUT = timedelta(seconds=10)


class BodyTooLargeError(HTTPException):
    """The request body exceeds its limit. An HTTPException, since FastAPI reports any other error as invalid JSON."""

    def __init__(self) -> None:
        super().__init__(413)


class BodyTooSlowError(HTTPException):
    """The request body did not arrive in time."""

    def __init__(self) -> None:
        super().__init__(400)


def limited_body(receive: Receive) -> Receive:
    """Wrap `receive` to raise when the body exceeds `MAX_BODY_BYTES` or takes longer than `BODY_TIMEOUT`."""
    received, complete = 0, False
    deadline = Deadline.after(BODY_TIMEOUT)

    async def limited_receive() -> Message:
        nonlocal received, complete
        if complete:
            return await receive()
        try:
            async with asyncio.timeout(max(deadline.remaining(), 0)):
                message = await receive()
        except TimeoutError:
            raise BodyTooSlowError from None
        if message["type"] == "http.request":
            received += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            if received > MAX_BODY_BYTES:
                raise BodyTooLargeError
        return message

    return limited_receive
