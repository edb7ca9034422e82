"""The composition root: whatever was begun is ended, also when the start goes wrong or something fails to end."""

import asyncio

import pytest

from gateway.app import create_app
from gateway.registry.registry import Registry
from gateway.settings import Settings
from gateway.snapshots.feeds import Feeds
from gateway.snapshots.inbound import InboundWebhooks
from gateway.storage.engine import Database, DatabaseError
from tests.gateway.fakes import AGENCIES

pytestmark = pytest.mark.anyio


@pytest.fixture
def app(tmp_path):
    agencies = tmp_path / "agencies.toml"
    agencies.write_text(AGENCIES)
    return create_app(Settings(mode="demo", home=tmp_path, port=8000, agencies=agencies), registry=Registry(()))


@pytest.fixture
def closed(monkeypatch):
    """How often a database was closed."""
    times, before = [], Database.aclose

    async def closing(database):
        times.append(1)
        await before(database)

    monkeypatch.setattr(Database, "aclose", closing)
    return times


async def test_a_start_that_goes_wrong_half_way_leaves_nothing_running(app, closed, monkeypatch):
    async def fails(_feeds):
        raise DatabaseError("The database has gone.")

    monkeypatch.setattr(Feeds, "load", fails)
    before = asyncio.all_tasks()
    with pytest.raises(DatabaseError):
        async with app.router.lifespan_context(app):
            pass
    await asyncio.sleep(0)
    assert {task.get_name() for task in asyncio.all_tasks() - before} == set()
    assert closed == [1]


async def test_fetching_begins_when_all_stored_records_are_loaded(app, monkeypatch):
    order = []

    async def loads(webhooks):
        order.append(type(webhooks).__name__)

    monkeypatch.setattr(InboundWebhooks, "start", loads)
    monkeypatch.setattr(Feeds, "start", lambda feeds: order.append(type(feeds).__name__))
    async with app.router.lifespan_context(app):
        assert order == ["InboundWebhooks", "Feeds"]


async def test_what_fails_to_end_keeps_nothing_else_from_ending(app, closed, monkeypatch):
    async def fails(_feeds):
        raise RuntimeError("a feed did not end")

    monkeypatch.setattr(Feeds, "aclose", fails)
    before = asyncio.all_tasks()
    with pytest.raises(RuntimeError, match="did not end"):
        async with app.router.lifespan_context(app):
            pass
    await asyncio.sleep(0)
    assert {task.get_name() for task in asyncio.all_tasks() - before} == set()
    assert closed == [1]


def test_an_app_that_is_never_started_leaves_no_connection_open(tmp_path):
    agencies = tmp_path / "agencies.toml"
    agencies.write_text(AGENCIES)
    systems = tmp_path / "systems"
    systems.mkdir()
    app = create_app(Settings(mode="demo", home=tmp_path, port=8000, agencies=agencies, systems=[systems]))
    assert app.state.deps.database.sync_engine.pool.checkedin() == 0
