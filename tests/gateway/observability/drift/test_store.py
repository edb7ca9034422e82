"""Drifts survive a restart, and acceptances reach the running gateway; on both databases."""

import asyncio

import pytest
from sqlalchemy import event

from gateway.ground.clock import now
from gateway.observability.drift.detector import Drift, DriftDetector, DriftKey, DriftKind
from gateway.observability.drift.store import DriftStore, accept_drifts, read_drifts
from gateway.records.normaliser import NormalisedAnswer
from gateway.storage.engine import Database
from gateway.storage.migration import migrate
from tests.databases import open_database

pytestmark = pytest.mark.anyio


async def test_drifts_are_stored_and_loaded_at_the_next_start(database_url):
    database = open_database(database_url)
    detector = DriftDetector(now)
    keeper = DriftStore(database, detector)
    await keeper.start()
    for _ in range(2):
        detector.compare(NormalisedAnswer("surat", "thing", (), (), ("odd",)))
        await keeper.flush()
    (drift,) = await read_drifts(database)
    assert (drift.key.sample, drift.times, drift.closed_at) == ("odd", 2, None)
    await keeper.aclose()

    later = DriftDetector(now)
    again = DriftStore(database, later)
    await again.start()
    assert len(later.open("surat")) == 1
    await accept_drifts(database, later.open("surat"), now())
    later.compare(NormalisedAnswer("surat", "thing", (), (), ("odd",)))
    await again.flush()
    (drift,) = await read_drifts(database)
    assert drift.closed_at is not None
    assert drift.times == 3
    await again.aclose()
    await database.aclose()


async def test_drifts_are_retried_when_the_database_is_back(tmp_path, caplog):
    database = Database(f"sqlite:///{tmp_path / 'gerbang.db'}")
    detector = DriftDetector(now)
    keeper = DriftStore(database, detector)
    detector.compare(NormalisedAnswer("surat", "thing", (), (), ("odd", "even")))
    await keeper.flush()
    assert "drift not stored" in caplog.text
    migrate(database)
    await keeper.flush()
    assert {drift.key.sample for drift in await read_drifts(database)} == {"odd", "even"}
    await database.aclose()


async def test_drifts_are_stored_at_shutdown(tmp_path, monkeypatch):
    database = open_database(f"sqlite:///{tmp_path / 'gerbang.db'}")
    detector = DriftDetector(now)
    keeper = DriftStore(database, detector)
    detector.compare(NormalisedAnswer("surat", "thing", (), (), ("odd", "even")))
    slow = asyncio.Event()

    async def hang(*_of):
        slow.set()
        await asyncio.sleep(60)

    with monkeypatch.context() as hanging:
        hanging.setattr("gateway.observability.drift.store._put", hang)
        keeping = asyncio.create_task(keeper.flush())
        await slow.wait()
        keeping.cancel()
        await asyncio.wait({keeping})
    await keeper.flush()
    assert {drift.key.sample for drift in await read_drifts(database)} == {"odd", "even"}
    await database.aclose()


async def test_a_drift_that_cannot_be_stored_does_not_lose_the_others(database_url, caplog):
    database = open_database(database_url)
    detector = DriftDetector(now)
    keeper = DriftStore(database, detector)
    detector.compare(NormalisedAnswer("surat", "thing", (), (), ("odd", "even")))
    spoilt = DriftKey("surat", "thing", DriftKind.CODE_NEW, "/stage", "ZZ9")
    detector.restore([Drift(spoilt, now(), now(), times=object())])
    detector.requeue([Drift(spoilt, now(), now())])
    await keeper.flush()
    assert {drift.key.sample for drift in await read_drifts(database)} == {"odd", "even"}
    assert caplog.text.count("drift not stored") == 1
    assert detector.take_changed() == ()
    await database.aclose()


async def test_an_acceptance_is_not_overwritten_by_new_occurrences(database_url):
    database = open_database(database_url)
    detector = DriftDetector(now)
    keeper = DriftStore(database, detector)
    detector.compare(NormalisedAnswer("surat", "thing", (), (), ("odd",)))
    await keeper.flush()
    read = []

    @event.listens_for(database.engine.sync_engine, "before_cursor_execute")
    def _seen(_connection, _cursor, statement, *_more):
        read.append(statement.split()[0])

    detector.compare(NormalisedAnswer("surat", "thing", (), (), ("odd",)))
    await keeper.flush()
    # The update reads no value that could change before it is written.
    assert {"SELECT", "DELETE"}.isdisjoint(read)
    assert "UPDATE" in read
    await database.aclose()
