"""The transport stack, listed once, outermost first."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from adapters.contract import Session
from gateway.ground.clock import Clock
from gateway.upstream.http.egress import Origin, restrict_egress
from gateway.upstream.http.json_depth import limit_json_depth
from gateway.upstream.layers.circuit import CircuitBreaker, with_circuit
from gateway.upstream.layers.concurrency import ConcurrencySlots, with_slot
from gateway.upstream.layers.deadline import with_deadline
from gateway.upstream.layers.health import HealthRecorder
from gateway.upstream.layers.legacy_sessions import SessionKeeper, with_session
from gateway.upstream.layers.not_sent import mark_unsent
from gateway.upstream.layers.observation import Observer, with_observation
from gateway.upstream.layers.quota import QuotaMeter, with_quota
from gateway.upstream.layers.retry import RetryBudget, with_retry
from gateway.upstream.layers.retry_after import apply_retry_after
from gateway.upstream.office_ref import OfficeRef
from gateway.upstream.request import Layer, Send, compose_layers
from gateway.upstream.settings import UpstreamSettings


@dataclass(frozen=True, slots=True)
class Layers:
    """The objects that the layers of one office share."""

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
    keeper_for: Callable[[Session[Any]], SessionKeeper]


def full_stack(layers: Layers, engine: Send) -> Send:
    """The layers for every request of an adapter."""
    return compose_layers(
        (
            with_observation(layers.place, layers.health, layers.observer),
            mark_unsent,
            with_deadline,
            restrict_egress(layers.origin),
            with_retry(layers.budget),
            with_circuit(layers.breaker),
            with_slot(layers.slots, layers.breaker.recheck),
            with_session(layers.keeper_for),
            *_innermost(layers),
        ),
        engine,
    )


def login_stack(layers: Layers, engine: Send) -> Send:
    """The layers for a login's requests: these use the slot and circuit of the request that needs the login."""
    return compose_layers(
        (
            with_observation(layers.place, layers.health, layers.observer),
            with_deadline,
            restrict_egress(layers.origin),
            *_innermost(layers),
        ),
        engine,
    )


def _innermost(layers: Layers) -> tuple[Layer, ...]:
    return (
        with_quota(layers.meter),
        apply_retry_after(layers.clock, layers.settings.longest_hold),
        limit_json_depth(layers.settings.max_depth),
    )
