"""Pushes in the database: each once, of each record the newest, on both databases, after a migration."""

import asyncio
from datetime import datetime, timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from gateway.ground.clock import WITA
from gateway.snapshots.overlay import Pushed
from gateway.snapshots.push_store import KNOWN_FOR, PushId, PushStore
from gateway.snapshots.snapshot import SnapshotKey
from gateway.storage.tables import Row
from gateway.storage.tables.inbound import WebhookPushRow, WebhookRecordRow
from schemas.case import CaseStatus
from schemas.complaint import COMPLAINT, Complaint
from schemas.records import Provenance, Record
from tests.databases import open_database

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=WITA)
KEY = SnapshotKey("lapor", None, "complaint")


@pytest.fixture
async def database(database_url):
    database = await asyncio.to_thread(open_database, database_url)
    try:
        yield database
    finally:
        await database.aclose()


def pushed(text: str | None, *, changed: int | None, received: int, record_id: str = "cmp_1") -> Pushed[Complaint]:
    came = NOW + timedelta(minutes=received)
    changed_at = None if changed is None else NOW + timedelta(minutes=changed)
    if text is None:
        return Pushed(record_id, None, changed_at, came)
    body = Complaint(number="1", text=text, status=CaseStatus.SUBMITTED, updated_at=changed_at)
    return Pushed(
        record_id, Record(record_id, "1", body, Provenance(system="lapor", fetched_at=came)), changed_at, came
    )


async def keep(keeper, digest, *records, at=NOW):
    push, since = PushId("lapor", "complaint", digest), at - timedelta(days=1)
    return await keeper.save(push, KEY, records, set_aside=0, at=at, since=since)


async def count(database, table) -> int:
    async with database.session() as session:
        return await session.scalar(select(func.count()).select_from(table))


async def test_the_tables_are_those_of_the_migration(database):
    def differences():
        with database.sync_engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"version_table": "gerbang_schema"})
            found = compare_metadata(context, Row.metadata)
        return [one for one in found if "webhook_" in str(one)]

    assert await asyncio.to_thread(differences) == []


async def test_a_push_is_kept_once_with_the_newest_of_each_record(database):
    keeper = PushStore(database)
    assert await keep(keeper, "a", pushed("two", changed=2, received=2)) is True
    assert await keep(keeper, "a", pushed("again", changed=9, received=9)) is False
    assert await keep(keeper, "b", pushed("one", changed=1, received=3)) is True
    assert await keep(keeper, "c", pushed(None, changed=5, received=5, record_id="cmp_2")) is True
    kept = {one.record_id: one for one in await keeper.load(KEY, COMPLAINT, NOW)}
    assert kept["cmp_1"] == pushed("two", changed=2, received=2)
    assert kept["cmp_2"] == pushed(None, changed=5, received=5, record_id="cmp_2")
    assert (await count(database, WebhookPushRow), await count(database, WebhookRecordRow)) == (3, 2)
    assert await keep(keeper, "d", pushed(None, changed=3, received=6)) is True
    assert {one.record for one in await keeper.load(KEY, COMPLAINT, NOW)} == {None}


async def test_a_push_is_kept_whole_or_not_at_all(database):
    keeper = PushStore(database)
    naive = Pushed("cmp_3", None, None, datetime(2026, 11, 23))  # noqa: DTZ001 - what cannot be stored
    with pytest.raises(Exception, match="naive"):
        await keep(keeper, "a", pushed("one", changed=1, received=1), naive)
    assert (await count(database, WebhookPushRow), await count(database, WebhookRecordRow)) == (0, 0)


async def test_of_the_same_push_at_once_one_is_kept(database):
    keepers = [PushStore(database) for _ in range(6)]
    outcomes = await asyncio.gather(
        *(keep(keeper, "a", pushed("one", changed=1, received=1)) for keeper in keepers), return_exceptions=True
    )
    assert outcomes.count(True) == 1
    assert all(one is False or isinstance(one, IntegrityError) for one in outcomes if one is not True)
    assert (await count(database, WebhookPushRow), await count(database, WebhookRecordRow)) == (1, 1)


async def test_what_is_old_is_deleted(database):
    keeper = PushStore(database)
    await keep(keeper, "a", pushed("one", changed=1, received=1))
    await keep(keeper, "b", at=NOW + KNOWN_FOR + timedelta(minutes=1))
    assert await count(database, WebhookPushRow) == 1
    assert await keeper.load(KEY, COMPLAINT, NOW + timedelta(minutes=2)) == ()
    assert await count(database, WebhookRecordRow) == 0


async def test_other_snapshots_are_left_alone(database):
    keeper = PushStore(database)
    await keep(keeper, "a", pushed("one", changed=1, received=1))
    other = SnapshotKey("lapor", "office", "complaint")
    assert await keeper.load(other, COMPLAINT, NOW + timedelta(days=9)) == ()
    assert len(await keeper.load(KEY, COMPLAINT, NOW)) == 1
