"""Registered origins: those of clients that stand, read again after a while, and kept while the database is away."""

import asyncio
import contextlib
from datetime import UTC, datetime

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from gateway.oidc.clients.addresses import is_origin, origin_of
from gateway.oidc.clients.origins import CACHE_TIME, UNKNOWN_CACHE_TIME, RegisteredOrigins
from gateway.storage.engine import Database
from gateway.storage.migration import migrate
from gateway.storage.tables.clients import ClientRow

PORTAL, OTHER = "https://portal.example", "http://localhost:5173"
BEGIN = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


class Clock:
    def __init__(self):
        self.now = BEGIN

    def __call__(self):
        return self.now


class CountedDatabase:
    """A database that counts how often it is used, and may be away."""

    def __init__(self, database):
        self.database, self.times, self.away = database, 0, False

    @contextlib.asynccontextmanager
    async def session(self):
        self.times += 1
        if self.away:
            raise OperationalError("", {}, Exception())
        async with self.database.session() as session:
            yield session


@pytest.fixture
async def database(tmp_path, anyio_backend):
    made = Database(f"sqlite:///{tmp_path / 'gerbang.db'}")
    await asyncio.to_thread(migrate, made)
    yield CountedDatabase(made)
    await made.aclose()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def origins(database, clock):
    return RegisteredOrigins(database, clock)


async def register(database, *origins, **changes):
    values = {
        "id": "portal",
        "auth_method": "none",
        "native": False,
        "title_id": "Portal",
        "title_en": "Portal",
        "sector": "portal",
        "redirect_uris": [],
        "origins": list(origins),
        "scopes": [],
        "grant_types": [],
        "created_at": BEGIN,
        **changes,
    }
    async with database.database.session() as session:
        session.add(ClientRow(**values))


@pytest.mark.anyio
async def test_an_origin_counts_that_a_client_has_which_stands(database, origins):
    await register(database, PORTAL, OTHER)
    await register(database, "https://withdrawn.example", id="withdrawn", withdrawn_at=BEGIN)
    await register(database, "https://expired.example", id="expired", expires_at=BEGIN)
    assert [await origins.has(one) for one in (PORTAL, OTHER)] == [True, True]
    for other in ("https://withdrawn.example", "https://expired.example", "https://portal.example:8443", "null", ""):
        assert not await origins.has(other)


@pytest.mark.anyio
async def test_an_origin_counts_soon_after_it_was_registered_and_not_long_after_its_client_has_ended(
    database, origins, clock
):
    assert not await origins.has(PORTAL)
    await register(database, PORTAL)
    assert not await origins.has(PORTAL)
    clock.now += UNKNOWN_CACHE_TIME
    assert await origins.has(PORTAL)
    async with database.database.session() as session:
        await session.execute(update(ClientRow).values(withdrawn_at=BEGIN))
    assert await origins.has(PORTAL)
    clock.now += CACHE_TIME
    assert not await origins.has(PORTAL)


@pytest.mark.anyio
async def test_whatever_is_asked_the_database_is_not_asked_each_time(database, origins):
    await register(database, PORTAL)
    asked = [PORTAL, *(f"https://stranger-{number}.example" for number in range(50))]
    assert (await asyncio.gather(*map(origins.has, asked))).count(True) == 1
    assert database.times == 1
    assert not await origins.has("no origin at all")
    assert database.times == 1


@pytest.mark.anyio
async def test_what_was_read_counts_on_while_the_database_is_away(database, origins, clock, caplog):
    await register(database, PORTAL)
    assert await origins.has(PORTAL)
    database.away = True
    clock.now += CACHE_TIME
    assert await origins.has(PORTAL)
    assert not await origins.has(OTHER)
    assert "registered origins not read" in caplog.text
    database.away = False
    clock.now += CACHE_TIME
    assert await origins.has(PORTAL)


@pytest.mark.parametrize(
    ("address", "is_one"),
    [
        (PORTAL, True),
        (OTHER, True),
        ("http://127.0.0.1:5173", True),
        ("http://[::1]:5173", True),
        ("https://portal.example:8443", True),
        ("https://portal.example:443", False),  # browsers leave it out
        ("http://localhost:80", False),
        ("https://portal.example/", False),
        ("https://portal.example:", False),
        ("https://portal.example?x", False),
        ("https://Portal.example", False),
        ("http://portal.example", False),
        ("https://*.example", False),
        ("*", False),
        ("null", False),
        ("", False),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(address, is_one):
    assert is_origin(address) is is_one


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://gerbang.example", "https://gerbang.example"),
        ("https://Gerbang.example:443/api", "https://gerbang.example"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://localhost:80", "http://localhost"),
    ],
)
def test_our_own_origin_is_that_of_the_issuer(address, origin):
    assert origin_of(address) == origin
