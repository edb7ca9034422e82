"""The route of a question to one office of a simulator: the gateway's whole upstream stack; only sessions are kept."""

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


class Calls(Protocol):
    """Whatever gives calls: a way to a simulator, or a recording of one."""

    def call(self, transport: Transport[Any, Any], within: float, subject: Subject | None = None) -> Call[Any, Any]:
        """What a row's function is handed for one question that has `within` seconds."""
        ...


class _WithoutCircuits(MemoryShared):
    """Remembers sessions, but no failure: what one question met must not answer the next one."""

    async def circuit(self, key: str) -> Circuit | None:
        """Nothing is known."""
        del key
        return None

    async def set_circuit(self, key: str, circuit: Circuit | None) -> None:
        """Forgotten at once."""


class Keyring:
    """The sessions that a simulator has given, kept between the ways to it, so that not every question logs in."""

    def __init__(self) -> None:
        self.shared = _WithoutCircuits()
        self.sealer = Sealer(os.urandom(32))


class QuestionRoute:
    """Use as an async context manager: connections, circuits, slots and retries are new each time.

    `looks_only`: the office is an agency's own, of whose files none is moved.
    """

    def __init__(
        self,
        spec: AdapterSpec[Any],
        office: str | None,
        settings: OfficeSettings,
        keyring: Keyring | None = None,
        *,
        limits: Limits | None = None,
        looks_only: bool = False,
    ) -> None:
        keyring = keyring or Keyring()
        # The simulator bears more than the agency's machine: the declared calls a minute would only take time.
        self._spec = replace(spec, limits=limits or replace(spec.limits, per_minute=None, per_day=None))
        self._office = office
        self._settings = settings
        # A simulator's files are whole as soon as they are there; an agency's own may be half written.
        patience = _LIVE if looks_only else _SETTINGS
        self._upstreams = Upstreams(keyring.shared, now, patience, sealer=keyring.sealer, looks_only=looks_only)

    async def __aenter__(self) -> Self:
        """Nothing is opened before it is needed."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        await self._upstreams.aclose()

    def call(self, transport: Transport[Any, Any], within: float, subject: Subject | None = None) -> Call[Any, Any]:
        """What a row's function is handed for one question that has `within` seconds."""
        deadline = Deadline.after(timedelta(seconds=within))
        return self._upstreams.call(
            self._spec, self._office, self._settings, transport, deadline=deadline, subject=subject
        )
