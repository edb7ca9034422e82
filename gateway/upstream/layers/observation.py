"""The outermost layer: how long it took, what came of it, and one log line that says nothing of the question."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from adapters.errors import AdapterError, Cause
from adapters.upstream import HttpAnswer, HttpRequest
from gateway.upstream.layers.status import HealthRecorder
from gateway.upstream.place import OfficeRef
from gateway.upstream.request import Layer, Send, UpstreamRequest

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Observation:
    """One request to a system.

    `method`: an HTTP method; `list`, `read`, `set-aside` or `put` of files; `query` or `change` of a database.
    `outcome`: the status that it answered with, `done` where there is none, a cause, or `cancelled`. `received`: bytes
    of the decoded body or of the file; of a database none are counted.
    """

    place: OfficeRef
    method: str
    outcome: str
    seconds: float
    attempts: int
    received: int


Observer = Callable[[Observation], None]


def ignore_observation(observation: Observation) -> None:
    """Observes nothing."""


def observed(place: OfficeRef, health: HealthRecorder, observer: Observer) -> Layer:
    """Measures each request, tells the office's health and the observer, and writes one log line."""

    def layer(onward: Send) -> Send:
        async def send(request: HttpRequest, trip: UpstreamRequest) -> HttpAnswer:
            began, outcome, received = time.perf_counter(), "cancelled", 0
            try:
                answer = await onward(request, trip)
            except AdapterError as error:
                outcome = error.cause.value
                health.failed(error.cause)
                raise
            else:
                outcome, received = str(answer.status), len(answer.content)
                if trip.failing(answer):
                    health.failed(Cause.UNAVAILABLE)
                else:
                    health.answered(time.perf_counter() - began)
                return answer
            finally:
                seconds = time.perf_counter() - began
                log_observation(observer, Observation(place, request.method, outcome, seconds, trip.attempts, received))

        return send

    return layer


def log_observation(observer: Observer, seen: Observation) -> None:
    """Hand it to the observer, and write the log line."""
    observer(seen)
    if _log.isEnabledFor(logging.INFO):
        _log.info(
            "upstream request",
            extra={
                "system": seen.place.system,
                "office": seen.place.office,
                "method": seen.method,
                "outcome": seen.outcome,
                "seconds": round(seen.seconds, 6),
                "attempts": seen.attempts,
                "received": seen.received,
            },
        )
