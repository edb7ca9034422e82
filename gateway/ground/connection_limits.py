"""Limits on idle client connections: how many in all and from one address, and for how long.

A connection is idle while none of its requests is being answered. An idle connection may be closed at any time (RFC
9112, 9.3), so a client that opens many of them loses the oldest, and no other client is refused.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Final, Protocol

from pydantic import BaseModel, ConfigDict, Field

from gateway.ground.client_address import Network, client_network, is_proxy

_EXEMPT: Final = ""
"""The group of the connections that no address limits: those of trusted proxies, and of callers without an address."""


class ConnectionSettings(BaseModel):
    """How many connections clients may hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    most_requests: int = Field(
        default=4000, gt=0, description="Most requests at a time; others get 503, except `/livez` and `/readyz`"
    )
    reserved_for_sign_in: int = Field(
        default=200, ge=0, description="How many requests to sign in are processed beyond `most_requests`"
    )
    most_idle: int = Field(
        default=5000,
        gt=0,
        description="Most idle connections; beyond that, the address with the most of them loses its oldest",
    )
    most_idle_per_address: int = Field(
        default=3000,
        gt=0,
        description="Most idle connections from one address that is no trusted proxy; beyond that, it loses its oldest",
    )
    keep_alive: timedelta = Field(
        default=timedelta(seconds=5),
        gt=timedelta(0),
        description="How long a connection may be idle after an answer; more than a proxy in front keeps its own",
    )
    stop_grace: timedelta = Field(
        default=timedelta(seconds=5),
        ge=timedelta(0),
        description="How long connections are still accepted after the signal to stop, while requests arrive",
    )
    stop_idle: timedelta = Field(
        default=timedelta(seconds=0.5),
        gt=timedelta(0),
        description="How long a connection may be idle after the signal to stop; without requests, the grace ends too",
    )


class Droppable(Protocol):
    """A connection that can be closed without waiting for unsent data."""

    def drop(self) -> None:
        """Close the connection at once."""


class ConnectionLimits:
    """Counts idle connections by address, and drops the oldest when there are too many."""

    def __init__(self, settings: ConnectionSettings | None = None, trusted_proxies: Collection[Network] = ()) -> None:
        self.settings = settings or ConnectionSettings()
        self._trusted_proxies = trusted_proxies
        self._groups: dict[Droppable, str] = {}
        self._idle: dict[str, dict[Droppable, None]] = {}  # oldest first
        self.refused = 0
        """Requests that were answered with 503 since the start, because too many were being processed."""

    @property
    def idle(self) -> int:
        """How many connections are idle."""
        return len(self._groups)

    def group_of(self, peer: str | None) -> str:
        """The group in which connections from the address `peer` are counted."""
        if peer is None or is_proxy(peer, self._trusted_proxies):
            return _EXEMPT
        return client_network(peer)

    def add_idle(self, connection: Droppable, group: str) -> None:
        """Count a connection of this group as idle. This or other connections may be dropped."""
        if connection in self._groups:
            return
        together = self._idle.setdefault(group, {})
        together[connection] = None
        self._groups[connection] = group
        if group != _EXEMPT and len(together) > self.settings.most_idle_per_address:
            self._drop_oldest(group)
        if len(self._groups) > self.settings.most_idle:
            self._drop_oldest(max(self._idle, key=lambda one: (one != _EXEMPT, len(self._idle[one]))))

    def renew_idle(self, connection: Droppable, group: str) -> None:
        """Count a connection as idle from now: it had a request, which is answered already."""
        together = self._idle.get(group)
        if together is None or connection not in together:
            self.add_idle(connection, group)
            return
        del together[connection]
        together[connection] = None

    def remove_idle(self, connection: Droppable) -> None:
        """Stop counting a connection as idle: it has a request, or has ended."""
        group = self._groups.pop(connection, None)
        if group is None:
            return
        del self._idle[group][connection]
        if not self._idle[group]:
            del self._idle[group]

    def _drop_oldest(self, group: str) -> None:
        oldest = next(iter(self._idle[group]))
        self.remove_idle(oldest)
        oldest.drop()
