"""One office reached over HTTP: everything that is kept about it between questions."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from pydantic import SecretStr

from adapters.contract import Call, Http, HttpOfficeSettings, Limits, Session, SessionKeys, Soap
from adapters.errors import AdapterError
from gateway.ground.deadline import Deadline
from gateway.ground.sealing import Sealer
from gateway.upstream.dependencies import UpstreamDependencies
from gateway.upstream.http.bound import BoundHttp
from gateway.upstream.http.egress import Origin
from gateway.upstream.http.soap import BoundSoap
from gateway.upstream.http.soap_envelope import blames_us
from gateway.upstream.http.stack import Layers, full_stack, login_stack
from gateway.upstream.layers.circuit import CircuitBreaker
from gateway.upstream.layers.concurrency import ConcurrencySlots
from gateway.upstream.layers.legacy_sessions import SessionKeeper
from gateway.upstream.layers.quota import QuotaMeter
from gateway.upstream.layers.retry import RetryBudget
from gateway.upstream.layers.status import HealthRecorder, OfficeHealth
from gateway.upstream.place import OfficeRef

_LOGIN_BYTES: Final = 1_000_000
_USE: Final = "system-credentials"


class HttpOffice:
    """Its connections, circuit, slots, sessions and health; made once, used by every question."""

    def __init__(
        self, place: OfficeRef, settings: HttpOfficeSettings, limits: Limits, around: UpstreamDependencies
    ) -> None:
        from gateway.upstream.http.engine import HttpEngine

        self.settings = settings
        self._place = place
        self._around = around
        self._engine = HttpEngine(limits.slowest, around.settings, settings.ca)
        self._health = HealthRecorder(around.clock)
        self._breaker = CircuitBreaker(place, around.settings, around.shared, around.clock)
        self._keepers: dict[Session[Any], SessionKeeper] = {}
        slots = max(1, limits.concurrent // around.settings.processes)
        parts = Layers(
            place=place,
            settings=around.settings,
            clock=around.clock,
            origin=Origin(settings.base_url),
            health=self._health,
            observer=around.observer,
            breaker=self._breaker,
            slots=ConcurrencySlots(slots, around.settings.most_waiting),
            meter=QuotaMeter(place, settings, limits, meters=around.shared, clock=around.clock),
            budget=RetryBudget(),
            keeper_of=self._keeper_of,
        )
        self._send = full_stack(parts, self._engine.send)
        self._send_login = login_stack(parts, self._engine.send)

    def bound(self, transport: Http[Any] | Soap[Any], deadline: Deadline) -> BoundHttp | BoundSoap:
        """What the row's functions are handed for one question; SOAP goes over the same connections and circuit."""
        if isinstance(transport, Http):
            return BoundHttp(self._send, deadline, transport.max_bytes, transport.session)
        http = BoundHttp(self._send, deadline, transport.max_bytes, None, blames_us)
        return BoundSoap(http, transport, self._around.settings.max_depth, self._around.clock)

    def failed(self, error: AdapterError) -> None:
        """An adapter found out that something is wrong; what it learnt about coming back holds for everybody."""
        self._health.failed(error.cause)
        self._breaker.heed(error)

    def status(self) -> OfficeHealth:
        """How it is."""
        return self._health.status(self._breaker.state, self._breaker.retry_at)

    async def aclose(self) -> None:
        """End its logins and close its connections."""
        for keeper in self._keepers.values():
            await keeper.aclose()
        await self._engine.aclose()

    def _keeper_of(self, session: Session[Any]) -> SessionKeeper:
        keeper = self._keepers.get(session)
        if keeper is None:
            keeper = SessionKeeper(
                f"{self._place.key}/{getattr(session.login, '__qualname__', '-')}",
                self._login(session),
                shared=self._around.shared,
                sealer=self._around.sealer,
                clock=self._around.clock,
                settings=self._around.settings,
                credentials=_fingerprint(self.settings, self._around.sealer),
            )
            self._keepers[session] = keeper
        return keeper

    def _login(self, session: Session[Any]) -> Callable[[], Awaitable[SessionKeys]]:
        async def login() -> SessionKeys:
            deadline = Deadline.after(self._around.settings.login_within)
            up = BoundHttp(self._send_login, deadline, _LOGIN_BYTES, None)
            return await session.login(
                Call(settings=self.settings, up=up, now=self._around.clock(), office=self._place.office)
            )

        return login


def _fingerprint(settings: HttpOfficeSettings, sealer: Sealer) -> str:
    """By which settings are known again, their secrets included, without holding any.

    Not by where the system is reached: whoever moves it has not changed who we are there.
    """
    told = [
        (name, value.get_secret_value() if isinstance(value, SecretStr) else str(value))
        for name, value in settings
        if name not in HttpOfficeSettings.model_fields
    ]
    return sealer.fingerprint(_USE, json.dumps(told))
