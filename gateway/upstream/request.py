"""One request on its way through the stack: what the layers know about it, and what a layer is."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from yarl import URL

from adapters.contract import Session
from adapters.upstream import HttpAnswer, HttpRequest
from gateway.ground.deadline import Deadline


class RequestStage(StrEnum):
    """What a trip is waiting for; said to operators when its deadline passes."""

    START = "setting out"
    SLOT = "waiting for a slot"
    TURN = "waiting for a turn within the calls a minute"
    LOGIN = "waiting for a login"
    PAUSE = "pausing before a retry"
    ANSWER = "waiting for the answer"


def _never(_answer: HttpAnswer) -> bool:
    return False


@dataclass(slots=True)
class UpstreamRequest:
    """The way of one request.

    `left`: a byte of it may have reached the system; set before the first one can leave. `attempts`: how often it was
    sent. `address`: where it goes, once the egress layer has agreed. `openings`: how often the circuit had opened when
    it was let through. `clear`: says of a 5xx that it is the system's clear answer all the same, as SOAP's faults are.
    """

    deadline: Deadline
    max_bytes: int
    session: Session[Any] | None = None
    stage: RequestStage = RequestStage.START
    left: bool = False
    attempts: int = 0
    openings: int = 0
    address: URL | None = field(default=None, repr=False)
    clear: Callable[[HttpAnswer], bool] = _never

    def failing(self, answer: HttpAnswer) -> bool:
        """Whether the answer says that something is wrong with the system itself."""
        return answer.status >= 500 and not self.clear(answer)


Send = Callable[[HttpRequest, UpstreamRequest], Awaitable[HttpAnswer]]
Layer = Callable[[Send], Send]


def compose_layers(layers: Sequence[Layer], engine: Send) -> Send:
    """The layers, outermost first, around the engine."""
    send = engine
    for layer in reversed(layers):
        send = layer(send)
    return send
