"""Login sessions: one for each account; it ends when idle, or when the account logs in again."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from simulators.clock import Clock

ACCOUNT: Final = "gerbang"
LIFETIME: Final = timedelta(minutes=30)
_ATTEMPTS: Final = 5
_LOCKED_FOR: Final = timedelta(minutes=5)
_MOST: Final = 500


@dataclass(slots=True)
class Session:
    """One browser session, logged in or not; `token` is its CSRF token."""

    seen: datetime
    logged_in: bool = False
    token: str = field(default_factory=lambda: secrets.token_hex(16))


class Sessions:
    """The sessions of the application, by the value of the cookie `ci_session`.

    `password` is called at every login, because the agency may change the password; existing sessions continue.
    """

    def __init__(self, clock: Clock, password: Callable[[], str]) -> None:
        self._clock = clock
        self._password = password
        self._sessions: dict[str, Session] = {}
        self._failures: list[datetime] = []

    def find(self, cookie: str | None) -> Session | None:
        """Return the valid session of this cookie, and reset its idle time."""
        session = self._sessions.get(cookie or "")
        if session is None:
            return None
        now = self._clock.now()
        if now - session.seen > LIFETIME:
            del self._sessions[cookie or ""]
            return None
        session.seen = now
        return session

    def open(self) -> tuple[str, Session]:
        """Create a session that is not logged in; return it with its cookie."""
        if len(self._sessions) >= _MOST:
            waiting = next((key for key, one in self._sessions.items() if not one.logged_in), None)
            self._sessions.pop(waiting or next(iter(self._sessions)))
        cookie = secrets.token_hex(20)
        session = self._sessions[cookie] = Session(self._clock.now())
        return cookie, session

    def log_in(self, identity: str, password: str) -> str | None:
        """Return the cookie of a new logged-in session, or None. The account's old session ends (Q02)."""
        if self.locked:
            return None
        if identity != ACCOUNT or not secrets.compare_digest(password.encode(), self._password().encode()):
            self._failures.append(self._clock.now())
            return None
        self.end_all()
        self._failures.clear()
        cookie, session = self.open()
        session.logged_in = True
        return cookie

    @property
    def locked(self) -> bool:
        """Whether the account is locked after too many wrong passwords."""
        since = self._clock.now() - _LOCKED_FOR
        self._failures = [at for at in self._failures if at > since]
        return len(self._failures) >= _ATTEMPTS

    def end_all(self) -> None:
        """End every logged-in session."""
        self._sessions = {key: one for key, one in self._sessions.items() if not one.logged_in}

    def count(self) -> int:
        """Return the number of logged-in sessions."""
        return sum(one.logged_in for one in self._sessions.values())
