"""Databases with the gateway's tables. On SQLite they are copies of one file, which each worker migrates once."""

import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import make_url

from gateway.storage.engine import Database
from gateway.storage.migration import migrate


@cache
def _migrated_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "migrated.db"
        database = Database(f"sqlite:///{file}")
        migrate(database)
        database.sync_engine.dispose()  # the last connection moves the write-ahead log into the file
        return file.read_bytes()


def lay_tables(url: str) -> bool:
    """Write the file of a new SQLite database, with the present tables; leave every other database as it is.

    Returns whether it was written.
    """
    parsed = make_url(url)
    file = Path(parsed.database or "")
    if parsed.get_backend_name() != "sqlite" or file.exists():
        return False
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.write_bytes(_migrated_file())
    return True


def open_database(url: str) -> Database:
    """Open a new or empty database, with the present tables."""
    laid = lay_tables(url)
    database = Database(url)
    if not laid:
        migrate(database)
    return database
