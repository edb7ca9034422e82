"""One office reached over HTTP, with the state that it keeps between calls."""

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from pydantic import SecretStr

from adapters.contract import Call, Http, HttpOfficeSettings, Limits, Session, SessionKeys, Soap
from adapters.errors import AdapterError
from gateway.ground.deadline import Deadline
from gateway.ground.sealing import Sealer
from gateway.upstream.dependencies import UpstreamDependencies
from gateway.upstream.http.bound import BoundHttp
from gateway.upstream.http.egress import Origin
from gateway.upstream.http.engine import HttpEngine
from gateway.upstream.http.lean_engine import LeanEngine
from gateway.upstream.http.stack import Layers, full_stack, login_stack
from gateway.upstream.layers.circuit import CircuitBreaker
from gateway.upstream.layers.concurrency import ConcurrencySlots
from gateway.upstream.layers.health import HealthRecorder, OfficeHealth
from gateway.upstream.layers.legacy_sessions import SessionKeeper
from gateway.upstream.layers.quota import QuotaMeter
from gateway.upstream.layers.retry import RetryBudget
from gateway.upstream.office_ref import OfficeRef
from gateway.upstream.settings import UpstreamSettings

if TYPE_CHECKING:
    from gateway.upstream.http.soap import BoundSoap

_LOGIN_BYTES: Final = 1_000_000
_USE: Final = "system-credentials"


class HttpOffice:
    """Connections, circuit, slots, sessions and health of an office. Made once, used by every call."""

    def __init__(
        self, place: OfficeRef, settings: HttpOfficeSettings, limits: Limits, dependencies: UpstreamDependencies
    ) -> None:
        self.settings = settings
        self._place = place
        self._dependencies = dependencies
        self._engine = _open_engine(settings, limits, dependencies.settings)
        self._health = HealthRecorder(dependencies.clock)
        self._breaker = CircuitBreaker(place, dependencies.settings, dependencies.shared, dependencies.clock)
        self._keepers: dict[Session[Any], SessionKeeper] = {}
        slots = max(1, limits.concurrent // dependencies.settings.processes)
        self.slots = ConcurrencySlots(slots, dependencies.settings.most_waiting)
        self.meter = QuotaMeter(place, settings, limits, meters=dependencies.shared, clock=dependencies.clock)
        layers = Layers(
            place=place,
            settings=dependencies.settings,
            clock=dependencies.clock,
            origin=Origin(settings.base_url),
            health=self._health,
            observer=dependencies.observer,
            breaker=self._breaker,
            slots=self.slots,
            meter=self.meter,
            budget=RetryBudget(),
            keeper_for=self._keeper_for,
        )
        self._send = full_stack(layers, self._engine.send)
        self._send_login = login_stack(layers, self._engine.send)

    def bind(self, transport: Http[Any] | Soap[Any], deadline: Deadline) -> "BoundHttp | BoundSoap":
        """The upstream for the row's functions, for one call. SOAP uses the same connections and circuit."""
        if isinstance(transport, Http):
            return BoundHttp(self._send, deadline, transport.max_bytes, transport.session)
        from gateway.upstream.http.soap import BoundSoap
        from gateway.upstream.http.soap_envelope import is_client_fault

        http = BoundHttp(self._send, deadline, transport.max_bytes, None, is_client_fault)
        return BoundSoap(http, transport, self._dependencies.settings.max_depth, self._dependencies.clock)

    def record_failure(self, error: AdapterError) -> None:
        """Record an error that an adapter raised. A `retry_at` in it applies to all calls to this office."""
        self._health.record_failure(error.cause)
        self._breaker.apply_retry_at(error)

    def status(self) -> OfficeHealth:
        """The current health of the office."""
        return self._health.status(self._breaker.state, self._breaker.retry_at)

    async def aclose(self) -> None:
        """Cancel running logins and close the connections."""
        for keeper in self._keepers.values():
            await keeper.aclose()
        await self._engine.aclose()

    def _keeper_for(self, session: Session[Any]) -> SessionKeeper:
        keeper = self._keepers.get(session)
        if keeper is None:
            keeper = SessionKeeper(
                f"{self._place.key}/{getattr(session.login, '__qualname__', '-')}",
                self._login(session),
                shared=self._dependencies.shared,
                sealer=self._dependencies.sealer,
                clock=self._dependencies.clock,
                settings=self._dependencies.settings,
                credentials=_fingerprint(self.settings, self._dependencies.sealer),
            )
            self._keepers[session] = keeper
        return keeper

    def _login(self, session: Session[Any]) -> Callable[[], Awaitable[SessionKeys]]:
        async def login() -> SessionKeys:
            deadline = Deadline.after(self._dependencies.settings.login_within)
            up = BoundHttp(self._send_login, deadline, _LOGIN_BYTES, None)
            return await session.login(
                Call(settings=self.settings, up=up, now=self._dependencies.clock(), office=self._place.office)
            )

        return login


def _open_engine(office: HttpOfficeSettings, limits: Limits, settings: UpstreamSettings) -> HttpEngine:
    """The engine that the settings choose."""
    if settings.engine == "lean":
        return LeanEngine(office.base_url, limits.slowest, settings, office.ca)
    from gateway.upstream.http.aiohttp_engine import AiohttpEngine

    return AiohttpEngine(limits.slowest, settings, office.ca)


def _fingerprint(settings: HttpOfficeSettings, sealer: Sealer) -> str:
    """A fingerprint of the settings, secrets included, that reveals none of them.

    It leaves out the address of the system: a move does not change our credentials there.
    """
    values = [
        (name, value.get_secret_value() if isinstance(value, SecretStr) else str(value))
        for name, value in settings
        if name not in HttpOfficeSettings.model_fields
    ]
    return sealer.fingerprint(_USE, json.dumps(values))
