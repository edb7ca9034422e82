"""Keeps what was pushed in the database: each push once, and of each record the newest, before anybody is answered."""

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
"""How long a repeated push is known again."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PushId:
    """By what a push is known again: the system, the webhook's path, and a digest."""

    system: str
    path: str
    digest: str


class PushStore:
    """Reads and writes pushes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(
        self,
        push: PushId,
        key: SnapshotKey,
        pushed: Iterable[Pushed[Any]],
        *,
        set_aside: int,
        at: datetime,
        since: datetime,
    ) -> bool:
        """Store a push with the records that it changed, all of it or nothing; whether it was a new one.

        What was pushed for the same snapshot before `since` may not be held any longer, and is deleted.
        Of two gateway processes that store the same push at once, one fails: it is pushed again, and known then.
        """
        listed = list(pushed)
        async with self._database.begin() as connection:
            known = select(WebhookPushRow.digest).where(*_same(push))
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
            for one in listed:
                await _put(connection, key, one)
            await connection.execute(delete(WebhookPushRow).where(WebhookPushRow.received_at < at - KNOWN_FOR))
            await connection.execute(delete(WebhookRecordRow).where(*_whose(key), WebhookRecordRow.received_at < since))
        return True

    async def kept(
        self, key: SnapshotKey, resource: Resource[Body, Query], since: datetime
    ) -> tuple[Pushed[Body], ...]:
        """What was pushed for a snapshot since then; what is older is deleted."""
        async with self._database.begin() as connection:
            await connection.execute(delete(WebhookRecordRow).where(*_whose(key), WebhookRecordRow.received_at < since))
        async with self._database.session() as session:
            rows = (await session.scalars(select(WebhookRecordRow).where(*_whose(key)))).all()
        return tuple(_pushed(row, resource) for row in rows)


async def _put(connection: AsyncConnection, key: SnapshotKey, one: Pushed[Any]) -> None:
    """Store what was pushed about one record, unless something newer is there."""
    where = (*_whose(key), WebhookRecordRow.record_id == one.record_id)
    before = (
        await connection.execute(select(WebhookRecordRow.changed_at, WebhookRecordRow.received_at).where(*where))
    ).first()
    if before is not None and not one.newer_than(before.changed_at, before.received_at):
        return
    await connection.execute(delete(WebhookRecordRow).where(*where))
    await connection.execute(
        insert(WebhookRecordRow).values(
            system=key.system,
            office=key.office or "",
            resource=key.resource,
            record_id=one.record_id,
            content=None if one.record is None else pack((one.record,)),
            changed_at=one.changed_at,
            received_at=one.received_at,
        )
    )


def _pushed(row: WebhookRecordRow, resource: Resource[Body, Query]) -> Pushed[Body]:
    """What a row says; one that the present schema cannot read is not shown until the next fetch."""
    record = None
    if row.content is not None:
        try:
            (record,) = unpack(resource, row.content)
        except ValueError as error:
            _log.warning("kept push not readable", extra={"system": row.system, "error": type(error).__name__})
    changed_at = row.changed_at.astimezone(WITA) if row.changed_at else None
    return Pushed(row.record_id, record, changed_at, row.received_at.astimezone(WITA))


def _same(push: PushId) -> tuple[ColumnElement[bool], ...]:
    return (
        WebhookPushRow.system == push.system,
        WebhookPushRow.path == push.path,
        WebhookPushRow.digest == push.digest,
    )


def _whose(key: SnapshotKey) -> tuple[ColumnElement[bool], ...]:
    return (
        WebhookRecordRow.system == key.system,
        WebhookRecordRow.office == (key.office or ""),
        WebhookRecordRow.resource == key.resource,
    )
