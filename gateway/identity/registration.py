"""Registration of residents: prove a contact, then choose a password. Only the contact's owner sees if it is taken."""

import json
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import IntegrityError

from gateway.ground.clock import WITA, Clock
from gateway.ground.sealing import Sealer, UnsealError
from gateway.identity.contact_codes import ContactCodes
from gateway.identity.contacts import ContactAddress, ContactKind, Contacts
from gateway.identity.messages.texts import MessageKind
from gateway.identity.passwords import TYPED_ALPHABET, Passwords
from gateway.policy.principal import Role
from gateway.storage.engine import Database
from gateway.storage.tables.accounts import AccountRow

PROVEN_FOR: Final = timedelta(minutes=15)

_USE = "registration"


@dataclass(frozen=True, slots=True)
class PendingRegistration:
    """A person who has proven a contact, and the name that they entered."""

    address: ContactAddress
    name: str


class AccountRegistration:
    """Opens accounts of residents."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        clock: Clock,
        passwords: Passwords,
        contacts: Contacts,
        codes: ContactCodes,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._passwords = passwords
        self._contacts = contacts
        self._codes = codes

    async def send_code(self, address: ContactAddress, name: str, language: str) -> str:
        """Send a code to this contact, or a notice that it has an account; return the flow id."""
        content = {"kind": address.kind.value, "value": address.value, "name": name}
        async with self._database.session() as session:
            if await self._contacts.owner(session, address) is not None:
                return self._codes.send_notice(session, MessageKind.REGISTER_TAKEN, address, language)
            return self._codes.send(session, MessageKind.REGISTER_CODE, address, language, content)

    async def prove(self, flow: str, code: str) -> str | None:
        """Check the code; return sealed evidence for the password form, or None."""
        async with self._database.session() as session:
            content = await self._codes.consume(session, MessageKind.REGISTER_CODE, flow, code)
        if content is None:
            return None
        return self._sealer.token(_USE, json.dumps({**content, "at": self._clock().timestamp()}).encode())

    def open_evidence(self, proven: str) -> PendingRegistration | None:
        """Open the sealed evidence; None if it is invalid or has expired."""
        try:
            content = json.loads(self._sealer.open_token(_USE, proven))
        except UnsealError:
            return None
        if self._clock() - datetime.fromtimestamp(content["at"], WITA) > PROVEN_FOR:
            return None
        return PendingRegistration(ContactAddress(ContactKind(content["kind"]), content["value"]), content["name"])

    async def open(self, applicant: PendingRegistration, password: str, language: str) -> str | None:
        """Open the account and return its id; None if the contact has an account by now (also by the same form)."""
        account_id, hashed = str(uuid.uuid4()), await self._passwords.hash(password)
        try:
            async with self._database.session() as session:
                session.add(
                    AccountRow(
                        id=account_id,
                        username=_username(),
                        password_hash=hashed,
                        password_set_at=self._clock(),
                        display_name=applicant.name,
                        roles=[Role.RESIDENT.value],
                        locale=language,
                        created_at=self._clock(),
                    )
                )
                await session.flush()
                await self._contacts.put(session, account_id, applicant.address)
        except IntegrityError:
            return None
        return account_id


def _username() -> str:
    """Generate a username. Residents do not need it: they sign in with their contact."""
    return "warga-" + "".join(secrets.choice(TYPED_ALPHABET) for _ in range(10))
