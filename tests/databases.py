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


def lay_tables(url: str) -> None:
    """Write the file of a new SQLite database, with the present tables; leave every other database as it is."""
    parsed = make_url(url)
    file = Path(parsed.database or "")
    if parsed.get_backend_name() == "sqlite" and not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.write_bytes(_migrated_file())


def open_database(url: str) -> Database:
    """Open a new or empty database, with the present tables."""
    lay_tables(url)
    database = Database(url)
    if not database.is_sqlite:
        migrate(database)
    return database
