"""The outermost layer: measures duration and outcome; its log line, at level debug, has no content of the request."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from adapters.errors import AdapterError, Cause
from adapters.upstream import HttpAnswer, HttpRequest
from gateway.upstream.layers.health import HealthRecorder
from gateway.upstream.office_ref import OfficeRef
from gateway.upstream.request import Layer, Send, UpstreamRequest

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Observation:
    """One request to a system.

    `method`: an HTTP method; `list`, `read`, `set-aside` or `put` of files; `query` or `change` of a database.
    `outcome`: the HTTP status, `done` where there is none, a cause, or `cancelled`. `received`: bytes of the decoded
    body or of the file; 0 for databases, where bytes are not counted.
    """

    place: OfficeRef
    method: str
    outcome: str
    seconds: float
    attempts: int
    received: int


Observer = Callable[[Observation], None]


def ignore_observation(observation: Observation) -> None:
    """Do nothing."""


def with_observation(place: OfficeRef, health: HealthRecorder, observer: Observer) -> Layer:
    """Measures each request, informs the office's health and the observer, and writes a log line at level debug."""

    def layer(call_next: Send) -> Send:
        async def send(request: HttpRequest, call_state: UpstreamRequest) -> HttpAnswer:
            began, outcome, received = time.perf_counter(), "cancelled", 0
            try:
                answer = await call_next(request, call_state)
            except AdapterError as error:
                outcome = error.cause.value
                health.record_failure(error.cause)
                raise
            else:
                outcome, received = str(answer.status), len(answer.content)
                if call_state.failing(answer):
                    health.record_failure(Cause.UNAVAILABLE)
                else:
                    health.record_answer(time.perf_counter() - began)
                return answer
            finally:
                seconds = time.perf_counter() - began
                log_observation(
                    observer, Observation(place, request.method, outcome, seconds, call_state.attempts, received)
                )

        return send

    return layer


def log_observation(observer: Observer, observation: Observation) -> None:
    """Pass the observation to the observer, and write the log line at level debug."""
    observer(observation)
    if _log.isEnabledFor(logging.DEBUG):
        _log.debug(
            "upstream request",
            extra={
                "system": observation.place.system,
                "office": observation.place.office,
                "method": observation.method,
                "outcome": observation.outcome,
                "seconds": round(observation.seconds, 6),
                "attempts": observation.attempts,
                "received": observation.received,
            },
        )
