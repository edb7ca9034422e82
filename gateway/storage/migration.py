"""Migrates the database to the present tables with Alembic; refuses a database that is not the gateway's."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, column, inspect, select, table, text
from sqlalchemy.exc import SQLAlchemyError

from gateway.storage.engine import Database, DatabaseError, unusable
from gateway.storage.limits import limited_to

if TYPE_CHECKING:
    from alembic.config import Config

_VERSION_TABLE: Final = "gerbang_schema"
_LOCK: Final = 6_371


def migrate(database: Database) -> None:
    """Create or upgrade every table, atomically even when interrupted.

    Raises `DatabaseError` when the database contains other applications' tables, or those of a newer Gerbang.
    """
    from alembic import command
    from alembic.util import CommandError

    try:
        with limited_to(database.limits.migration), _exclusive(database) as connection:
            _check_owner(connection)
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except SQLAlchemyError as error:
        raise unusable(database, error) from None
    except CommandError:
        raise DatabaseError("The database's tables are not of this version of Gerbang, but of another one.") from None


def check_current(database: Database) -> None:
    """Raise `DatabaseError` unless the tables are the present ones."""
    try:
        with database.sync_engine.connect() as connection:
            _check_owner(connection)
            current = _revisions(connection)
    except SQLAlchemyError as error:
        raise unusable(database, error) from None
    if current != [newest_revision()]:
        raise DatabaseError("The database's tables are not the present ones: run gerbang migrate.")


def newest_revision() -> str:
    """The revision of the present tables, by the file names: a start need not load Alembic and every migration."""
    names = (file.name for file in (files("gateway.storage") / "migrations" / "versions").iterdir())
    return max(name.partition("_")[0] for name in names if name[0].isdigit())


def _revisions(connection: Connection) -> list[str]:
    if not inspect(connection).has_table(_VERSION_TABLE):
        return []
    return list(connection.scalars(select(column("version_num")).select_from(table(_VERSION_TABLE))))


@contextmanager
def _exclusive(database: Database) -> Iterator[Connection]:
    """One transaction for the whole migration, exclusive of other migrating processes."""
    with database.sync_engine.connect() as connection, connection.begin():
        if database.is_sqlite:
            # The driver begins a transaction only before it changes rows; creating tables must be within one too.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            # A migration may take longer than a request's statement, and waits for a running migration.
            limit = int(database.limits.migration.total_seconds() * 1000)
            for setting in ("statement_timeout", "lock_timeout"):
                connection.exec_driver_sql(f"SET LOCAL {setting} = {limit}")
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
        yield connection


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(files("gateway.storage") / "migrations"))
    return config


def _check_owner(connection: Connection) -> None:
    tables = set(inspect(connection).get_table_names())
    if tables and _VERSION_TABLE not in tables:
        raise DatabaseError("The database is not ours: it holds tables, but none of Gerbang's. Give another one.")
