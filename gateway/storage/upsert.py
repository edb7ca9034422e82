"""Inserts with an `ON CONFLICT` clause, for either of the two databases."""

from typing import TYPE_CHECKING, Union

from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import DeclarativeBase

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql


def insert_into(table: type[DeclarativeBase], dialect: str) -> Union["postgresql.Insert", sqlite.Insert]:
    """An insert of the named dialect, which has `on_conflict_do_nothing` and `on_conflict_do_update`."""
    if dialect != "postgresql":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)
