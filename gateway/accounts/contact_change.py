"""Another e-mail address or telephone number for an account: proven by a code, told to the old and to the new."""

from sqlalchemy.exc import IntegrityError

from gateway.accounts.codes import Codes
from gateway.accounts.contacts import Address, ContactKind, Contacts
from gateway.accounts.message_texts import MessageKind
from gateway.accounts.telling import Telling
from gateway.storage.engine import Database


class ContactChange:
    """Changes the contacts of accounts."""

    def __init__(self, database: Database, contacts: Contacts, codes: Codes, telling: Telling) -> None:
        self._database = database
        self._contacts = contacts
        self._codes = codes
        self._telling = telling

    async def held(self, account_id: str) -> list[Address]:
        """The account's contacts."""
        async with self._database.session() as session:
            return await self._contacts.of(session, account_id)

    async def ask(self, account_id: str, address: Address, language: str) -> str:
        """Send a code to the new contact, or word that it is somebody's already; gives the flow."""
        content = {"account": account_id, "kind": address.kind.value, "value": address.value}
        async with self._database.session() as session:
            if await self._contacts.owner(session, address) is not None:
                return self._codes.send_other(session, MessageKind.CONTACT_TAKEN, address, language)
            return self._codes.send(session, MessageKind.CONTACT_CODE, address, language, content)

    async def finish(self, account_id: str, flow: str, code: str) -> bool:
        """Take the contact into use by its code; False when the code is not right, or somebody else was first."""
        try:
            async with self._database.session() as session:
                content = await self._codes.consume(session, MessageKind.CONTACT_CODE, flow, code)
                if content is None or content["account"] != account_id:
                    return False
                address = Address(ContactKind(content["kind"]), content["value"])
                before = await self._contacts.of(session, account_id)
                lost = next((one for one in before if one.kind is address.kind), None)
                await self._contacts.put(session, account_id, address)
                words = {"contact": address.masked}
                await self._telling.tell(session, account_id, MessageKind.CONTACT_CHANGED, also=lost, words=words)
        except IntegrityError:
            return False
        return True
