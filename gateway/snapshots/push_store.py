"""Stores pushes before they are answered: each push once in thirty days, and the newest state of each record."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.ground.clock import WITA
from gateway.records.serialization import pack, unpack
from gateway.snapshots.overlay import Pushed
from gateway.snapshots.snapshot import SnapshotKey
from gateway.storage.engine import Database
from gateway.storage.tables.inbound import WebhookPushRow, WebhookRecordRow
from schemas.records import Body
from schemas.resources import Query, Resource

KNOWN_FOR: Final = timedelta(days=30)
"""How long a push is recognised when it is repeated."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PushId:
    """The identity of a push: the system, the webhook's path, and a digest."""

    system: str
    path: str
    digest: str


class PushStore:
    """Reads and writes pushes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(
        self,
        push: PushId,
        key: SnapshotKey,
        pushed: Iterable[Pushed[Any]],
        *,
        set_aside: int,
        at: datetime,
        since: datetime,
    ) -> bool:
        """Store a push with the records that it changed, atomically; return whether it was new.

        Records pushed for the same snapshot before `since` may no longer be held, and are deleted. Of two gateway
        processes that store the same push concurrently, one fails: the system repeats the push, and it is then
        recognised.
        """
        listed = list(pushed)
        async with self._database.begin() as connection:
            known = select(WebhookPushRow.digest).where(*_push_row_of(push))
            if (await connection.execute(known)).first() is not None:
                return False
            await connection.execute(
                insert(WebhookPushRow).values(
                    system=push.system,
                    path=push.path,
                    digest=push.digest,
                    received_at=at,
                    records=len(listed),
                    set_aside=set_aside,
                )
            )
            for pushed_record in listed:
                await _put(connection, key, pushed_record)
            await connection.execute(delete(WebhookPushRow).where(WebhookPushRow.received_at < at - KNOWN_FOR))
            await connection.execute(
                delete(WebhookRecordRow).where(*_records_of(key), WebhookRecordRow.received_at < since)
            )
        return True

    async def load(
        self, key: SnapshotKey, resource: Resource[Body, Query], since: datetime
    ) -> tuple[Pushed[Body], ...]:
        """The records pushed for a snapshot since `since`; older ones are deleted."""
        async with self._database.begin() as connection:
            await connection.execute(
                delete(WebhookRecordRow).where(*_records_of(key), WebhookRecordRow.received_at < since)
            )
        async with self._database.session() as session:
            rows = (await session.scalars(select(WebhookRecordRow).where(*_records_of(key)))).all()
        return tuple(_pushed(row, resource) for row in rows)


async def _put(connection: AsyncConnection, key: SnapshotKey, pushed_record: Pushed[Any]) -> None:
    """Store the pushed state of one record, unless a newer one is stored."""
    where = (*_records_of(key), WebhookRecordRow.record_id == pushed_record.record_id)
    before = (
        await connection.execute(select(WebhookRecordRow.changed_at, WebhookRecordRow.received_at).where(*where))
    ).first()
    if before is not None and not pushed_record.newer_than(before.changed_at, before.received_at):
        return
    await connection.execute(delete(WebhookRecordRow).where(*where))
    await connection.execute(
        insert(WebhookRecordRow).values(
            system=key.system,
            office=key.office or "",
            resource=key.resource,
            record_id=pushed_record.record_id,
            content=None if pushed_record.record is None else pack((pushed_record.record,)),
            changed_at=pushed_record.changed_at,
            received_at=pushed_record.received_at,
        )
    )


def _pushed(row: WebhookRecordRow, resource: Resource[Body, Query]) -> Pushed[Body]:
    """The push in a row; one that the present schema cannot read is not shown until the next fetch."""
    record = None
    if row.content is not None:
        try:
            (record,) = unpack(resource, row.content)
        except ValueError as error:
            _log.warning("stored push not readable", extra={"system": row.system, "error": type(error).__name__})
    changed_at = row.changed_at.astimezone(WITA) if row.changed_at else None
    return Pushed(row.record_id, record, changed_at, row.received_at.astimezone(WITA))


def _push_row_of(push: PushId) -> tuple[ColumnElement[bool], ...]:
    return (
        WebhookPushRow.system == push.system,
        WebhookPushRow.path == push.path,
        WebhookPushRow.digest == push.digest,
    )


def _records_of(key: SnapshotKey) -> tuple[ColumnElement[bool], ...]:
    return (
        WebhookRecordRow.system == key.system,
        WebhookRecordRow.office == (key.office or ""),
        WebhookRecordRow.resource == key.resource,
    )
