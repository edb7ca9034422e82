"""Sessions of systems that want a login: one per office, shared by all gateway processes, renewed by one login.

Several systems end the old session when a new one begins, so whoever meets an expired session does not simply log in:
it says which generation has expired, and waits for a newer one, for which one login is made.
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
_LOOK: Final = 0.05


@dataclass(frozen=True, slots=True)
class HeldSession:
    """A session in use, its number, and until when it is kept at most."""

    generation: int
    keys: SessionKeys = field(repr=False)
    until: datetime


class SessionKeeper:
    """Keeps the session of one office.

    `credentials` stands for the settings that the login is made with: a session of others is not used, and a refusal of
    others says nothing.
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
        self._bar_key = f"{self._login_key}/{credentials}"
        self._bound_to = f"{key}/{credentials}"
        self._login = login
        self._shared = shared
        self._sealer = sealer
        self._clock = clock
        self._settings = settings
        self._owner = uuid4().hex
        self._held: HeldSession | None = None
        self._ended = 0
        self._renewing: asyncio.Task[None] | None = None

    async def current(self) -> HeldSession:
        """The session to use now; logged in for when there is none, and waited for while one is being renewed."""
        held = self._held
        if held is not None and held.until <= self._clock():
            self.end(held.generation)
        if self._renewing is None and held is not None and held.generation > self._ended:
            return held
        return await self.newer_than(self._ended)

    async def newer_than(self, generation: int) -> HeldSession:
        """A session after `generation`, which has ended. However many ask, one login is made.

        Raises `CredentialsRefusedError` when the system refuses us, and whatever a login can meet on its way.
        """
        self.end(generation)
        while self._held is None or self._held.generation <= generation:
            if self._renewing is None:
                self._renewing = asyncio.create_task(self._renew(generation))
                self._renewing.add_done_callback(self._renewed)
            # One who gives up waiting does not end the login for the others.
            await asyncio.shield(self._renewing)
        return self._held

    def end(self, generation: int) -> None:
        """The system has ended this session: nobody is to use it any more."""
        self._ended = max(self._ended, generation)

    async def aclose(self) -> None:
        """End a login that is under way."""
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.wait({self._renewing})

    def _renewed(self, task: asyncio.Task[None]) -> None:
        if self._renewing is task:
            self._renewing = None
        if not task.cancelled():
            task.exception()  # whoever waited may have given up; then nobody else reads it

    async def _renew(self, generation: int) -> None:
        limit = asyncio.timeout(self._settings.login_within.total_seconds())
        try:
            async with limit:
                self._held = await self._alone(generation)
        except TimeoutError:
            if not limit.expired():
                raise
            raise UpstreamTimeoutError("the login took too long") from None
        finally:
            # In the task itself, since its callbacks come later: who asks in between would find it done and its session
            # not there, and go round without ever waiting.
            self._renewing = None

    async def _alone(self, generation: int) -> HeldSession:
        """Log in while no other process does, unless one has done so meanwhile."""
        lease = await self._leased()
        try:
            stored = await self._shared.session(self._key)
            if stored is not None and stored.generation > generation and (held := self._open(stored)):
                return held
            return await self._log_in(stored.generation if stored else 0)
        finally:
            await self._shared.release(lease)

    async def _leased(self) -> Lease:
        """The right to log in; whoever holds it may be another process, so it is asked for again and again."""
        ttl = self._settings.login_within * 2
        while True:
            lease = await self._shared.acquire(self._login_key, self._owner, ttl)
            if lease is not None:
                return lease
            await asyncio.sleep(_LOOK)

    async def _log_in(self, replaces: int) -> HeldSession:
        barred = await self._shared.circuit(self._bar_key)
        if barred is not None and barred.until > self._clock():
            raise CredentialsRefusedError("no login is tried so soon after the last one", retry_at=barred.until)
        try:
            keys = await self._login()
        except CredentialsRefusedError:
            await self._bar(self._settings.login_again)
            raise
        turn = await self._shared.take(self._login_key, _LOGINS, patience=timedelta(0))
        if not turn.granted:
            # The system ends our sessions as soon as they begin: do not log in with every request.
            await self._bar(turn.wait)
        kept = self._settings.session_kept
        value = self._sealer.seal(_USE, _written(keys, self._clock() + kept), bound_to=self._bound_to)
        stored = await self._shared.replace_session(self._key, replaces, value, kept)
        # Another process, which took our lease for lost, has logged in since and ended what we got: its session counts.
        stored = stored or await self._shared.session(self._key)
        held = self._open(stored) if stored else None
        if held is None:
            raise UpstreamUnavailableError("the session was lost between two gateway processes")
        return held

    async def _bar(self, span: timedelta) -> None:
        circuit = Circuit(self._clock() + span, Cause.CREDENTIALS_REFUSED)
        await self._shared.set_circuit(self._bar_key, circuit)

    def _open(self, stored: StoredSession) -> HeldSession | None:
        try:
            keys, until = _read(self._sealer.unseal(_USE, stored.value, bound_to=self._bound_to))
        except (UnsealError, ValueError):  # sealed by another key, or written by another version
            return None
        return HeldSession(stored.generation, keys, until)


def with_session(keeper_of: Callable[[Session[Any]], SessionKeeper]) -> Layer:
    """Adds the session's keys; sends a safe request once more, with a newer session, when this one has expired.

    An unsafe request is never sent again: its adapter sees the answer, and whoever delivers it looks it up.
    """

    def layer(onward: Send) -> Send:
        async def send(request: HttpRequest, trip: UpstreamRequest) -> HttpAnswer:
            session = trip.session
            if session is None:
                return await onward(request, trip)
            keeper = keeper_of(session)
            trip.stage = RequestStage.LOGIN
            held = await keeper.current()
            answer = await onward(_dressed(request, held.keys), trip)
            if not session.expired(answer):
                return answer
            if not request.safe:
                keeper.end(held.generation)
                return answer
            trip.stage = RequestStage.LOGIN
            held = await keeper.newer_than(held.generation)
            answer = await onward(_dressed(request, held.keys), trip)
            if session.expired(answer):
                raise CredentialsRefusedError("the system asks for a login right after one")
            return answer

        return send

    return layer


def _dressed(request: HttpRequest, keys: SessionKeys) -> HttpRequest:
    headers = {**request.headers, **keys.headers}
    if keys.cookies:
        own = [value for name, value in request.headers.items() if name.lower() == "cookie"]
        headers = {name: value for name, value in headers.items() if name.lower() != "cookie"}
        headers["Cookie"] = "; ".join([*own, *(f"{name}={value}" for name, value in keys.cookies.items())])
    return HttpRequest(request.method, request.path, request.query, headers, request.content, request.safe)


def _written(keys: SessionKeys, until: datetime) -> bytes:
    return json.dumps([dict(keys.cookies), dict(keys.headers), until.isoformat()]).encode()


def _read(value: bytes) -> tuple[SessionKeys, datetime]:
    cookies, headers, until = json.loads(value)
    return SessionKeys(cookies, headers), datetime.fromisoformat(until)
