"""The storage of the old application: one row for each tax notice (SPPT), every column a text."""

import sqlite3
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

Row = Mapping[str, str]

COLUMNS: Final = (
    "NOP",
    "THN_PAJAK_SPPT",
    "NIK_WP",
    "NM_WP_SPPT",
    "ALAMAT_OP",
    "KD_WILAYAH",
    "NM_KELURAHAN",
    "PBB_YG_HARUS_DIBAYAR_SPPT",
    "DENDA",
    "TGL_JATUH_TEMPO_SPPT",
    "TGL_PEMBAYARAN_SPPT",
    "STATUS_PEMBAYARAN_SPPT",
)
_NAMES: Final = ", ".join(COLUMNS)
_PLACES: Final = ", ".join("?" * len(COLUMNS))
_TABLE: Final = f"""
CREATE TABLE IF NOT EXISTS SPPT (ID INTEGER PRIMARY KEY, {", ".join(f"{name} TEXT NOT NULL" for name in COLUMNS)});
CREATE INDEX IF NOT EXISTS SPPT_NIK ON SPPT (NIK_WP);
"""


class Register:
    """The notices in one SQLite file; `seed` provides the first ones when the file is new. Thread-safe."""

    def __init__(self, path: Path, seed: Iterable[Row]) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.executescript(_TABLE)
        if self._db.execute("SELECT 1 FROM SPPT LIMIT 1").fetchone() is None:
            self._db.execute("BEGIN")
            self._db.executemany(f"INSERT INTO SPPT ({_NAMES}) VALUES ({_PLACES})", map(_values, seed))  # noqa: S608 - constants
            self._db.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def of(self, nik: str) -> list[dict[str, str]]:
        """Return the notices of one taxpayer, the newest year first."""
        with self._lock:
            rows = self._db.execute(
                f"SELECT {_NAMES} FROM SPPT WHERE NIK_WP = ? ORDER BY THN_PAJAK_SPPT DESC, NOP",  # noqa: S608 - constants
                (nik,),
            ).fetchall()
        return [dict(row) for row in rows]

    def put(self, row: Row) -> str:
        """Store a notice; return its key."""
        with self._lock:
            stored = self._db.execute(f"INSERT INTO SPPT ({_NAMES}) VALUES ({_PLACES})", _values(row))  # noqa: S608 - constants
        return str(stored.lastrowid)

    def remove(self, key: str) -> bool:
        """Delete a notice by its key; return whether there was one."""
        with self._lock:
            return self._db.execute("DELETE FROM SPPT WHERE ID = ?", (key,)).rowcount == 1


def _values(row: Row) -> tuple[str, ...]:
    return tuple(row[name] for name in COLUMNS)
