"""The quick way to a database with tables leads to the same tables as the migration."""

import psycopg

from gateway.storage.engine import Database
from gateway.storage.migration import migrate
from tests.databases import open_database

DESCRIPTIONS = (
    "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns"
    " WHERE table_schema = 'public' ORDER BY 1, 2",
    "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
    "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
    "SELECT * FROM gerbang_schema",
)


def described(url):
    with psycopg.connect(url) as connection:
        return [connection.execute(query).fetchall() for query in DESCRIPTIONS]


def emptied(url):
    with psycopg.connect(url) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def test_the_statements_of_a_migration_make_the_same_tables_again(postgres):
    database = Database(postgres)
    migrate(database)
    database.sync_engine.dispose()
    migrated = described(postgres)
    assert all(migrated)
    for _ in range(2):  # the first of a worker migrates, and the next run the recorded statements
        emptied(postgres)
        open_database(postgres).sync_engine.dispose()
        assert described(postgres) == migrated
