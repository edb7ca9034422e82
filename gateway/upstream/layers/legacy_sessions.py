"""Sessions of systems that require a login: one per office, shared by all gateway processes, renewed by one login.

Several systems end the old session when a new one begins. A request that meets an expired session therefore does not
simply log in: it reports the expired generation and waits for a newer one, for which one login is made.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from adapters.contract import Session, SessionKeys
from adapters.errors import Cause, CredentialsRefusedError, UpstreamTimeoutError, UpstreamUnavailableError
from adapters.upstream import HttpAnswer, HttpRequest
from gateway.ground.clock import Clock
from gateway.ground.sealing import Sealer, UnsealError
from gateway.shared.contract import Circuit, Lease, Rate, Shared, StoredSession
from gateway.upstream.request import Layer, RequestStage, Send, UpstreamRequest
from gateway.upstream.settings import UpstreamSettings

_USE: Final = "system-session"
_LOGINS: Final = Rate(interval=timedelta(seconds=5), burst=5)
_POLL_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class HeldSession:
    """A session in use, its generation, and the latest time until which it is kept."""

    generation: int
    keys: SessionKeys = field(repr=False)
    until: datetime


class SessionKeeper:
    """Keeps the session of one office.

    `credentials` identifies the settings used for the login: sessions and refusals of other credentials do not apply.
    """

    def __init__(
        self,
        key: str,
        login: Callable[[], Awaitable[SessionKeys]],
        *,
        shared: Shared,
        sealer: Sealer,
        clock: Clock,
        settings: UpstreamSettings,
        credentials: str = "",
    ) -> None:
        self._key = key
        self._login_key = f"login/{key}"
        self._pause_key = f"{self._login_key}/{credentials}"
        self._bound_to = f"{key}/{credentials}"
        self._login = login
        self._shared = shared
        self._sealer = sealer
        self._clock = clock
        self._settings = settings
        self._owner = uuid4().hex
        self._held: HeldSession | None = None
        self._ended_generation = 0
        self._renewing: asyncio.Task[None] | None = None

    async def current(self) -> HeldSession:
        """Return the session to use now. Logs in when there is none, and waits while one is being renewed."""
        held = self._held
        if held is not None and held.until <= self._clock():
            self.end(held.generation)
        if self._renewing is None and held is not None and held.generation > self._ended_generation:
            return held
        return await self.newer_than(self._ended_generation)

    async def newer_than(self, generation: int) -> HeldSession:
        """Return a session after `generation`, which has ended. Concurrent calls share one login.

        Raises `CredentialsRefusedError` when the system refuses the credentials, and any error of the login's requests.
        """
        self.end(generation)
        while self._held is None or self._held.generation <= generation:
            if self._renewing is None:
                self._renewing = asyncio.create_task(self._renew(generation))
                self._renewing.add_done_callback(self._clear_renewal)
            # A caller that stops waiting does not cancel the login for the other callers.
            await asyncio.shield(self._renewing)
        return self._held

    def end(self, generation: int) -> None:
        """Mark a session that the system has ended; it is not used again."""
        self._ended_generation = max(self._ended_generation, generation)

    async def aclose(self) -> None:
        """Cancel a running login."""
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.wait({self._renewing})

    def _clear_renewal(self, task: asyncio.Task[None]) -> None:
        if self._renewing is task:
            self._renewing = None
        if not task.cancelled():
            task.exception()  # retrieve the error: every caller may have stopped waiting

    async def _renew(self, generation: int) -> None:
        limit = asyncio.timeout(self._settings.login_within.total_seconds())
        try:
            async with limit:
                self._held = await self._log_in_exclusively(generation)
        except TimeoutError:
            if not limit.expired():
                raise
            raise UpstreamTimeoutError("the login took too long") from None
        finally:
            # Reset in the task itself, since its callbacks run later: a call in between would find the task done and no
            # session, and loop without ever waiting.
            self._renewing = None

    async def _log_in_exclusively(self, generation: int) -> HeldSession:
        """Log in under the shared lease, unless another process has logged in meanwhile."""
        lease = await self._acquire_lease()
        try:
            stored = await self._shared.session(self._key)
            if stored is not None and stored.generation > generation and (held := self._unseal(stored)):
                return held
            return await self._log_in(stored.generation if stored else 0)
        finally:
            await self._shared.release(lease)

    async def _acquire_lease(self) -> Lease:
        """Acquire the lease for the login. Polls, since another process may hold it."""
        ttl = self._settings.login_within * 2
        while True:
            lease = await self._shared.acquire(self._login_key, self._owner, ttl)
            if lease is not None:
                return lease
            await asyncio.sleep(_POLL_SECONDS)

    async def _log_in(self, replaces: int) -> HeldSession:
        pause = await self._shared.circuit(self._pause_key)
        if pause is not None and pause.until > self._clock():
            raise CredentialsRefusedError("no login is tried so soon after the last one", retry_at=pause.until)
        try:
            keys = await self._login()
        except CredentialsRefusedError:
            await self._pause_logins(self._settings.login_again)
            raise
        turn = await self._shared.take(self._login_key, _LOGINS, patience=timedelta(0))
        if not turn.granted:
            # The system ends our sessions as soon as they begin: do not log in with every request.
            await self._pause_logins(turn.wait)
        kept = self._settings.session_kept
        value = self._sealer.seal(_USE, _serialise(keys, self._clock() + kept), bound_to=self._bound_to)
        stored = await self._shared.replace_session(self._key, replaces, value, kept)
        # Another process considered our lease lost, has logged in since and thereby ended our session: use its session.
        stored = stored or await self._shared.session(self._key)
        held = self._unseal(stored) if stored else None
        if held is None:
            raise UpstreamUnavailableError("the session was lost between two gateway processes")
        return held

    async def _pause_logins(self, span: timedelta) -> None:
        circuit = Circuit(self._clock() + span, Cause.CREDENTIALS_REFUSED)
        await self._shared.set_circuit(self._pause_key, circuit)

    def _unseal(self, stored: StoredSession) -> HeldSession | None:
        try:
            keys, until = _deserialise(self._sealer.unseal(_USE, stored.value, bound_to=self._bound_to))
        except (UnsealError, ValueError):  # sealed by another key, or written by another version
            return None
        return HeldSession(stored.generation, keys, until)


def with_session(keeper_for: Callable[[Session[Any]], SessionKeeper]) -> Layer:
    """Adds the session's keys; sends a safe request once more, with a newer session, when this one has expired.

    An unsafe request is never sent again: its adapter gets the answer, and the delivery looks it up.
    """

    def layer(call_next: Send) -> Send:
        async def send(request: HttpRequest, call_state: UpstreamRequest) -> HttpAnswer:
            session = call_state.session
            if session is None:
                return await call_next(request, call_state)
            keeper = keeper_for(session)
            call_state.stage = RequestStage.LOGIN
            held = await keeper.current()
            answer = await call_next(_with_keys(request, held.keys), call_state)
            if not session.expired(answer):
                return answer
            if not request.safe:
                keeper.end(held.generation)
                return answer
            call_state.stage = RequestStage.LOGIN
            held = await keeper.newer_than(held.generation)
            answer = await call_next(_with_keys(request, held.keys), call_state)
            if session.expired(answer):
                raise CredentialsRefusedError("the system asks for a login right after one")
            return answer

        return send

    return layer


def _with_keys(request: HttpRequest, keys: SessionKeys) -> HttpRequest:
    headers = {**request.headers, **keys.headers}
    if keys.cookies:
        own = [value for name, value in request.headers.items() if name.lower() == "cookie"]
        headers = {name: value for name, value in headers.items() if name.lower() != "cookie"}
        headers["Cookie"] = "; ".join([*own, *(f"{name}={value}" for name, value in keys.cookies.items())])
    return HttpRequest(request.method, request.path, request.query, headers, request.content, request.safe)


def _serialise(keys: SessionKeys, until: datetime) -> bytes:
    return json.dumps([dict(keys.cookies), dict(keys.headers), until.isoformat()]).encode()


def _deserialise(value: bytes) -> tuple[SessionKeys, datetime]:
    cookies, headers, until = json.loads(value)
    return SessionKeys(cookies, headers), datetime.fromisoformat(until)
