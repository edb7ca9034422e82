"""Drift outlives a restart, and an operator's word about it reaches the gateway that runs; on both databases."""

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


async def test_what_was_noticed_is_kept_and_known_at_the_next_start(database_url):
    database = open_database(database_url)
    noticer = DriftDetector(now)
    keeper = DriftStore(database, noticer)
    await keeper.start()
    for _ in range(2):
        noticer.notice(NormalisedAnswer("surat", "thing", (), (), ("odd",)))
        await keeper.flush()
    (drift,) = await read_drifts(database)
    assert (drift.key.sample, drift.times, drift.closed_at) == ("odd", 2, None)
    await keeper.aclose()

    later = DriftDetector(now)
    again = DriftStore(database, later)
    await again.start()
    assert len(later.open("surat")) == 1
    await accept_drifts(database, later.open("surat"), now())
    later.notice(NormalisedAnswer("surat", "thing", (), (), ("odd",)))
    await again.flush()
    (drift,) = await read_drifts(database)
    assert drift.closed_at is not None
    assert drift.times == 3
    await again.aclose()
    await database.aclose()


async def test_what_a_database_that_is_away_did_not_take_is_kept_when_it_is_back(tmp_path, caplog):
    database = Database(f"sqlite:///{tmp_path / 'gerbang.db'}")
    noticer = DriftDetector(now)
    keeper = DriftStore(database, noticer)
    noticer.notice(NormalisedAnswer("surat", "thing", (), (), ("odd", "even")))
    await keeper.flush()
    assert "drift not kept" in caplog.text
    migrate(database)
    await keeper.flush()
    assert {drift.key.sample for drift in await read_drifts(database)} == {"odd", "even"}
    await database.aclose()


async def test_what_was_about_to_be_kept_at_the_end_is_kept(tmp_path, monkeypatch):
    database = open_database(f"sqlite:///{tmp_path / 'gerbang.db'}")
    noticer = DriftDetector(now)
    keeper = DriftStore(database, noticer)
    noticer.notice(NormalisedAnswer("surat", "thing", (), (), ("odd", "even")))
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


async def test_one_that_no_database_takes_costs_none_of_the_others(database_url, caplog):
    database = open_database(database_url)
    noticer = DriftDetector(now)
    keeper = DriftStore(database, noticer)
    noticer.notice(NormalisedAnswer("surat", "thing", (), (), ("odd", "even")))
    spoilt = DriftKey("surat", "thing", DriftKind.CODE_NEW, "/stage", "ZZ9")
    noticer.know([Drift(spoilt, now(), now(), times=object())])
    noticer.keep_again([Drift(spoilt, now(), now())])
    await keeper.flush()
    assert {drift.key.sample for drift in await read_drifts(database)} == {"odd", "even"}
    assert caplog.text.count("drift not kept") == 1
    assert noticer.changed() == ()
    await database.aclose()


async def test_an_operators_word_is_not_overwritten_by_what_is_noticed_meanwhile(database_url):
    database = open_database(database_url)
    noticer = DriftDetector(now)
    keeper = DriftStore(database, noticer)
    noticer.notice(NormalisedAnswer("surat", "thing", (), (), ("odd",)))
    await keeper.flush()
    read = []

    @event.listens_for(database.engine.sync_engine, "before_cursor_execute")
    def _seen(_connection, _cursor, statement, *_more):
        read.append(statement.split()[0])

    noticer.notice(NormalisedAnswer("surat", "thing", (), (), ("odd",)))
    await keeper.flush()
    # Nothing is read that could have changed until it is written.
    assert {"SELECT", "DELETE"}.isdisjoint(read)
    assert "UPDATE" in read
    await database.aclose()
