"""Persists the newest good snapshot of each feed in the database, so that a restart serves what was held before."""

import asyncio
import base64
import json
import logging

from sqlalchemy import ColumnElement, delete, insert, select, update

from gateway.ground.clock import WITA
from gateway.records.ids import ID_SCHEME
from gateway.records.serialization import pack, unpack
from gateway.records.shared_parts import share_parts
from gateway.snapshots.snapshot import Snapshot, SnapshotKey
from gateway.storage.engine import Database
from gateway.storage.tables.snapshots import SnapshotRow
from schemas.records import Body
from schemas.resources import Query, Resource

_log = logging.getLogger(__name__)


class SnapshotPersistence:
    """Reads and writes complete snapshots."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, key: SnapshotKey, snapshot: Snapshot[Body], *, public: bool) -> None:
        """Replace the stored snapshot of `key`, in two transactions: only the feed of this snapshot writes it."""
        times = {"fetched_at": snapshot.fetched_at, "as_of": snapshot.as_of}
        async with self._database.begin() as connection:
            same = await connection.execute(
                update(SnapshotRow).where(*_row_of(key), SnapshotRow.digest == snapshot.digest).values(times)
            )
        if same.rowcount:
            return
        # Thousands of records are serialised here: in a thread, so that the event loop stays free; and before the
        # database is locked again.
        content = await asyncio.to_thread(_content, snapshot, public=public)
        async with self._database.begin() as connection:
            await connection.execute(delete(SnapshotRow).where(*_row_of(key)))
            await connection.execute(
                insert(SnapshotRow).values(
                    system=key.system,
                    office=key.office or "",
                    resource=key.resource,
                    digest=snapshot.digest,
                    sealed=not public,
                    content=content,
                    **times,
                )
            )

    async def load(self, key: SnapshotKey, resource: Resource[Body, Query]) -> Snapshot[Body] | None:
        """The stored snapshot of `key`; None when there is none, or none of the present schema and scheme of ids."""
        async with self._database.session() as session:
            row: SnapshotRow | None = await session.scalar(select(SnapshotRow).where(*_row_of(key)))
        if row is None or row.sealed is resource.public:
            return None
        try:
            return _snapshot(row, resource)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            _log.warning("stored snapshot not readable", extra={"system": key.system, "error": type(error).__name__})
            return None

    async def delete(self, key: SnapshotKey) -> None:
        """Delete the stored snapshot of `key`."""
        async with self._database.begin() as connection:
            await connection.execute(delete(SnapshotRow).where(*_row_of(key)))


def _snapshot(row: SnapshotRow, resource: Resource[Body, Query]) -> Snapshot[Body]:
    head, _, rest = row.content.partition(b"\n")
    counts = json.loads(head)
    if counts.get("id_scheme") != ID_SCHEME:
        raise ValueError("the records have ids that do not open")
    sealed = {who: base64.b64decode(text) for who, text in json.loads(rest).items()} if row.sealed else {}
    return Snapshot(
        digest=row.digest,
        fetched_at=row.fetched_at.astimezone(WITA),
        as_of=row.as_of.astimezone(WITA) if row.as_of else None,
        set_aside=counts["set_aside"],
        records=() if row.sealed else tuple(share_parts(unpack(resource, rest))),
        sealed=sealed,
        count=counts["count"],
    )


def _content(snapshot: Snapshot[Body], *, public: bool) -> bytes:
    head = json.dumps({"set_aside": snapshot.set_aside, "count": snapshot.count, "id_scheme": ID_SCHEME}).encode()
    if public:
        return head + b"\n" + pack(snapshot.records)
    sealed = {who: base64.b64encode(content).decode() for who, content in snapshot.sealed.items()}
    return head + b"\n" + json.dumps(sealed).encode()


def _row_of(key: SnapshotKey) -> tuple[ColumnElement[bool], ...]:
    return (
        SnapshotRow.system == key.system,
        SnapshotRow.office == (key.office or ""),
        SnapshotRow.resource == key.resource,
    )
