"""Transactional outbox: messages are stored with their change in one commit and sent afterwards, once if possible.

A worker claims a message for two minutes by an atomic update, so that processes share the work. A message is sent twice
only if a process dies between sending it and recording that. Its number stays the same, by which a mail server or an
SMS provider may recognise it.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Protocol

from sqlalchemy import delete, event, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from gateway.ground.clock import Clock
from gateway.ground.sealing import Sealer
from gateway.identity.contacts import ContactAddress, ContactKind
from gateway.identity.messages.texts import MESSAGES, MessageKind
from gateway.storage.engine import Database
from gateway.storage.row_locks import changes_one
from gateway.storage.tables.messages import OutboxMessageRow

CLAIM_TIME: Final = timedelta(minutes=2)
RETRY_PAUSES: Final = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 3600, 3600))
"""Pauses after failed attempts; after the last one the message is given up."""
LIFE: Final = timedelta(hours=12)

_USE = "outbox"
_RETENTION = timedelta(days=30)
_POLL_SECONDS = 5.0

log = logging.getLogger(__name__)


class MessageNotSentError(Exception):
    """The mail server or SMS provider did not accept the message."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `number` is the same at every attempt."""

    number: str
    to: ContactAddress
    subject: str
    text: str = field(repr=False)


class Sender(Protocol):
    """Sends messages to one kind of contact."""

    async def send(self, message: Message) -> None:
        """Return if the message was accepted; raise `MessageNotSentError` if not."""
        ...


class Outbox:
    """Stores messages to send."""

    def __init__(self, sealer: Sealer, clock: Clock) -> None:
        self._sealer = sealer
        self._clock = clock
        self.written = asyncio.Event()

    def add(
        self,
        session: AsyncSession,
        kind: MessageKind,
        to: ContactAddress | None,
        language: str,
        *,
        words: Mapping[str, str] | None = None,
        life: timedelta = LIFE,
    ) -> None:
        """Store a message, to be sent within `life`. Without a recipient it costs the same, against timing attacks."""
        subject, text = MESSAGES[kind][language]
        content = {
            "to": [to.kind.value, to.value] if to else None,
            "subject": subject,
            "text": text.format(**(words or {})),
            "until": (self._clock() + life).timestamp(),
        }
        at = self._clock()
        session.add(
            OutboxMessageRow(
                kind=kind.value,
                sealed=self._sealer.seal(_USE, json.dumps(content).encode(), bound_to=kind.value),
                created_at=at,
                due_at=at,
                tries=0,
            )
        )
        event.listen(session.sync_session, "after_commit", self._wake)

    def _wake(self, _session: Session) -> None:
        self.written.set()


class OutboxWorker:
    """Sends the messages of the outbox, from `start` to `aclose`; unsent ones are left to the next process."""

    def __init__(
        self, database: Database, sealer: Sealer, clock: Clock, outbox: Outbox, senders: dict[ContactKind, Sender]
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._outbox = outbox
        self._senders = senders
        self._task: asyncio.Task[None] | None = None

    @property
    def supported_kinds(self) -> frozenset[ContactKind]:
        """Kinds of contact to which messages can be sent."""
        return frozenset(self._senders)

    def start(self) -> None:
        """Start the background task."""
        self._task = asyncio.create_task(self._run(), name="outbox")

    async def aclose(self) -> None:
        """Stop the background task. A message that is being sent may be sent again by the next process."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def deliver_due(self) -> int:
        """Send every due message; return how many were sent."""
        sent = 0
        while (row := await self._claim()) is not None:
            sent += await self._deliver(row)
        return sent

    async def delete_expired(self) -> None:
        """Delete messages that were sent or given up, a month after they were written."""
        done = or_(OutboxMessageRow.sent_at.is_not(None), OutboxMessageRow.due_at.is_(None))
        async with self._database.session() as session:
            await session.execute(
                delete(OutboxMessageRow).where(done, OutboxMessageRow.created_at < self._clock() - _RETENTION)
            )

    async def _run(self) -> None:
        while True:
            self._outbox.written.clear()
            try:
                await self.deliver_due()
            except Exception as error:  # noqa: BLE001 - whatever fails, the next round is in five seconds
                log.warning("outbox not served", extra={"error": type(error).__name__})
            with contextlib.suppress(TimeoutError):
                # Messages of other processes and failed ones become due without the event.
                await asyncio.wait_for(self._outbox.written.wait(), _POLL_SECONDS)

    async def _claim(self) -> OutboxMessageRow | None:
        at = self._clock()
        async with self._database.session() as session:
            due = select(OutboxMessageRow).where(OutboxMessageRow.due_at <= at, OutboxMessageRow.sent_at.is_(None))
            for row in await session.scalars(due.order_by(OutboxMessageRow.id).limit(20)):
                mine = update(OutboxMessageRow).where(
                    OutboxMessageRow.id == row.id, OutboxMessageRow.tries == row.tries
                )
                if await changes_one(session, mine.values(due_at=at + CLAIM_TIME, tries=row.tries + 1)):
                    return row
        return None

    async def _deliver(self, row: OutboxMessageRow) -> bool:
        content = json.loads(self._sealer.unseal(_USE, row.sealed, bound_to=row.kind))
        if content["to"] is None or self._clock().timestamp() > content["until"]:
            await self._update(row, sealed=b"", due_at=None)
            return False
        kind, value = content["to"]
        to = ContactAddress(ContactKind(kind), value)
        try:
            await self._sender(to.kind).send(Message(f"gerbang-{row.id}", to, content["subject"], content["text"]))
        except MessageNotSentError:
            await self._failed(row)
            return False
        await self._update(row, sealed=b"", due_at=None, sent_at=self._clock())
        return True

    def _sender(self, kind: ContactKind) -> Sender:
        if kind not in self._senders:
            raise MessageNotSentError
        return self._senders[kind]

    async def _failed(self, row: OutboxMessageRow) -> None:
        tries = row.tries  # the value before this attempt
        if tries >= len(RETRY_PAUSES):
            log.error("message given up", extra={"operation": row.kind})
            await self._update(row, sealed=b"", due_at=None)
        else:
            log.warning("message not sent", extra={"operation": row.kind})
            await self._update(row, due_at=self._clock() + RETRY_PAUSES[tries])

    async def _update(self, row: OutboxMessageRow, **values: object) -> None:
        async with self._database.session() as session:
            await session.execute(update(OutboxMessageRow).where(OutboxMessageRow.id == row.id).values(**values))
