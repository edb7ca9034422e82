"""The state of one upstream request, which the layers share, and the type of a layer."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from yarl import URL

from adapters.contract import Session
from adapters.upstream import HttpAnswer, HttpRequest
from gateway.ground.deadline import Deadline


class RequestStage(StrEnum):
    """The stage that a request waits in; part of the message when its deadline passes."""

    START = "setting out"
    SLOT = "waiting for a slot"
    TURN = "waiting for a turn within the calls per minute"
    LOGIN = "waiting for a login"
    PAUSE = "pausing before a retry"
    ANSWER = "waiting for the answer"


def _never(_answer: HttpAnswer) -> bool:
    return False


@dataclass(slots=True)
class UpstreamRequest:
    """The state of one request in the layer stack.

    `maybe_sent`: a byte of it may have reached the system; set before the first byte can be sent. `attempts`: how often
    it was sent. `address`: the target, once the egress layer has checked it. `openings`: how often the circuit had
    opened when it was admitted. `clear`: returns True for a 5xx that is a clear answer of the system nevertheless, such
    as a SOAP fault.
    """

    deadline: Deadline
    max_bytes: int
    session: Session[Any] | None = None
    stage: RequestStage = RequestStage.START
    maybe_sent: bool = False
    attempts: int = 0
    openings: int = 0
    address: URL | None = field(default=None, repr=False)
    clear: Callable[[HttpAnswer], bool] = _never

    def failing(self, answer: HttpAnswer) -> bool:
        """Whether the answer reports a failure of the system itself."""
        return answer.status >= 500 and not self.clear(answer)


Send = Callable[[HttpRequest, UpstreamRequest], Awaitable[HttpAnswer]]
Layer = Callable[[Send], Send]


def compose_layers(layers: Sequence[Layer], engine: Send) -> Send:
    """Compose the layers, outermost first, around the engine."""
    send = engine
    for layer in reversed(layers):
        send = layer(send)
    return send
