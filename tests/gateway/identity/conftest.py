"""A database with the gateway's tables, a clock that stands until it is moved, and quick password hashes."""

from datetime import datetime

import pytest
from argon2 import PasswordHasher

from gateway.ground.clock import WITA
from gateway.ground.sealing import Sealer
from gateway.identity.passwords import Passwords
from tests.databases import open_database
from tests.gateway.authenticator import Device


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.at = datetime(2026, 11, 24, 8, 0, tzinfo=WITA)

    def __call__(self):
        return self.at

    def forward(self, span):
        self.at += span


@pytest.fixture
def new_device():
    """A maker of devices that hold passkeys."""
    return Device


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sealer():
    return Sealer(b"\7" * 32)


@pytest.fixture
def passwords():
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
async def database(tmp_path, anyio_backend):
    """On SQLite."""
    opened = open_database(f"sqlite:///{tmp_path / 'gerbang.db'}")
    yield opened
    await opened.aclose()


@pytest.fixture
async def either_database(database_url, anyio_backend):
    """On SQLite, and on PostgreSQL."""
    opened = open_database(database_url)
    yield opened
    await opened.aclose()
