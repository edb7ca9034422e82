"""The transport stack, listed once, outermost first."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from adapters.contract import Session
from gateway.clock import Clock
from gateway.upstream.breaker import Breaker, guarded
from gateway.upstream.depth import shallow
from gateway.upstream.egress import Origin, on_the_list
from gateway.upstream.lateness import in_time
from gateway.upstream.metering import Meter, metered
from gateway.upstream.place import Place
from gateway.upstream.refusal import heeded
from gateway.upstream.retry import RetryBudget, retried
from gateway.upstream.seats import Seats, seated
from gateway.upstream.sessions import SessionKeeper, with_session
from gateway.upstream.settings import UpstreamSettings
from gateway.upstream.status import Health
from gateway.upstream.timing import Observer, timed
from gateway.upstream.trip import Layer, Send, pile
from gateway.upstream.unsent import surely


@dataclass(frozen=True, slots=True)
class Parts:
    """What the layers of one office share."""

    place: Place
    settings: UpstreamSettings
    clock: Clock
    origin: Origin
    health: Health
    observer: Observer
    breaker: Breaker
    seats: Seats
    meter: Meter
    budget: RetryBudget
    keeper_of: Callable[[Session[Any]], SessionKeeper]


def full_stack(parts: Parts, engine: Send) -> Send:
    """The way of every request of an adapter."""
    return pile(
        (
            timed(parts.place, parts.health, parts.observer),
            surely,
            in_time,
            on_the_list(parts.origin),
            retried(parts.budget),
            guarded(parts.breaker),
            seated(parts.seats, parts.breaker.recheck),
            with_session(parts.keeper_of),
            *_innermost(parts),
        ),
        engine,
    )


def login_stack(parts: Parts, engine: Send) -> Send:
    """The way of a login's requests: they travel on the seat, and through the circuit, of the request that needs it."""
    return pile(
        (
            timed(parts.place, parts.health, parts.observer),
            in_time,
            on_the_list(parts.origin),
            *_innermost(parts),
        ),
        engine,
    )


def _innermost(parts: Parts) -> tuple[Layer, ...]:
    return (
        metered(parts.meter),
        heeded(parts.clock, parts.settings.longest_hold),
        shallow(parts.settings.max_depth),
    )
