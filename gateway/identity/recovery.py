"""Password recovery: a code to a contact of the account, then a new password. Second factors stay unchanged."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.ground.clock import WITA, Clock
from gateway.ground.sealing import Sealer, UnsealError
from gateway.identity.contact_codes import CODE_LIFE, ContactCodes
from gateway.identity.contacts import ContactAddress, ContactKind, Contacts
from gateway.identity.messages.notifier import AccountNotifier
from gateway.identity.messages.texts import MessageKind
from gateway.identity.one_time_proofs import OneTimeProofs
from gateway.identity.self_service.password import PasswordChange
from gateway.storage.engine import Database

_USE: Final = "recovery"


@dataclass(frozen=True, slots=True)
class PendingRecovery:
    """A person who has proven this contact of this account; `once` lets the proof be used once."""

    account_id: str
    address: ContactAddress
    once: str


class AccountRecovery:
    """Sets a new password for an account whose contact was proven."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        clock: Clock,
        *,
        contacts: Contacts,
        codes: ContactCodes,
        change: PasswordChange,
        notifier: AccountNotifier,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._contacts = contacts
        self._codes = codes
        self._change = change
        self._notifier = notifier
        self._proofs = OneTimeProofs(database, sealer, clock)

    async def send_code(self, address: ContactAddress, language: str) -> str:
        """Send a code to this contact if an account has it, and do the same work if not; return the flow id."""
        async with self._database.session() as session:
            owner = await self._contacts.owner(session, address)
            to = address if owner else None
            content = {"account": owner or "", "kind": address.kind.value, "value": address.value}
            return self._codes.send(session, MessageKind.RECOVER_CODE, to, language, content)

    async def prove(self, flow: str, code: str) -> str | None:
        """Check the code; return sealed evidence for the password form, or None."""
        async with self._database.session() as session:
            content = await self._codes.consume(session, MessageKind.RECOVER_CODE, flow, code)
        if content is None or not content["account"]:
            return None
        evidence = {**content, "at": self._clock().timestamp(), "once": secrets.token_hex(16)}
        return self._sealer.token(_USE, json.dumps(evidence).encode())

    def open_evidence(self, proven: str) -> PendingRecovery | None:
        """Open the sealed evidence; None if it is invalid or has expired."""
        try:
            content = json.loads(self._sealer.open_token(_USE, proven))
        except UnsealError:
            return None
        if self._clock() - datetime.fromtimestamp(content["at"], WITA) > CODE_LIFE:
            return None
        address = ContactAddress(ContactKind(content["kind"]), content["value"])
        return PendingRecovery(content["account"], address, content["once"])

    async def finish(self, recovery: PendingRecovery, password: str) -> bool:
        """Set the new password, end every session and grant, and notify the owner.

        False at a second use, or if the contact no longer belongs to the account. So a person who removed a stolen
        mailbox from their account is safe from that moment.
        """
        hashed = await self._change.hash(password)
        if not await self._proofs.consume_new(_USE, recovery.once, 2 * CODE_LIFE):
            return False
        async with self._database.session() as session:
            if await self._contacts.owner(session, recovery.address) != recovery.account_id:
                return False
            await self._change.store(session, recovery.account_id, hashed)
            await self._notifier.notify(session, recovery.account_id, MessageKind.PASSWORD_CHANGED)
        return True
