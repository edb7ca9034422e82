"""Drift outlives a restart, and an operator's word about it reaches the gateway that runs; on both databases."""

import pytest

from gateway.clock import now
from gateway.drift.keeping import DriftKeeper, accept, kept
from gateway.drift.noticing import Noted, Noticer
from gateway.storage.engine import Database
from gateway.storage.migrating import migrate

pytestmark = pytest.mark.anyio


async def test_what_was_noticed_is_kept_and_known_at_the_next_start(database_url):
    database = Database(database_url)
    migrate(database)
    noticer = Noticer(now)
    keeper = DriftKeeper(database, noticer)
    await keeper.start()
    for _ in range(2):
        noticer.notice(Noted("surat", "thing", (), (), ("odd",)))
        await keeper.flush()
    (drift,) = await kept(database)
    assert (drift.key.sample, drift.times, drift.closed_at) == ("odd", 2, None)
    await keeper.aclose()

    later = Noticer(now)
    again = DriftKeeper(database, later)
    await again.start()
    assert len(later.open("surat")) == 1
    await accept(database, later.open("surat"), now())
    later.notice(Noted("surat", "thing", (), (), ("odd",)))
    await again.flush()
    (drift,) = await kept(database)
    assert drift.closed_at is not None
    assert drift.times == 3
    await again.aclose()
    await database.aclose()


async def test_a_database_that_is_away_costs_only_this(tmp_path, caplog):
    database = Database(f"sqlite:///{tmp_path / 'gerbang.db'}")
    noticer = Noticer(now)
    noticer.notice(Noted("surat", "thing", (), (), ("odd",)))
    await DriftKeeper(database, noticer).flush()
    assert "drift not kept" in caplog.text
    await database.aclose()
