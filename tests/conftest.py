"""Fixtures that every test may use: databases and peers. Where one is missing, tests are skipped, or fail in CI."""

import gc
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pymysql
import pytest
from argon2 import PasswordHasher
from sqlalchemy import URL, make_url

from gateway.ground.garbage_collection import freeze_loaded_objects, reduce_garbage_collection
from tests import leak_watch, loops, shared_documents, shared_routes, shared_statements, shared_trust
from tests.peers.node import Peers, find_peers
from tests.postgres_server import NoServerError, ServerFolder, server_url

shared_documents.share()
shared_trust.share()
shared_routes.share()
shared_statements.share()

# A worker imports every test and all that they test: the collector would walk it again and again meanwhile.
reduce_garbage_collection()

pytest_addoption = loops.pytest_addoption
pytest_collection_modifyitems = loops.pytest_collection_modifyitems
processes, sockets = loops.processes, loops.sockets

_POSTGRES = pytest.StashKey[Path]()
"""The folder of the run's PostgreSQL server."""


def pytest_configure(config: pytest.Config) -> None:
    """Configure the plugins of our own, and name the folder of the run's PostgreSQL server."""
    loops.pytest_configure(config)
    leak_watch.pytest_configure(config)
    if (worker := getattr(config, "workerinput", None)) is not None:
        config.stash[_POSTGRES] = Path(worker["postgres"])
        return
    folder = ServerFolder()
    config.add_cleanup(folder.release)
    config.stash[_POSTGRES] = folder.path


def pytest_collection_finish() -> None:
    """Leave the modules and the thousands of collected tests out of every garbage collection that follows."""
    gc.collect()
    freeze_loaded_objects()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Name the folder to a worker of pytest-xdist."""
    node.workerinput["postgres"] = str(node.config.stash[_POSTGRES])


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """The event loop of every test. For the session, so that fixtures of a module may be asynchronous."""
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def cheap_password_hashes() -> Iterator[None]:
    """Hash passwords cheaply in this process; one test of the rules for passwords asserts the real cost."""
    cheap = partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gateway.identity.passwords.PasswordHasher", cheap)
        yield


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> str:
    """The URL of the run's PostgreSQL server, as its superuser.

    Where it cannot be started the test is skipped, which in CI is a failure.
    """
    try:
        return server_url(pytestconfig.stash[_POSTGRES])
    except NoServerError as error:
        if os.environ.get("CI"):
            pytest.fail(f"PostgreSQL could not be started: {error}")
        pytest.skip(f"PostgreSQL could not be started: {error}")


@pytest.fixture
def postgres(postgres_server: str):
    """The URL of an empty database of its own."""
    name = f"gerbang_{uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path) -> str:
    """The URL of an empty database of its own: on SQLite, and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'gerbang.db'}"
    url: str = request.getfixturevalue("postgres")
    return url


@pytest.fixture
def mariadb():
    """An empty database of its own on the MariaDB server that runs here, as its root; in CI there must be one."""
    place = {"host": "127.0.0.1", "port": 3306, "user": "root"}
    try:
        server = pymysql.connect(**place, connect_timeout=3, autocommit=True)
    except pymysql.err.OperationalError:
        if os.environ.get("CI"):
            pytest.fail("no MariaDB at 127.0.0.1:3306; CI needs one")
        pytest.skip("no MariaDB at 127.0.0.1:3306")
    name = f"gerbang_{uuid4().hex}"
    with server, server.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        yield URL.create(
            "mysql+pymysql", "root", host=place["host"], port=place["port"], database=name, query={"charset": "utf8mb4"}
        )
        cursor.execute(f"DROP DATABASE {name}")


@pytest.fixture(scope="session")
def peers() -> Peers:
    """Node.js with the independent implementations of `tests/peers`; where there is none the test is skipped."""
    return find_peers()
