"""The route of a question to one office of a simulator: the gateway's whole upstream stack.

Only sessions are shared between routes.
"""

import os
from dataclasses import replace
from datetime import timedelta
from types import TracebackType
from typing import Any, Final, Protocol, Self

from adapters.contract import AdapterSpec, Call, Limits, OfficeSettings, Subject, Transport
from gateway.ground.clock import now
from gateway.ground.deadline import Deadline
from gateway.ground.sealing import Sealer
from gateway.shared.contract import Circuit
from gateway.shared.memory import MemoryShared
from gateway.upstream.settings import UpstreamSettings
from gateway.upstream.upstreams import Upstreams

_LIVE: Final = UpstreamSettings(circuit_failures=20)
_SETTINGS: Final = _LIVE.model_copy(update={"file_settle": timedelta(0)})


class CallFactory(Protocol):
    """Creates calls: a route to a simulator, or a recording of one."""

    def call(self, transport: Transport[Any, Any], within: float, subject: Subject | None = None) -> Call[Any, Any]:
        """Return the call that a row's function receives, with a timeout of `within` seconds."""
        ...


class _WithoutCircuits(MemoryShared):
    """Stores sessions, but no circuits: a failure of one question must not affect the next one."""

    async def circuit(self, key: str) -> Circuit | None:
        """Return None: no circuit is stored."""
        del key
        return None

    async def set_circuit(self, key: str, circuit: Circuit | None) -> None:
        """Discard the circuit."""


class SessionCache:
    """The sessions of a simulator, shared between routes so that not every question logs in."""

    def __init__(self) -> None:
        self.shared = _WithoutCircuits()
        self.sealer = Sealer(os.urandom(32))


class QuestionRoute:
    """An async context manager. Connections, circuits, slots and retries are new for each route.

    `read_only`: the office is a real one, so its files are never moved.
    """

    def __init__(
        self,
        spec: AdapterSpec[Any],
        office: str | None,
        settings: OfficeSettings,
        session_cache: SessionCache | None = None,
        *,
        limits: Limits | None = None,
        read_only: bool = False,
    ) -> None:
        session_cache = session_cache or SessionCache()
        # A simulator needs no quota: the declared calls a minute would only slow the check.
        self._spec = replace(spec, limits=limits or replace(spec.limits, per_minute=None, per_day=None))
        self._office = office
        self._settings = settings
        # A simulator's files are complete as soon as they exist; files of a real office may be half written.
        patience = _LIVE if read_only else _SETTINGS
        self._upstreams = Upstreams(
            session_cache.shared, now, patience, sealer=session_cache.sealer, read_only=read_only
        )

    async def __aenter__(self) -> Self:
        """Connections are opened on demand."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        await self._upstreams.aclose()

    def call(self, transport: Transport[Any, Any], within: float, subject: Subject | None = None) -> Call[Any, Any]:
        """Return the call that a row's function receives, with a timeout of `within` seconds."""
        deadline = Deadline.after(timedelta(seconds=within))
        return self._upstreams.call(
            self._spec, self._office, self._settings, transport, deadline=deadline, subject=subject
        )
