"""The agencies' records, from which the files are written: one SQLite file."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

Cells = Mapping[str, str | int | None]

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS programme (
    id INTEGER PRIMARY KEY, agency TEXT NOT NULL, year INTEGER NOT NULL, name TEXT NOT NULL, quota INTEGER,
    aid INTEGER NOT NULL, deadline TEXT NOT NULL, description TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS participant (
    id INTEGER PRIMARY KEY, agency TEXT NOT NULL, year INTEGER NOT NULL, kelurahan TEXT NOT NULL, cells TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS list (
    agency TEXT NOT NULL, year INTEGER NOT NULL, day TEXT NOT NULL, PRIMARY KEY (agency, year)
);
CREATE TABLE IF NOT EXISTS receipt (
    code TEXT PRIMARY KEY, agency TEXT NOT NULL, status TEXT NOT NULL, note TEXT NOT NULL, day TEXT NOT NULL
);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """One agency's programme of one year; `quota` is None if not set, `aid` is in rupiah a person."""

    agency: str
    year: int
    name: str
    quota: int | None
    aid: int
    deadline: date
    description: str


@dataclass(frozen=True, slots=True)
class Participant:
    """One line of a list: its kelurahan, and its cells by column, as they will be written."""

    kelurahan: str
    cells: Cells


@dataclass(frozen=True, slots=True)
class Receipt:
    """The outcome of one registration; `note` is its number, or the reason of a refusal."""

    code: str
    agency: str
    status: str
    note: str
    day: date


class Register:
    """The records of all agencies."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript(_SCHEMA)

    @property
    def empty(self) -> bool:
        """Whether it is new, or its seeding was interrupted."""
        return not self.lists()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run the block in one transaction."""
        self._database.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def add_programme(self, programme: Programme) -> int:
        """Add a programme; return its number."""
        row = (
            programme.agency, programme.year, programme.name, programme.quota,
            programme.aid, programme.deadline.isoformat(), programme.description,
        )  # fmt: skip
        added = self._database.execute(
            "INSERT INTO programme (agency, year, name, quota, aid, deadline, description) VALUES (?,?,?,?,?,?,?)", row
        )
        return added.lastrowid or 0

    def add_participant(self, agency: str, year: int, participant: Participant) -> int:
        """Add a line to the agency's list of that year; return its number."""
        added = self._database.execute(
            "INSERT INTO participant (agency, year, kelurahan, cells) VALUES (?,?,?,?)",
            (agency, year, participant.kelurahan, json.dumps(participant.cells)),
        )
        return added.lastrowid or 0

    def remove_programme(self, number: int) -> str | None:
        """Remove a programme; return its agency, or None."""
        found = self._database.execute("DELETE FROM programme WHERE id = ? RETURNING agency", (number,)).fetchall()
        return str(found[0][0]) if found else None

    def remove_participant(self, number: int) -> tuple[str, int] | None:
        """Remove a line; return the agency and year of its list, or None."""
        found = self._database.execute(
            "DELETE FROM participant WHERE id = ? RETURNING agency, year", (number,)
        ).fetchall()
        return (str(found[0][0]), int(found[0][1])) if found else None

    def date_list(self, agency: str, year: int, day: date) -> None:
        """Set the day of the data of the agency's list of that year."""
        self._database.execute("INSERT OR REPLACE INTO list VALUES (?,?,?)", (agency, year, day.isoformat()))

    def lists(self) -> list[tuple[str, int]]:
        """Return the agency and year of every list."""
        return [
            (agency, year) for agency, year in self._database.execute("SELECT agency, year FROM list ORDER BY 1, 2")
        ]

    def list_day(self, agency: str, year: int) -> date:
        """Return the day of the data of a list."""
        (day,) = self._database.execute("SELECT day FROM list WHERE agency = ? AND year = ?", (agency, year)).fetchone()
        return date.fromisoformat(day)

    def programmes(self, agency: str) -> list[Programme]:
        """Return the agency's programmes, the oldest first."""
        rows = self._database.execute(
            "SELECT agency, year, name, quota, aid, deadline, description FROM programme WHERE agency = ? "
            "ORDER BY year, id",
            (agency,),
        )
        return [
            Programme(
                agency=row[0], year=row[1], name=row[2], quota=row[3], aid=row[4],
                deadline=date.fromisoformat(row[5]), description=row[6],
            )
            for row in rows
        ]  # fmt: skip

    def participants(self, agency: str, year: int) -> list[Participant]:
        """Return the lines of a list, by kelurahan and then in the order in which they were added."""
        rows = self._database.execute(
            "SELECT kelurahan, cells FROM participant WHERE agency = ? AND year = ? ORDER BY kelurahan, id",
            (agency, year),
        )
        return [Participant(kelurahan, json.loads(cells)) for kelurahan, cells in rows]

    def add_receipt(self, receipt: Receipt) -> None:
        """Store the outcome of a registration."""
        row = (receipt.code, receipt.agency, receipt.status, receipt.note, receipt.day.isoformat())
        self._database.execute("INSERT INTO receipt VALUES (?,?,?,?,?)", row)

    def receipt(self, code: str) -> bool:
        """Whether the registration of this code has an outcome."""
        return self._database.execute("SELECT 1 FROM receipt WHERE code = ?", (code,)).fetchone() is not None

    def receipts(self, agency: str) -> list[Receipt]:
        """Return the agency's receipts, the oldest first."""
        rows = self._database.execute(
            "SELECT code, status, note, day FROM receipt WHERE agency = ? ORDER BY rowid", (agency,)
        )
        return [Receipt(code, agency, status, note, date.fromisoformat(day)) for code, status, note, day in rows]

    def close(self) -> None:
        """Close the file."""
        self._database.close()
