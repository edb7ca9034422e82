"""Verification of an account's NIK: by an officer who sees the KTP, or by an issuer that is trusted to assert it.

One NIK, one account. The resident shows a one-time code; the officer types it with the number on the card. One update
of the account's row decides, and the database allows each NIK in one account only.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.ground.clock import Clock
from gateway.ground.sealing import Sealer
from gateway.identity.messages.notifier import AccountNotifier
from gateway.identity.messages.texts import MessageKind
from gateway.identity.one_time_proofs import OneTimeProofs, new_code
from gateway.identity.subjects import NIK_SEAL
from gateway.storage.engine import Database
from gateway.storage.row_locks import changes_one
from gateway.storage.tables.accounts import AccountRow

CODE_LIFE: Final = timedelta(minutes=15)

_USE = "counter"


class NikOutcome(StrEnum):
    """Outcome of a verification. `taken`: the NIK is another account's; `other`: the account has another NIK."""

    VERIFIED = "verified"
    NO_CODE = "no-code"
    TAKEN = "taken"
    OTHER = "other"


class _RollbackError(Exception):
    """Rolls the unit of work back."""

    def __init__(self, outcome: NikOutcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class NikVerification:
    """Stores the verified NIK of accounts."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock, notifier: AccountNotifier) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._notifier = notifier
        self._proofs = OneTimeProofs(database, sealer, clock)

    async def issue_code(self, account_id: str) -> str:
        """Issue an eight-digit code for the officer; earlier codes of the account become invalid."""
        while True:
            code = new_code(8)
            try:
                async with self._database.session() as session:
                    await self._proofs.invalidate(session, _USE, account_id)
                    self._proofs.add(
                        session, _USE, code, {"account": account_id}, life=CODE_LIFE, account_id=account_id
                    )
            except IntegrityError:
                continue  # the code is in use by another account
            return code

    async def verify_by_officer(self, code: str, nik: str, officer: str, document: str | None = None) -> NikOutcome:
        """Verify a NIK by the resident's code and the document that an officer saw. `officer` is their account id.

        `document` is the kind of document, if known; it is stored with the verifier. Only a success consumes the code,
        so that a wrong number can be corrected.
        """
        try:
            async with self._database.session() as session:
                content = await self._proofs.consume(session, _USE, "".join(code.split()))
                if content is None:
                    return NikOutcome.NO_CODE
                by = ":".join(["counter", officer, *([document] if document else [])])
                await self._verify(session, content["account"], nik, by)
        except IntegrityError:
            return NikOutcome.TAKEN
        except _RollbackError as undone:
            return undone.outcome
        return NikOutcome.VERIFIED

    async def verify_by_issuer(self, account_id: str, nik: str, issuer: str) -> NikOutcome:
        """Verify a NIK that a trusted issuer asserts, for the account that has just signed in there."""
        try:
            async with self._database.session() as session:
                await self._verify(session, account_id, nik, f"issuer:{issuer}")
        except IntegrityError:
            return NikOutcome.TAKEN
        except _RollbackError as undone:
            return undone.outcome
        return NikOutcome.VERIFIED

    async def is_verified(self, account_id: str) -> bool:
        """Whether the account has a verified NIK."""
        async with self._database.session() as session:
            query = select(AccountRow.nik_fingerprint).where(AccountRow.id == account_id)
            return await session.scalar(query) is not None

    async def _verify(self, session: AsyncSession, account_id: str, nik: str, by: str) -> None:
        fingerprint = self._sealer.fingerprint(NIK_SEAL, nik)
        free = update(AccountRow).where(
            AccountRow.id == account_id,
            AccountRow.withdrawn_at.is_(None),
            or_(AccountRow.nik_fingerprint.is_(None), AccountRow.nik_fingerprint == fingerprint),
        )
        given = free.values(
            nik_fingerprint=fingerprint,
            nik_sealed=self._sealer.seal(NIK_SEAL, nik.encode()),
            nik_verified_at=self._clock(),
            nik_verified_by=by,
        )
        if not await changes_one(session, given):
            raise _RollbackError(NikOutcome.OTHER)
        await self._notifier.notify(session, account_id, MessageKind.NIK_VERIFIED)
