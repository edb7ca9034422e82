"""Proven e-mail addresses and telephone numbers of accounts: one of each kind, and each of one account only."""

import re
import uuid
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.ground.clock import Clock
from gateway.ground.sealing import Sealer
from gateway.storage.row_locks import changes_one
from gateway.storage.tables.accounts import ContactRow

_USE = "contact"
_LONGEST: Final = 254
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}",
    re.ASCII,
)
_PUNCTUATION = re.compile(r"[\s().-]")
_OURS = re.compile(r"\A(?:\+?620?|0)8", re.ASCII)
"""Prefix of an Indonesian mobile number, with the trunk zero, the country code, or both, as people write it."""
_TELEPHONE = re.compile(r"\+[1-9][0-9]{7,14}", re.ASCII)


class ContactKind(StrEnum):
    """Kinds of contact."""

    EMAIL = "email"
    TELEPHONE = "telephone"


@dataclass(frozen=True, slots=True)
class ContactAddress:
    """Address of a contact: an e-mail address in lower case, or a telephone number as `+` and digits (E.164)."""

    kind: ContactKind
    value: str = field(repr=False)

    @property
    def masked(self) -> str:
        """The address in a shortened form that its owner recognises."""
        if self.kind is ContactKind.TELEPHONE:
            return f"{self.value[:3]} ••• {self.value[-3:]}"
        name, _, host = self.value.partition("@")
        return f"{name[:1]}•••@{host}"


def read_address(typed: str) -> ContactAddress | None:
    """Read a typed address; None if it is invalid.

    A telephone number without a country code is an Indonesian mobile number. Numbers outside every country's numbering
    plan and premium numbers are invalid.
    """
    text = typed.strip()
    if len(text) > _LONGEST:
        return None
    if "@" in text:
        return ContactAddress(ContactKind.EMAIL, text.lower()) if _EMAIL.fullmatch(text) else None
    number = _OURS.sub("+628", _PUNCTUATION.sub("", text))
    return ContactAddress(ContactKind.TELEPHONE, number) if _is_dialled(number) else None


def _is_dialled(number: str) -> bool:
    """Whether this is a usual number of some country's plan, in E.164."""
    if not _TELEPHONE.fullmatch(number):
        return False
    import phonenumbers

    kinds = phonenumbers.PhoneNumberType
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.number_type(parsed) in {kinds.MOBILE, kinds.FIXED_LINE, kinds.FIXED_LINE_OR_MOBILE} and (
        phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == number
    )


class Contacts:
    """The contacts of accounts, sealed; looked up by fingerprint."""

    def __init__(self, sealer: Sealer, clock: Clock) -> None:
        self._sealer = sealer
        self._clock = clock

    async def owner(self, session: AsyncSession, address: ContactAddress) -> str | None:
        """Return the id of the account that has proven this address."""
        return await session.scalar(
            select(ContactRow.account_id).where(ContactRow.fingerprint == self._fingerprint(address))
        )

    async def of(self, session: AsyncSession, account_id: str) -> list[ContactAddress]:
        """Return the account's proven contacts."""
        rows = await session.scalars(
            select(ContactRow).where(ContactRow.account_id == account_id).order_by(ContactRow.kind)
        )
        return [
            ContactAddress(ContactKind(row.kind), self._sealer.unseal(_USE, row.value_sealed, bound_to=row.id).decode())
            for row in rows
        ]

    async def put(self, session: AsyncSession, account_id: str, address: ContactAddress) -> None:
        """Store an address that the account has proven, in place of the one of its kind.

        The database raises `IntegrityError` if the address belongs to another account.
        """
        await session.execute(
            delete(ContactRow).where(ContactRow.account_id == account_id, ContactRow.kind == address.kind.value)
        )
        number = str(uuid.uuid4())
        session.add(
            ContactRow(
                id=number,
                account_id=account_id,
                kind=address.kind.value,
                value_sealed=self._sealer.seal(_USE, address.value.encode(), bound_to=number),
                fingerprint=self._fingerprint(address),
                verified_at=self._clock(),
            )
        )
        await session.flush()

    async def remove(self, session: AsyncSession, account_id: str, kind: ContactKind) -> bool:
        """Delete the account's contact of this kind; False if there is none."""
        mine = delete(ContactRow).where(ContactRow.account_id == account_id, ContactRow.kind == kind.value)
        return await changes_one(session, mine)

    def _fingerprint(self, address: ContactAddress) -> str:
        return self._sealer.fingerprint(_USE, f"{address.kind}\n{address.value}")
