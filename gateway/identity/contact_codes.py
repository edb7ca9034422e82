"""Codes sent to a contact: six digits, ten minutes, five attempts, valid only in the browser that requested them.

The flow id stays in that browser. Each request writes the same rows, so that an outsider cannot see whether a code was
sent, a notice, or nothing.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity.contacts import ContactAddress
from gateway.identity.guess_limits import PER_FACTOR, GuessLimit
from gateway.identity.messages.outbox import Outbox
from gateway.identity.messages.texts import MessageKind
from gateway.identity.one_time_proofs import OneTimeProofs, new_code

CODE_LIFE: Final = timedelta(minutes=10)


class ContactCodes:
    """Sends and verifies codes."""

    def __init__(self, proofs: OneTimeProofs, outbox: Outbox, guesses: GuessLimit) -> None:
        self._proofs = proofs
        self._outbox = outbox
        self._guesses = guesses

    def send(
        self,
        session: AsyncSession,
        kind: MessageKind,
        to: ContactAddress | None,
        language: str,
        content: Mapping[str, str],
    ) -> str:
        """Send a code that proves `content`; return the flow id. Without a recipient, only the message is left out."""
        flow, code = secrets.token_urlsafe(32), new_code()
        self._proofs.add(session, kind.value, _secret(flow, code), content, life=CODE_LIFE)
        self._outbox.add(session, kind, to, language, words={"code": code}, life=CODE_LIFE)
        return flow

    def send_notice(self, session: AsyncSession, kind: MessageKind, to: ContactAddress, language: str) -> str:
        """Send a notice to `to` instead of a code; the returned flow id is not usable."""
        self._proofs.add(session, kind.value, secrets.token_urlsafe(32), {}, life=CODE_LIFE)
        self._outbox.add(session, kind, to, language, life=CODE_LIFE)
        return secrets.token_urlsafe(32)

    async def check_limit(self, flow: str) -> float | None:
        """Return None if a code may be tried; else the seconds to wait."""
        return await self._guesses.attempt([(f"code {flow}", PER_FACTOR)])

    async def consume(
        self, session: AsyncSession, kind: MessageKind, flow: str, typed: str
    ) -> Mapping[str, str] | None:
        """Consume the code and return its content; None if it is invalid."""
        return await self._proofs.consume(session, kind.value, _secret(flow, "".join(typed.split())))


def _secret(flow: str, code: str) -> str:
    return f"{flow}\n{code}"
