"""The transport stack, listed once, outermost first."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from adapters.contract import Session
from gateway.ground.clock import Clock
from gateway.upstream.http.egress import Origin, on_the_list
from gateway.upstream.http.json_depth import shallow
from gateway.upstream.layers.circuit import CircuitBreaker, guarded
from gateway.upstream.layers.concurrency import ConcurrencySlots, with_slot
from gateway.upstream.layers.deadline import with_deadline
from gateway.upstream.layers.legacy_sessions import SessionKeeper, with_session
from gateway.upstream.layers.not_sent import mark_unsent
from gateway.upstream.layers.observation import Observer, observed
from gateway.upstream.layers.quota import QuotaMeter, metered
from gateway.upstream.layers.retry import RetryBudget, retried
from gateway.upstream.layers.retry_after import apply_retry_after
from gateway.upstream.layers.status import HealthRecorder
from gateway.upstream.place import OfficeRef
from gateway.upstream.request import Layer, Send, compose_layers
from gateway.upstream.settings import UpstreamSettings


@dataclass(frozen=True, slots=True)
class Layers:
    """What the layers of one office share."""

    place: OfficeRef
    settings: UpstreamSettings
    clock: Clock
    origin: Origin
    health: HealthRecorder
    observer: Observer
    breaker: CircuitBreaker
    slots: ConcurrencySlots
    meter: QuotaMeter
    budget: RetryBudget
    keeper_of: Callable[[Session[Any]], SessionKeeper]


def full_stack(parts: Layers, engine: Send) -> Send:
    """The way of every request of an adapter."""
    return compose_layers(
        (
            observed(parts.place, parts.health, parts.observer),
            mark_unsent,
            with_deadline,
            on_the_list(parts.origin),
            retried(parts.budget),
            guarded(parts.breaker),
            with_slot(parts.slots, parts.breaker.recheck),
            with_session(parts.keeper_of),
            *_innermost(parts),
        ),
        engine,
    )


def login_stack(parts: Layers, engine: Send) -> Send:
    """The way of a login's requests: they travel on the slot, and through the circuit, of the request that needs it."""
    return compose_layers(
        (
            observed(parts.place, parts.health, parts.observer),
            with_deadline,
            on_the_list(parts.origin),
            *_innermost(parts),
        ),
        engine,
    )


def _innermost(parts: Layers) -> tuple[Layer, ...]:
    return (
        metered(parts.meter),
        apply_retry_after(parts.clock, parts.settings.longest_hold),
        shallow(parts.settings.max_depth),
    )
