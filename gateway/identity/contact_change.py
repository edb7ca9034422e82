"""Change or removal of an account's e-mail address or telephone number.

A code proves a new contact; the old and the new one are notified. A contact is removed only if another one remains:
without one, the password could not be recovered and the owner could not be notified. Both actions are recorded in the
access log.
"""

from enum import StrEnum

from sqlalchemy.exc import IntegrityError

from gateway.ground.clock import Clock
from gateway.identity.contact_codes import ContactCodes
from gateway.identity.contacts import ContactAddress, ContactKind, Contacts
from gateway.identity.messages.notifier import AccountNotifier
from gateway.identity.messages.texts import MessageKind
from gateway.policy.access_log.actions import ActingParty, own_action_entry
from gateway.policy.principal import Role
from gateway.storage.engine import Database
from gateway.storage.row_locks import lock_account


class ContactRemoval(StrEnum):
    """Outcome of a removal. `absent`: there is none of this kind (any more); `last`: it is the only one."""

    DONE = "done"
    ABSENT = "absent"
    LAST = "last"


class ContactChange:
    """Changes the contacts of accounts."""

    def __init__(
        self, database: Database, clock: Clock, *, contacts: Contacts, codes: ContactCodes, notifier: AccountNotifier
    ) -> None:
        self._database = database
        self._clock = clock
        self._contacts = contacts
        self._codes = codes
        self._notifier = notifier

    async def held(self, account_id: str) -> list[ContactAddress]:
        """Return the account's contacts."""
        async with self._database.session() as session:
            return await self._contacts.of(session, account_id)

    async def send_code(self, account_id: str, address: ContactAddress, language: str) -> str:
        """Send a code to the new contact, or a notice that it belongs to an account; return the flow id."""
        content = {"account": account_id, "kind": address.kind.value, "value": address.value}
        async with self._database.session() as session:
            if await self._contacts.owner(session, address) is not None:
                return self._codes.send_notice(session, MessageKind.CONTACT_TAKEN, address, language)
            return self._codes.send(session, MessageKind.CONTACT_CODE, address, language, content)

    async def finish(self, actor: ActingParty, roles: frozenset[Role], flow: str, code: str) -> bool:
        """Store the contact that the code proves; False if the code is wrong, or another account has proven it first.

        `actor` is the account itself, which has just signed in.
        """
        account_id = actor.principal
        try:
            async with self._database.session() as session:
                content = await self._codes.consume(session, MessageKind.CONTACT_CODE, flow, code)
                if content is None or content["account"] != account_id:
                    return False
                address = ContactAddress(ContactKind(content["kind"]), content["value"])
                before = await self._contacts.of(session, account_id)
                lost = next((one for one in before if one.kind is address.kind), None)
                await self._contacts.put(session, account_id, address)
                words = {"contact": address.masked}
                await self._notifier.notify(session, account_id, MessageKind.CONTACT_CHANGED, also=lost, words=words)
                session.add(own_action_entry(actor, roles, "changeMyContact", "contact", self._clock()))
        except IntegrityError:
            return False
        return True

    async def remove(self, actor: ActingParty, roles: frozenset[Role], kind: ContactKind) -> ContactRemoval:
        """Remove the contact of this kind, and notify it and the remaining one; `actor` as for `finish`."""
        account_id = actor.principal
        async with self._database.session() as session:
            # The lock serialises concurrent removals, so that two of them never remove the last two contacts.
            if not await lock_account(session, account_id):
                return ContactRemoval.ABSENT
            held = await self._contacts.of(session, account_id)
            lost = next((one for one in held if one.kind is kind), None)
            if lost is None:
                return ContactRemoval.ABSENT
            if len(held) == 1:
                return ContactRemoval.LAST
            await self._contacts.remove(session, account_id, kind)
            words = {"contact": lost.masked}
            await self._notifier.notify(session, account_id, MessageKind.CONTACT_REMOVED, also=lost, words=words)
            session.add(own_action_entry(actor, roles, "removeMyContact", "contact", self._clock()))
        return ContactRemoval.DONE
