"""Operator's actions on clients, by command line or API; each action is recorded in the access log."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.authentication.same_origin import PAGES_CLIENT
from gateway.ground.clock import Clock
from gateway.ground.errors import GerbangError
from gateway.ground.sealing import Sealer
from gateway.oidc.clients.registered_client import AuthMethod, hash_client_secret
from gateway.oidc.clients.registration import Credentials, NikRelease, Origins, Registration
from gateway.policy.access_log.actions import ActingParty, action_entry
from gateway.policy.scopes import RELEASE_SCOPE
from gateway.storage.engine import Database
from gateway.storage.tables.clients import ClientRow
from gateway.storage.tables.grants import GrantRow

LONGEST_SECRET: Final = timedelta(days=366)
LONGEST_MACHINE: Final = timedelta(days=2 * 366)


class ClientError(GerbangError):
    """The action is not possible for this client."""


class NoSuchClientError(ClientError):
    """There is no client with this id."""


@dataclass(frozen=True, slots=True)
class RegistrationOutcome:
    """A client after the action, and its new secret if one was made. The secret is not stored and shown only here."""

    client: ClientRow
    secret: str | None = field(default=None, repr=False)


class ClientAdministration:
    """Actions on the clients of one database. Machines may not request `own_audience`, that of people's tokens."""

    def __init__(
        self, database: Database, sealer: Sealer, clock: Clock, agencies: Collection[str], own_audience: str
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._agencies = agencies
        self._own_audience = own_audience

    async def add(self, actor: ActingParty, registration: Registration) -> RegistrationOutcome:
        """Register a client, or raise `ClientError`."""
        self._check(registration)
        row = ClientRow(
            **registration.model_dump(mode="json", exclude={"credentials", "expires_at"}),
            expires_at=registration.expires_at,
            sector=registration.id,
            created_at=self._clock(),
        )
        return await self.store(actor, "registerClient", row, registration.credentials)

    async def store(
        self, actor: ActingParty, operation: str, row: ClientRow, credentials: Credentials | None, *further: object
    ) -> RegistrationOutcome:
        """Store a new client with the `further` rows that belong to it, or raise `ClientError`.

        Without `credentials`, `row` itself defines how the client authenticates.
        """
        if row.agency not in self._agencies:
            raise ClientError(f"There is no agency {row.agency} in the file of the agencies.")
        secret = None
        if credentials is not None:
            self._check_secret(credentials)
            secret = self._set_credentials(row, credentials)
        try:
            async with self._database.session() as session:
                session.add_all([row, self._entry(actor, operation, row)])
                await session.flush()
                session.add_all(further)
        except IntegrityError:
            raise ClientError(f"There is a client {row.id} already, or one that is the same resource.") from None
        return RegistrationOutcome(row, secret)

    async def all(self) -> Sequence[ClientRow]:
        """Return every client, the oldest first."""
        async with self._database.session() as session:
            return (await session.scalars(select(ClientRow).order_by(ClientRow.created_at, ClientRow.id))).all()

    async def one(self, client_id: str) -> ClientRow:
        """Return one client, or raise `NoSuchClientError`."""
        async with self._database.session() as session:
            return await _one(session, client_id)

    async def rotate(self, actor: ActingParty, client_id: str, credentials: Credentials) -> RegistrationOutcome:
        """Replace the client's credentials: the old keys or the old secret are no longer accepted."""
        if credentials.method is AuthMethod.NONE:
            raise ClientError("Name the new credentials of the client: keys, their address, or a secret.")
        self._check_secret(credentials)
        async with self._database.session() as session:
            row = await _changeable(session, client_id)
            if row.public:
                raise ClientError(f"The client {client_id} is public: it has no credentials.")
            if row.auth_method == AuthMethod.IN_PROCESS:
                raise ClientError(f"The application {client_id} is behind a proxy: it has no credentials.")
            secret = self._set_credentials(row, credentials)
            session.add(self._entry(actor, "rotateClient", row))
        return RegistrationOutcome(row, secret)

    async def expire(self, actor: ActingParty, client_id: str, at: datetime) -> ClientRow:
        """Set the time at which the client expires."""
        async with self._database.session() as session:
            row = await _changeable(session, client_id)
            if "client_credentials" in row.grant_types and at > self._clock() + LONGEST_MACHINE:
                raise ClientError("A machine is registered for two years at most.")
            row.expires_at = at
            session.add(self._entry(actor, "expireClient", row))
        return row

    async def release_nik(self, actor: ActingParty, client_id: str, registration: NikRelease) -> ClientRow:
        """Permit a client of the code grant to request the NIK, on this legal basis."""
        async with self._database.session() as session:
            row = await _changeable(session, client_id)
            if "authorization_code" not in row.grant_types:
                raise ClientError(f"The client {client_id} has no code grant, so no one signs in to it.")
            row.nik_legal_basis = registration.nik_legal_basis
            row.scopes = list(dict.fromkeys((*row.scopes, RELEASE_SCOPE)))
            session.add(self._entry(actor, "releaseNik", row))
        return row

    async def set_origins(self, actor: ActingParty, client_id: str, registration: Origins) -> ClientRow:
        """Replace the origins whose pages may read our responses in a browser."""
        async with self._database.session() as session:
            row = await _changeable(session, client_id)
            if "authorization_code" not in row.grant_types:
                raise ClientError(f"The client {client_id} has no code grant, so no one signs in to it.")
            row.origins = list(dict.fromkeys(registration.origins))
            session.add(self._entry(actor, "setClientOrigins", row))
        return row

    async def withdraw(self, actor: ActingParty, client_id: str) -> None:
        """Withdraw the client for good, and revoke every grant that it has."""
        at = self._clock()
        async with self._database.session() as session:
            row = await _not_our_own(session, client_id)
            row.withdrawn_at = row.withdrawn_at or at
            row.secret_hash = row.secret_expires_at = row.jwks = row.jwks_uri = None
            revoking = update(GrantRow).where(GrantRow.client_id == client_id, GrantRow.revoked_at.is_(None))
            await session.execute(revoking.values(revoked_at=at))
            session.add(self._entry(actor, "withdrawClient", row))

    def _check(self, registration: Registration) -> None:
        if self._own_audience in (*registration.audiences, *registration.exchange_audiences):
            raise ClientError("The audience of people's tokens is not for machines.")
        if any(moment <= self._clock() for moment in registration.end_times()):
            raise ClientError("An expiry time must lie in the future.")
        if (
            registration.is_machine
            and registration.expires_at
            and registration.expires_at > self._clock() + LONGEST_MACHINE
        ):
            raise ClientError("A machine is registered for two years at most.")

    def _check_secret(self, credentials: Credentials) -> None:
        until, at = credentials.secret_until, self._clock()
        if until is not None and not at < until <= at + LONGEST_SECRET:
            raise ClientError("A secret must expire within a year.")

    def _set_credentials(self, row: ClientRow, credentials: Credentials) -> str | None:
        row.auth_method = credentials.method.value
        row.jwks, row.jwks_uri = credentials.jwks, credentials.jwks_uri
        row.secret_expires_at, row.secret_reason = credentials.secret_until, credentials.secret_reason
        secret = secrets.token_urlsafe(32) if credentials.secret_until is not None else None
        row.secret_hash = hash_client_secret(self._sealer, secret) if secret is not None else None
        return secret

    def _entry(self, actor: ActingParty, operation: str, row: ClientRow) -> object:
        further = f"NIK: {row.nik_legal_basis}" if row.nik_legal_basis else None
        return action_entry(actor, operation, "client", row.id, self._clock(), further)


async def _changeable(session: AsyncSession, client_id: str) -> ClientRow:
    row = await _not_our_own(session, client_id)
    if row.withdrawn_at is not None:
        raise ClientError(f"The client {client_id} was withdrawn.")
    return row


async def _not_our_own(session: AsyncSession, client_id: str) -> ClientRow:
    row = await _one(session, client_id)
    if row.id == PAGES_CLIENT:
        raise ClientError(f"The client {client_id} is the gateway's own.")
    return row


async def _one(session: AsyncSession, client_id: str) -> ClientRow:
    row = await session.get(ClientRow, client_id)
    if row is None:
        raise NoSuchClientError(f"There is no client {client_id}.")
    return row
