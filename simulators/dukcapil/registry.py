"""The civil registry's storage: the biodata of every resident with a NIK, and the number of calls a day."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

Biodata = dict[str, str | int]

QUOTA_A_DAY: Final = 5_000
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS biodata (id INTEGER PRIMARY KEY, nik TEXT NOT NULL UNIQUE, fields TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS access (day TEXT PRIMARY KEY, calls INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS quota (one INTEGER PRIMARY KEY CHECK (one = 1), per_day INTEGER NOT NULL);
"""


class Registry:
    """The registry in one SQLite file; `seed` provides the first biodata when the file is new."""

    def __init__(self, path: Path, seed: Iterable[Biodata]) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.executescript(_TABLES)
        if self._db.execute("SELECT 1 FROM biodata LIMIT 1").fetchone() is None:
            rows = [(row["NIK"], json.dumps(row)) for row in seed]
            self._db.execute("BEGIN")
            self._db.executemany("INSERT INTO biodata (nik, fields) VALUES (?, ?)", rows)
            self._db.execute("INSERT INTO quota VALUES (1, ?)", (QUOTA_A_DAY,))
            self._db.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def find(self, nik: str) -> Biodata | None:
        """Return the biodata of one resident."""
        row = self._db.execute("SELECT fields FROM biodata WHERE nik = ?", (nik,)).fetchone()
        return None if row is None else dict(json.loads(row[0]))

    def put(self, fields: Mapping[str, Any]) -> str:
        """Insert or replace the biodata of this NIK; return the row's key."""
        row = self._db.execute(
            "INSERT INTO biodata (nik, fields) VALUES (?, ?) "
            "ON CONFLICT (nik) DO UPDATE SET fields = excluded.fields RETURNING id",
            (fields["NIK"], json.dumps(dict(fields))),
        ).fetchone()
        return str(row[0])

    def remove(self, key: str) -> bool:
        """Delete a row by its key; return whether there was one."""
        return self._db.execute("DELETE FROM biodata WHERE id = ?", (key,)).rowcount == 1

    def set_quota(self, per_day: int) -> None:
        """Set the number of calls a day."""
        self._db.execute("UPDATE quota SET per_day = ?", (per_day,))

    def spend(self, day: date) -> bool:
        """Count one call on this day; return whether it was within the quota."""
        (granted,) = self._db.execute("SELECT per_day FROM quota").fetchone()
        (calls,) = self._db.execute(
            "INSERT INTO access VALUES (?, 1) ON CONFLICT (day) DO UPDATE SET calls = calls + 1 RETURNING calls",
            (day.isoformat(),),
        ).fetchone()
        return bool(calls <= granted)
