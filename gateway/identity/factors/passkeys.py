"""Passkeys (W3C WebAuthn, level 2): device keys that prove their owner to our address only.

Challenges are sealed, not stored, until they are answered. An answered challenge is stored, so that it cannot be used
again. No attestation is requested, since the make of a device does not matter here.
"""

import json
import logging
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.ground.clock import WITA, Clock
from gateway.ground.sealing import Sealer, UnsealError
from gateway.identity.asserted_identity import read_name
from gateway.identity.one_time_proofs import OneTimeProofs
from gateway.storage.engine import Database
from gateway.storage.row_locks import changes_one
from gateway.storage.tables.factors import PasskeyRow

CHALLENGE_LIFE: Final = timedelta(minutes=10)
MOST: Final = 10
"""Largest number of passkeys of one account."""

_CHALLENGE = "passkey-challenge"
_HANDLE = "passkey-user"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class VerifiedPasskey:
    """Account of a verified passkey; `verified`: the device verified its user (PIN, finger, face)."""

    account_id: str
    verified: bool


class _RefusedError(Exception):
    """The device's response does not pass the verification."""


class Passkeys:
    """The passkeys of accounts. Not offered at bare IP addresses, which WebAuthn does not allow."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock, proofs: OneTimeProofs, issuer: str) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._proofs = proofs
        parts = urlsplit(issuer)
        self._host = parts.hostname or ""
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self.offered = not _is_number(self._host)

    async def registration_options(self, account_id: str, name: str, browser: str) -> str:
        """Return the options by which the browser creates a passkey (JSON); the device shows `name` for the account."""
        import webauthn
        from webauthn.helpers.structs import (
            AuthenticatorSelectionCriteria,
            PublicKeyCredentialDescriptor,
            ResidentKeyRequirement,
            UserVerificationRequirement,
        )

        async with self._database.session() as session:
            known = await self.of(session, account_id)
        options = webauthn.generate_registration_options(
            rp_id=self._host,
            rp_name="Gerbang Banjarmasin",
            user_id=bytes.fromhex(self._sealer.fingerprint(_HANDLE, account_id)),
            user_name=name,
            user_display_name=name,
            challenge=self._challenge(browser),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED,
                user_verification=UserVerificationRequirement.PREFERRED,
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=row.credential_id) for row in known],
        )
        return webauthn.options_to_json(options)

    async def register(self, account_id: str, browser: str, answer: str, label: str) -> bool:
        """Store the passkey that the browser created; False if its response is invalid, or the account has too many."""
        import webauthn

        try:
            verified = webauthn.verify_registration_response(
                credential=answer,
                expected_challenge=await self._consume_challenge(browser, answer),
                expected_rp_id=self._host,
                expected_origin=self._origin,
            )
        except SQLAlchemyError:
            raise  # a failure of the database is ours, not a refusal
        except Exception as error:  # noqa: BLE001 - untrusted CBOR: any error counts as a refusal
            _log_refusal(error)
            return False
        row = PasskeyRow(
            id=str(uuid.uuid4()),
            account_id=account_id,
            credential_hash=sha256(verified.credential_id).hexdigest(),
            credential_id=verified.credential_id,
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            label=(read_name(label) or "Passkey")[:64],
            created_at=self._clock(),
        )
        try:
            async with self._database.session() as session:
                if len(await self.of(session, account_id)) >= MOST:
                    return False
                session.add(row)
        except IntegrityError:
            return False
        return True

    async def authentication_options(self, browser: str, account_id: str | None = None) -> str:
        """Return the options by which the browser signs in (JSON): with any passkey, or with one of this account."""
        import webauthn
        from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

        known: list[PasskeyRow] = []
        if account_id is not None:
            async with self._database.session() as session:
                known = await self.of(session, account_id)
        needed = UserVerificationRequirement.REQUIRED if account_id is None else UserVerificationRequirement.PREFERRED
        options = webauthn.generate_authentication_options(
            rp_id=self._host,
            challenge=self._challenge(browser),
            allow_credentials=[PublicKeyCredentialDescriptor(id=row.credential_id) for row in known],
            user_verification=needed,
        )
        return webauthn.options_to_json(options)

    async def authenticate(self, browser: str, answer: str) -> VerifiedPasskey | None:
        """Verify a response of the browser; return its passkey's account, or None."""
        try:
            return await self._authenticate(browser, answer)
        except SQLAlchemyError:
            raise  # a failure of the database is ours, not a refusal
        except Exception as error:  # noqa: BLE001 - untrusted bytes: any error counts as a refusal
            _log_refusal(error)
            return None

    async def _authenticate(self, browser: str, answer: str) -> VerifiedPasskey:
        import webauthn

        challenge = await self._consume_challenge(browser, answer)
        credential = webauthn.base64url_to_bytes(json.loads(answer)["rawId"])
        async with self._database.session() as session:
            row = await session.scalar(
                select(PasskeyRow).where(
                    PasskeyRow.credential_hash == sha256(credential).hexdigest(), PasskeyRow.removed_at.is_(None)
                )
            )
            if row is None:
                raise _RefusedError
            proven = webauthn.verify_authentication_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=self._host,
                expected_origin=self._origin,
                credential_public_key=row.public_key,
                credential_current_sign_count=row.sign_count,
            )
            counted = update(PasskeyRow).where(PasskeyRow.id == row.id, PasskeyRow.sign_count == row.sign_count)
            if not await changes_one(session, counted.values(sign_count=proven.new_sign_count, used_at=self._clock())):
                raise _RefusedError
            return VerifiedPasskey(row.account_id, proven.user_verified)

    async def of(self, session: AsyncSession, account_id: str) -> list[PasskeyRow]:
        """Return the account's passkeys, the oldest first."""
        mine = select(PasskeyRow).where(PasskeyRow.account_id == account_id, PasskeyRow.removed_at.is_(None))
        return list(await session.scalars(mine.order_by(PasskeyRow.created_at)))

    async def remove(self, session: AsyncSession, account_id: str, passkey_id: str) -> bool:
        """Remove one of the account's passkeys; False if the account has no such passkey."""
        mine = update(PasskeyRow).where(
            PasskeyRow.id == passkey_id, PasskeyRow.account_id == account_id, PasskeyRow.removed_at.is_(None)
        )
        return await changes_one(session, mine.values(removed_at=self._clock()))

    def _challenge(self, browser: str) -> bytes:
        at = self._clock().timestamp()
        return self._sealer.token(_CHALLENGE, f"{at} {browser} {secrets.token_hex(16)}".encode()).encode()

    async def _consume_challenge(self, browser: str, answer: str) -> bytes:
        """Return and consume the challenge of a response; raise `_RefusedError` if it is not ours, used or expired."""
        from webauthn import base64url_to_bytes

        client_data = json.loads(base64url_to_bytes(json.loads(answer)["response"]["clientDataJSON"]))
        challenge = base64url_to_bytes(client_data["challenge"]).decode("ascii")
        try:
            at, owner, _ = self._sealer.open_token(_CHALLENGE, challenge).decode().split(" ")
        except UnsealError:
            raise _RefusedError from None
        age = self._clock() - datetime.fromtimestamp(float(at), WITA)
        if (
            owner != browser
            or age > CHALLENGE_LIFE
            or not await self._proofs.consume_new(_CHALLENGE, challenge, 2 * CHALLENGE_LIFE)
        ):
            raise _RefusedError
        return challenge.encode()


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _log_refusal(error: Exception) -> None:
    log.info("passkey refused", extra={"error": type(error).__name__})
