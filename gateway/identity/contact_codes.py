"""Codes that are sent to a contact: six digits, ten minutes, five tries, good in the browser that asked for them.

The number of the asking (`flow`) stays in that browser. Whether a code was really sent, or a message that there is
nothing to do, or none at all, cannot be seen from outside: the same rows are written.
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
    """Sends codes and judges them."""

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
        """Send a code that proves `content`; gives the flow. To nobody: everything but the message."""
        flow, code = secrets.token_urlsafe(32), new_code()
        self._proofs.add(session, kind.value, _secret(flow, code), content, life=CODE_LIFE)
        self._outbox.add(session, kind, to, language, words={"code": code}, life=CODE_LIFE)
        return flow

    def send_other(self, session: AsyncSession, kind: MessageKind, to: ContactAddress, language: str) -> str:
        """Tell `to` something else instead of a code; the flow that is given leads nowhere."""
        self._proofs.add(session, kind.value, secrets.token_urlsafe(32), {}, life=CODE_LIFE)
        self._outbox.add(session, kind, to, language, life=CODE_LIFE)
        return secrets.token_urlsafe(32)

    async def may_try(self, flow: str) -> float | None:
        """None when a code may be tried; else the seconds to wait."""
        return await self._guesses.attempt([(f"code {flow}", PER_FACTOR)])

    async def consume(
        self, session: AsyncSession, kind: MessageKind, flow: str, typed: str
    ) -> Mapping[str, str] | None:
        """What the code proves, once."""
        return await self._proofs.consume(session, kind.value, _secret(flow, "".join(typed.split())))


def _secret(flow: str, code: str) -> str:
    return f"{flow}\n{code}"
