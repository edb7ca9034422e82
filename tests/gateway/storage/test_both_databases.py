"""The tables: made whole or not at all, equal to the models, on both databases, and never in somebody else's."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import event, inspect, make_url, text
from sqlalchemy.exc import StatementError

from gateway.ground.clock import WITA
from gateway.ground.errors import GerbangError
from gateway.settings import Settings
from gateway.storage.engine import Database, DatabaseError
from gateway.storage.migration import check_current, migrate
from gateway.storage.tables import Row
from gateway.storage.tables.snapshots import SnapshotRow


@pytest.fixture
def open_database(anyio_backend):
    """Opens databases, and closes them."""
    opened = []

    def opening(url):
        opened.append(Database(url))
        return opened[-1]

    yield opening
    for database in opened:
        database.sync_engine.dispose()


def test_the_tables_are_what_the_models_say(database_url, open_database):
    database = open_database(database_url)
    with pytest.raises(DatabaseError, match="run gerbang migrate"):
        check_current(database)
    migrate(database)
    migrate(database)
    check_current(database)
    with database.sync_engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "gerbang_schema", "compare_type": True})
        assert compare_metadata(context, Row.metadata) == []
        assert "access_entries" in inspect(connection).get_table_names()


def test_a_start_that_is_interrupted_leaves_nothing_behind(database_url, open_database):
    database = open_database(database_url)

    def power_cut(_connection, _cursor, statement, *_rest):
        if "CREATE TABLE grants" in statement:
            raise KeyboardInterrupt

    event.listen(database.sync_engine, "before_cursor_execute", power_cut)
    with pytest.raises(KeyboardInterrupt):
        migrate(database)
    event.remove(database.sync_engine, "before_cursor_execute", power_cut)
    with database.sync_engine.connect() as connection:
        assert inspect(connection).get_table_names() == []
    migrate(database)
    check_current(database)


def test_several_that_start_at_once_make_the_tables_once(database_url, open_database):
    databases = [open_database(database_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate, databases))
    check_current(databases[0])


def test_a_database_that_is_not_ours_is_refused_and_left_as_it_is(database_url, open_database):
    database = open_database(database_url)
    with database.sync_engine.begin() as connection:
        connection.execute(text("CREATE TABLE invoices (id INTEGER)"))
    for use in (migrate, check_current):
        with pytest.raises(DatabaseError, match="not ours"):
            use(database)
    with database.sync_engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["invoices"]


def test_a_database_of_another_version_is_refused(database_url, open_database):
    database = open_database(database_url)
    migrate(database)
    with database.sync_engine.begin() as connection:
        connection.execute(text("UPDATE gerbang_schema SET version_num = '9999'"))
    for use in (migrate, check_current):
        with pytest.raises(DatabaseError):
            use(database)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///{}/text.db",
        "sqlite:///{}",
        "sqlite:////proc/no/where.db",
        "mysql://x/y",
        "nonsense",
        "postgresql://postgres@127.0.0.1:1/gerbang",
    ],
)
def test_what_cannot_be_used_is_told_in_one_sentence(tmp_path, open_database, url):
    (tmp_path / "text.db").write_text("no database at all, but a text that is long enough " * 100)
    with pytest.raises(GerbangError) as told:
        migrate(open_database(url.format(tmp_path)))
    assert "\n" not in str(told.value)
    assert str(told.value).endswith((".", "…"))


@pytest.mark.anyio
async def test_times_come_back_aware_and_naive_ones_are_refused(database_url, open_database):
    database = open_database(database_url)
    migrate(database)
    at = datetime(2026, 11, 23, 9, 0, 0, 123456, tzinfo=WITA)
    row = {"system": "s", "office": "", "resource": "r", "digest": "d", "sealed": False, "content": b"\0\xff"}
    async with database.session() as session:
        session.add(SnapshotRow(**row, fetched_at=at, as_of=None))
    async with database.session() as session:
        kept = await session.get(SnapshotRow, ("s", "", "r"))
        assert (kept.fetched_at, kept.content) == (at, b"\0\xff")
        assert kept.fetched_at.tzinfo is not None
    with pytest.raises(StatementError, match="naive"):
        async with database.session() as session:
            session.add(SnapshotRow(**row | {"office": "o"}, fetched_at=at.astimezone(UTC).replace(tzinfo=None)))
    await database.aclose()
    await database.aclose()


@pytest.mark.anyio
async def test_users_of_one_file_wait_for_each_other(tmp_path, open_database):
    database = open_database(f"sqlite:///{tmp_path / 'gerbang.db'}")
    migrate(database)
    for setting, value in (("journal_mode", "wal"), ("foreign_keys", 1), ("busy_timeout", 5000)):
        async with database.begin() as connection:
            assert await connection.scalar(text(f"PRAGMA {setting}")) == value
        with database.sync_session() as session:
            assert session.scalar(text(f"PRAGMA {setting}")) == value
    await database.aclose()


@pytest.mark.postgres
@pytest.mark.anyio
async def test_a_unix_socket_is_an_address(postgres, open_database):
    with psycopg.connect(postgres) as connection:
        (folder,) = connection.execute("SHOW unix_socket_directories").fetchone()
    if not folder:
        pytest.skip("the path of the temporary folder is too long for a Unix socket")
    at = make_url(postgres)
    # As libpq and the manual spell it: no host before the database's name, and the socket's folder behind it.
    address = at.set(host=None, port=None, query={"host": folder, "port": str(at.port)})
    database = open_database(Settings(database_url=address.render_as_string(hide_password=False)).database)
    migrate(database)
    async with database.begin() as connection:
        assert (await connection.execute(text("SELECT inet_server_addr()"))).scalar() is None
    await database.aclose()
