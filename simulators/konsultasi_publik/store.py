"""The database: a SQLite file, or a database on a MariaDB server, filled and changed as by the agency."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from simulators.clock import Clock
from simulators.konsultasi_publik import schema
from simulators.records import Ledger

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, TextClause

Row = Mapping[str, Any]

TABLES: Final = ("fkp", "musrenbang")
LONGEST_FORM: Final = 65_535
_RECEIPT: Final = re.compile(r"\[([A-Z]{2}-[0-9A-Z]{4,32})\]\s*$")


def truncated(form: str) -> str:
    """Truncate a form to 65,535 bytes, as a column of type `text` does silently (Q55)."""
    return form.encode()[:LONGEST_FORM].decode("utf-8", "ignore")


def _sql(statement: str) -> "TextClause":
    from sqlalchemy import text

    return text(statement)


class Store:
    """The agency's database."""

    def __init__(self, url: "URL") -> None:
        from sqlalchemy import NullPool, create_engine

        self._engine = create_engine(url, poolclass=NullPool, hide_parameters=True)

    @property
    def dialect(self) -> str:
        """`sqlite` or `mysql`."""
        return self._engine.dialect.name

    @property
    def empty(self) -> bool:
        """Whether there are no tables yet."""
        with self._engine.connect() as connection:
            return not self._engine.dialect.has_table(connection, "kotak_masuk")

    @contextmanager
    def transaction(self) -> Iterator["Connection"]:
        """Run the block in one transaction."""
        with self._engine.begin() as connection:
            if self.dialect == "mysql":
                # The mode of old servers: zero dates are valid, and long texts are truncated (Q27, Q55).
                connection.execute(_sql("SET SESSION sql_mode = ''"))
            yield connection

    def create_tables(self) -> None:
        """Create the tables."""
        self._run(schema.tables(self.dialect))

    def recreate_views(self) -> None:
        """Recreate the views."""
        self._run(schema.views())

    def oversize_forms(self) -> None:
        """Make every form far longer than the column allows."""
        self._run(schema.oversized(self.dialect))

    def add(self, table: str, rows: Sequence[Row], connection: "Connection | None" = None) -> None:
        """Insert rows that have the same columns."""
        if not rows:
            return
        names = ", ".join(rows[0])
        values = ", ".join(f":{name}" for name in rows[0])
        statement = _sql(f"INSERT INTO {table} ({names}) VALUES ({values})")  # noqa: S608 - names of our own
        if connection is not None:
            connection.execute(statement, list(rows))
            return
        with self.transaction() as own:
            own.execute(statement, list(rows))

    def next_id(self, table: str) -> int:
        """Return the id of the next row of a table."""
        with self.transaction() as connection:
            return int(connection.execute(_sql(f"SELECT max(id) FROM {table}")).scalar() or 0) + 1  # noqa: S608 - as above

    def remove(self, table: str, number: int) -> bool:
        """Delete an event with its dependent rows; return whether there was one."""
        with self.transaction() as connection:
            for name in ("tempat_kegiatan", "dokumen", "masukan"):
                connection.execute(
                    _sql(f"DELETE FROM {name} WHERE tabel = :tabel AND id_kegiatan = :id"),  # noqa: S608 - as above
                    {"tabel": table, "id": number},
                )
            gone = connection.execute(_sql(f"DELETE FROM {table}_kegiatan WHERE id = :id"), {"id": number})  # noqa: S608
            return gone.rowcount > 0

    def inbox(self) -> list[dict[str, Any]]:
        """Return the contributions in order of arrival, each with its receipt code."""
        with self.transaction() as connection:
            rows = connection.execute(
                _sql("SELECT id, tabel, id_kegiatan, nik, isi, masuk FROM kotak_masuk ORDER BY id")
            ).mappings()
            return [
                {
                    "kind": "contribution",
                    "key": str(row["id"]),
                    "consultation": f"{row['tabel']}/{row['id_kegiatan']}",
                    "nik": row["nik"],
                    "code": found[1] if (found := _RECEIPT.search(row["isi"])) else None,
                    "at": str(row["masuk"]),
                }
                for row in rows
            ]

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def _run(self, statements: Iterator[str]) -> None:
        with self.transaction() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)


class InboxLedger(Ledger):
    """A ledger that reads the inbox, because only the database receives the writes."""

    def __init__(self, store: Store, folder: Path, clock: Clock) -> None:
        super().__init__(folder / "ledger.jsonl", clock)
        self._store = store
        self._frozen: tuple[Mapping[str, Any], ...] | None = None

    @property
    def writes(self) -> tuple[Mapping[str, Any], ...]:
        """All contributions, the oldest first."""
        return tuple(self._store.inbox()) if self._frozen is None else self._frozen

    def freeze(self) -> None:
        """Freeze the ledger while the database is unreachable."""
        self._frozen = self.writes

    def unfreeze(self) -> None:
        """Read the database again."""
        self._frozen = None
