"""The database itself: a SQLite file, or one on a MariaDB server, filled and changed as the agency does it."""

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


def cut(form: str) -> str:
    """What a column of the type `text` keeps of a form: its first 65,535 bytes, without a word (Q55)."""
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
    def at_once(self) -> Iterator["Connection"]:
        """Keep all that is done inside the block, or nothing."""
        with self._engine.begin() as connection:
            if self.dialect == "mysql":
                # As old servers are set: zero dates are dates, and what is too long is cut (Q27, Q55).
                connection.execute(_sql("SET SESSION sql_mode = ''"))
            yield connection

    def make(self) -> None:
        """Make the tables."""
        self._run(schema.tables(self.dialect))

    def show(self) -> None:
        """Make the views anew, as they should be."""
        self._run(schema.views())

    def swell(self) -> None:
        """Let every form be far longer than agreed."""
        self._run(schema.swollen(self.dialect))

    def add(self, table: str, rows: Sequence[Row], connection: "Connection | None" = None) -> None:
        """Insert rows that all have the same columns."""
        if not rows:
            return
        names = ", ".join(rows[0])
        values = ", ".join(f":{name}" for name in rows[0])
        statement = _sql(f"INSERT INTO {table} ({names}) VALUES ({values})")  # noqa: S608 - names of our own
        if connection is not None:
            connection.execute(statement, list(rows))
            return
        with self.at_once() as own:
            own.execute(statement, list(rows))

    def next_id(self, table: str) -> int:
        """The number that the next row of a table gets."""
        with self.at_once() as connection:
            return int(connection.execute(_sql(f"SELECT max(id) FROM {table}")).scalar() or 0) + 1  # noqa: S608 - as above

    def remove(self, table: str, number: int) -> bool:
        """Remove an event with all that belongs to it; False when there is none."""
        with self.at_once() as connection:
            for name in ("tempat_kegiatan", "dokumen", "masukan"):
                connection.execute(
                    _sql(f"DELETE FROM {name} WHERE tabel = :tabel AND id_kegiatan = :id"),  # noqa: S608 - as above
                    {"tabel": table, "id": number},
                )
            gone = connection.execute(_sql(f"DELETE FROM {table}_kegiatan WHERE id = :id"), {"id": number})  # noqa: S608
            return gone.rowcount > 0

    def inbox(self) -> list[dict[str, Any]]:
        """What has been contributed, in the order in which it came, with the receipt code that stands in it."""
        with self.at_once() as connection:
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
        with self.at_once() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)


class InboxLedger(Ledger):
    """The inbox is the ledger: nobody but the database itself sees a write."""

    def __init__(self, store: Store, folder: Path, clock: Clock) -> None:
        super().__init__(folder / "ledger.jsonl", clock)
        self._store = store
        self._kept: tuple[Mapping[str, Any], ...] | None = None

    @property
    def writes(self) -> tuple[Mapping[str, Any], ...]:
        """All contributions, the oldest first."""
        return tuple(self._store.inbox()) if self._kept is None else self._kept

    def keep(self) -> None:
        """From now on the database cannot be reached, and so holds what it holds."""
        self._kept = self.writes

    def resume(self) -> None:
        """It can be reached again."""
        self._kept = None
