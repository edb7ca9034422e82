"""Counting the transactions that change tables, by whichever engine and statement."""

import asyncio

import pytest
from sqlalchemy import delete, insert, update

from gateway.ground.clock import now
from gateway.storage.changes import Watched
from gateway.storage.engine import Database
from gateway.storage.single_use import record_revoked
from gateway.storage.tables import Row
from gateway.storage.tables.clients import ClientRow
from gateway.storage.tables.single_use import RevokedTokenRow, SeenTokenRow

pytestmark = pytest.mark.anyio

WATCHED = Watched(changed=("clients",), inserted=("revoked_tokens",))


@pytest.fixture
async def database(tmp_path, anyio_backend):
    opened = Database(f"sqlite:///{tmp_path / 'changes.db'}")
    async with opened.begin() as connection:
        await connection.run_sync(Row.metadata.create_all)
    async with opened.session() as session:
        session.add(client())
    yield opened
    await opened.aclose()


def client(name="app"):
    return ClientRow(
        id=name,
        auth_method="none",
        native=True,
        title_id="-",
        title_en="-",
        sector="x",
        redirect_uris=[],
        scopes=[],
        grant_types=[],
        created_at=now(),
    )


async def test_updates_and_deletes_count_once_a_transaction_whether_of_objects_or_in_bulk(database):
    counter = database.count_changes(WATCHED)
    async with database.session() as session:
        (await session.get_one(ClientRow, "app")).title_en = "Another"
        await session.flush()
        await session.execute(update(ClientRow).values(title_id="Lain"))
        assert counter.count == 0, "nobody else can see it yet"
    assert counter.count == 1
    async with database.begin() as connection:
        await connection.execute(delete(ClientRow.__table__))
    assert counter.count == 2


async def test_the_synchronous_engine_counts_too(database):
    counter = database.count_changes(WATCHED)

    def in_thread(number):
        with database.sync_session() as session:
            record_revoked(session, f"token-{number}", now())

    await asyncio.gather(*(asyncio.to_thread(in_thread, number) for number in range(8)))
    assert counter.count == 8


async def test_what_is_not_watched_does_not_count(database):
    counter = database.count_changes(WATCHED)
    async with database.session() as session:
        session.add(client("inserted"))
        await session.execute(insert(SeenTokenRow).values(fingerprint="x", expires_at=now()))
        await session.execute(delete(RevokedTokenRow))
        await session.get(ClientRow, "app")
    assert counter.count == 0
