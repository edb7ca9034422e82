"""The transport stack, listed once, outermost first."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from adapters.contract import Session
from gateway.ground.clock import Clock
from gateway.upstream.http.egress import Origin, on_the_list
from gateway.upstream.http.json_depth import shallow
from gateway.upstream.layers.circuit import Breaker, guarded
from gateway.upstream.layers.concurrency import Seats, seated
from gateway.upstream.layers.deadline import in_time
from gateway.upstream.layers.legacy_sessions import SessionKeeper, with_session
from gateway.upstream.layers.not_sent import surely
from gateway.upstream.layers.observation import Observer, timed
from gateway.upstream.layers.quota import Meter, metered
from gateway.upstream.layers.retry import RetryBudget, retried
from gateway.upstream.layers.retry_after import heeded
from gateway.upstream.layers.status import Health
from gateway.upstream.place import Place
from gateway.upstream.request import Layer, Send, pile
from gateway.upstream.settings import UpstreamSettings


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
