"""Consents of an account to apps: list and withdraw, with immediate effect."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.ground.clock import Clock
from gateway.identity.sign_out import revoke_grants
from gateway.storage.engine import Database
from gateway.storage.tables.clients import ClientRow, ConsentRow


@dataclass(frozen=True, slots=True)
class OwnConsent:
    """The consent to one app: its titles by language, the scopes, and the time of the first."""

    client_id: str
    titles: dict[str, str]
    scopes: tuple[str, ...]
    given_at: datetime


class OwnConsents:
    """Lists and withdraws the consents of accounts."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of(self, account_id: str) -> Sequence[OwnConsent]:
        """Return the consents of an account, one for each app, by title."""
        async with self._database.session() as session:
            rows = await session.execute(
                select(ConsentRow, ClientRow)
                .join(ClientRow, ClientRow.id == ConsentRow.client_id)
                .where(ConsentRow.account_id == account_id, ConsentRow.withdrawn_at.is_(None))
                .order_by(ClientRow.title_id, ClientRow.id, ConsentRow.id)
            )
            by_client: dict[str, list[tuple[ConsentRow, ClientRow]]] = {}
            for consent, client in rows:
                by_client.setdefault(client.id, []).append((consent, client))
        return [_consent([consent for consent, _ in given], given[0][1]) for given in by_client.values()]

    async def withdraw(self, account_id: str, client_id: str, scope: str | None = None) -> bool:
        """Withdraw the consent to an app, or to one scope of it, and revoke its grants. False if there was none.

        The grants are revoked even for one scope, since tokens contain it; the app can request new ones without it.
        """
        async with self._database.session() as session:
            if not await self._withdrawn(session, account_id, client_id, scope):
                return False
            await revoke_grants(session, account_id, self._clock(), client=client_id)
        return True

    async def _withdrawn(self, session: AsyncSession, account_id: str, client_id: str, scope: str | None) -> bool:
        given = select(ConsentRow.id).where(
            ConsentRow.account_id == account_id, ConsentRow.client_id == client_id, ConsentRow.withdrawn_at.is_(None)
        )
        ids = (await session.scalars(given if scope is None else given.where(ConsentRow.scope == scope))).all()
        withdrawal = update(ConsentRow).where(ConsentRow.id.in_(ids), ConsentRow.withdrawn_at.is_(None))
        await session.execute(withdrawal.values(withdrawn_at=self._clock()))
        return bool(ids)


def _consent(given: list[ConsentRow], client: ClientRow) -> OwnConsent:
    titles = {"id": client.title_id, "en": client.title_en}
    scopes = tuple(dict.fromkeys(one.scope for one in given))
    return OwnConsent(client.id, titles, scopes, min(one.given_at for one in given))
