"""Notifications to account owners about changes of their account, at every proven contact."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity.contacts import ContactAddress, Contacts
from gateway.identity.messages.outbox import Outbox
from gateway.identity.messages.texts import MessageKind
from gateway.storage.engine import Database
from gateway.storage.tables.accounts import AccountRow


class AccountNotifier:
    """Writes notifications to account owners into the outbox."""

    def __init__(self, database: Database, contacts: Contacts, outbox: Outbox) -> None:
        self._database = database
        self._contacts = contacts
        self._outbox = outbox

    async def notify(
        self,
        session: AsyncSession,
        account_id: str,
        kind: MessageKind,
        *,
        also: ContactAddress | None = None,
        words: Mapping[str, str] | None = None,
    ) -> None:
        """Notify the owner, in the unit of work of the change; `also` at a contact that was just removed."""
        account = await session.get_one(AccountRow, account_id)
        known = await self._contacts.of(session, account_id)
        for to in dict.fromkeys([*known, *([also] if also else [])]):
            self._outbox.add(session, kind, to, account.locale, words=words)

    async def notify_now(self, account_id: str, kind: MessageKind) -> None:
        """Notify the owner, in a separate unit of work."""
        async with self._database.session() as session:
            await self.notify(session, account_id, kind)
