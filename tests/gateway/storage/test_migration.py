"""Migrations make exactly the mapped tables, twice harmlessly, and never touch a database that is not ours."""

import sqlite3

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from gateway.storage.engine import Database, DatabaseError
from gateway.storage.migration import check_current, migrate
from gateway.storage.tables import Row


@pytest.fixture
def database(tmp_path):
    made = Database(f"sqlite:///{tmp_path / 'gerbang.db'}")
    yield made
    made.sync_engine.dispose()


def test_migrated_tables_are_the_mapped_ones(database):
    migrate(database)
    migrate(database)
    check_current(database)
    with database.sync_engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "gerbang_schema"})
        assert compare_metadata(context, Row.metadata) == []


def test_a_database_without_our_tables_is_not_current(database):
    with pytest.raises(DatabaseError, match="gerbang migrate"):
        check_current(database)


def test_somebody_elses_database_is_left_alone(tmp_path, database):
    with sqlite3.connect(tmp_path / "gerbang.db") as theirs:
        theirs.execute("CREATE TABLE invoices (id INTEGER)")
    theirs.close()
    with pytest.raises(DatabaseError, match="not ours"):
        migrate(database)
    with sqlite3.connect(tmp_path / "gerbang.db") as theirs:
        assert theirs.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall() == [("invoices",)]
    theirs.close()


@pytest.mark.parametrize("url", ["mysql://localhost/x", "nonsense", "sqlite:////proc/nowhere/x.db"])
def test_what_cannot_be_used_is_said_in_one_sentence(url):
    with pytest.raises(DatabaseError) as caught:
        migrate(Database(url))
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)
