"""Sign-in sessions at the provider: stored in the database, with an opaque random id in the browser's cookie."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from gateway.authentication.same_origin import PAGES_CLIENT
from gateway.ground.clock import Clock
from gateway.identity.self_service.sessions import IDLE
from gateway.identity.sign_in_end import end_sign_ins
from gateway.oidc.grants.authlib_server import SignIn
from gateway.oidc.sessions.browsers import new_browser
from gateway.oidc.tokens.minting import hash_secret
from gateway.policy.access_log.actions import ActingParty
from gateway.policy.principal import Role
from gateway.storage.engine import Database
from gateway.storage.row_locks import changes_one
from gateway.storage.tables.accounts import AccountRow
from gateway.storage.tables.grants import GrantRow
from gateway.storage.tables.sessions import LoginSessionRow

ABSOLUTE = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class SignedInSession:
    """An active session and its account. `password_expires`: the person must change the password first.

    `issuer` is the external provider at which the person signed in, if there was one.
    """

    sign_in: SignIn
    display_name: str
    id_hash: str
    password_expires: bool
    issuer: str | None = None

    @property
    def actor(self) -> ActingParty:
        """The person as actor in the access log, for actions on their own account."""
        return ActingParty(self.sign_in.account_id, PAGES_CLIENT, str(self.sign_in.acr))


@dataclass(frozen=True, slots=True)
class ExternalSession:
    """The origin of an external sign-in: provider, time of the sign-in there, and fingerprint of the session there."""

    issuer: str
    auth_time: datetime
    session: str | None


@dataclass(frozen=True, slots=True)
class ProvenSignIn:
    """A sign-in that was just proven: level (`acr`), methods (RFC 8176), and its external origin, if it has one."""

    acr: int
    methods: tuple[str, ...]
    external: ExternalSession | None = None


BY_PASSWORD = ProvenSignIn(1, ("pwd",))
BY_PASSKEY = ProvenSignIn(2, ("pop", "user", "mfa"))


def raised_by_code(signed_in: SignedInSession) -> ProvenSignIn:
    """Return the session's sign-in, raised by a code of the second factor."""
    return _raised(signed_in, "otp")


def raised_by_passkey(signed_in: SignedInSession) -> ProvenSignIn:
    """Return the session's sign-in, raised by a passkey."""
    return _raised(signed_in, "pop")


def _raised(signed_in: SignedInSession, method: str) -> ProvenSignIn:
    sign_in = signed_in.sign_in
    return ProvenSignIn(max(2, sign_in.acr), tuple(dict.fromkeys((*sign_in.amr, method, "mfa"))))


class LoginSessions:
    """The sessions at the provider. They end after half an hour without use, and after eight hours in any case."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def begin(self, account_id: str, proven: ProvenSignIn, replaced: str | None, agent: str = "") -> str:
        """Begin a session under a new id, and end the one of the old id. `agent` is the browser's user agent.

        If the same account signs in again, the sign-in (`session_id`) stays the same: one logout ends all of it.
        """
        browser, at = new_browser(), self._clock()
        async with self._database.session() as session:
            old = await session.get(LoginSessionRow, hash_secret(replaced)) if replaced else None
            continues = old is not None and old.ended_at is None and old.account_id == account_id
            row = LoginSessionRow(
                id_hash=hash_secret(browser),
                session_id=old.session_id if old and continues else str(uuid.uuid4()),
                account_id=account_id,
                acr=proven.acr,
                amr=list(proven.methods),
                auth_time=proven.external.auth_time if proven.external else at,
                issuer=proven.external.issuer if proven.external else None,
                issuer_session=proven.external.session if proven.external else None,
                seen_at=at,
                agent=agent[:160] or None,
                expires_at=at + ABSOLUTE,
            )
            if old is not None and old.ended_at is None:
                old.ended_at = at
            session.add(row)
        return browser

    async def renew(self, browser: str, proven: ProvenSignIn | None = None) -> str | None:
        """Move the session to a new id, raised to `proven`; None if it has ended meanwhile.

        Neither its end nor its `auth_time` changes.
        """
        renewed, at = new_browser(), self._clock()
        mine = update(LoginSessionRow).where(
            LoginSessionRow.id_hash == hash_secret(browser), LoginSessionRow.ended_at.is_(None)
        )
        async with self._database.session() as session:
            if not await changes_one(session, mine.values(ended_at=at)):
                return None
            row = await session.get_one(LoginSessionRow, hash_secret(browser), populate_existing=True)
            session.add(
                LoginSessionRow(
                    id_hash=hash_secret(renewed),
                    session_id=row.session_id,
                    account_id=row.account_id,
                    acr=proven.acr if proven else row.acr,
                    amr=list(proven.methods) if proven else row.amr,
                    auth_time=row.auth_time,
                    issuer=row.issuer,
                    issuer_session=row.issuer_session,
                    seen_at=at,
                    agent=row.agent,
                    expires_at=row.expires_at,
                )
            )
        return renewed

    async def find(self, browser: str | None) -> SignedInSession | None:
        """Return the active session of this browser, if its account is active."""
        if browser is None:
            return None
        now = self._clock()
        async with self._database.session() as session:
            row = await session.get(LoginSessionRow, hash_secret(browser))
            if row is None or row.ended_at or row.expires_at <= now or row.seen_at + IDLE <= now:
                return None
            account = await session.scalar(
                select(AccountRow).where(AccountRow.id == row.account_id, AccountRow.withdrawn_at.is_(None))
            )
            if account is None:
                return None
            row.seen_at = now
            roles = frozenset(Role(role) for role in account.roles)
            sign_in = SignIn(account.id, roles, row.acr, row.auth_time, tuple(row.amr), row.session_id)
            return SignedInSession(sign_in, account.display_name, row.id_hash, account.password_expires, row.issuer)

    async def end(self, session_id: str) -> None:
        """End this sign-in in every browser and app."""
        async with self._database.session() as session:
            await end_sign_ins(session, [session_id], self._clock())

    async def end_by_grant(self, grant_id: str) -> None:
        """End the sign-in in which this grant was made."""
        async with self._database.session() as session:
            grant = await session.get(GrantRow, grant_id)
        if grant is not None and grant.session_id is not None:
            await self.end(grant.session_id)

    async def find_sign_in(self, browser: str) -> str | None:
        """Return the sign-in that began in this browser, even if it has expired or ended."""
        async with self._database.session() as session:
            row = await session.get(LoginSessionRow, hash_secret(browser))
        return row.session_id if row is not None else None

    async def end_by_browser(self, browser: str) -> None:
        """End the sign-in of this browser, even if it has expired."""
        async with self._database.session() as session:
            row = await session.get(LoginSessionRow, hash_secret(browser))
        if row is not None and row.ended_at is None:
            await self.end(row.session_id)
