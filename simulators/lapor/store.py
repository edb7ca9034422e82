"""The database of the complaints service: reporters, reports, answers, and queued call-backs."""

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

Row = dict[str, str]

COLUMNS: Final = (
    "nik", "judul", "isi", "topik", "tanggal", "perubahan", "tenggat", "kelurahan", "kecamatan", "lokasi", "lat",
    "lng", "instansi", "tahap", "rahasia", "anonim",
)  # fmt: skip
_FIRST: Final = 1_100_001
_TABLES: Final = f"""
create table if not exists pelapor (
    nik text primary key, namadepan text, namabelakang text, telpon text, email text
);
create table if not exists laporan (
    trackingid integer primary key autoincrement, {", ".join(f"{name} text not null" for name in COLUMNS)}
);
create index if not exists laporan_nik on laporan (nik);
create table if not exists tanggapan (trackingid integer, tanggal text, instansi text, isi text);
create index if not exists tanggapan_laporan on tanggapan (trackingid);
create table if not exists panggilan (kiriman text primary key, isi text, percobaan integer, mulai real);
create table if not exists pengaturan (nama text primary key, nilai text);
"""


class Store:
    """The database, in one SQLite file."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.executescript(f"pragma journal_mode = wal; pragma synchronous = off; {_TABLES}")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @property
    def empty(self) -> bool:
        """Whether there are no reporters yet."""
        return not self._rows("select 1 as satu from pelapor limit 1")

    def fill(self, reporters: Iterable[Row], reports: Iterable[tuple[Row, list[Row]]]) -> None:
        """Store the initial data in one transaction."""
        self._db.execute("begin")
        for reporter in reporters:
            self._insert("pelapor", reporter)
        for report, answers in reports:
            self.add(report, answers)
        self._db.execute("commit")

    def reporter(self, nik: str) -> Row | None:
        """Return one registered reporter."""
        return next(iter(self._rows("select * from pelapor where nik = ?", nik)), None)

    def add(self, report: Mapping[str, str], answers: Iterable[Mapping[str, str]] = ()) -> str:
        """Store a report with its answers; return the tracking number."""
        first = not self._rows("select 1 as satu from laporan limit 1")
        number = str(self._insert("laporan", {**({"trackingid": _FIRST} if first else {}), **report}))
        for answer in answers:
            self.answer(number, answer)
        return number

    def answer(self, tracking: str, answer: Mapping[str, str]) -> None:
        """Store an answer to a report."""
        self._insert("tanggapan", {"trackingid": tracking, **answer})

    def change(self, tracking: str, columns: Mapping[str, str]) -> bool:
        """Change columns of a report; return whether there is one."""
        sets = ", ".join(f"{name} = ?" for name in columns)
        cursor = self._db.execute(f"update laporan set {sets} where trackingid = ?", (*columns.values(), tracking))  # noqa: S608 - names come from this package
        return cursor.rowcount > 0

    def report(self, tracking: str) -> Row | None:
        """Return one report."""
        return next(iter(self._rows("select * from laporan where trackingid = ?", tracking)), None)

    def reports(self, page: int, length: int, *, nik: str | None = None, text: str = "") -> tuple[int, list[Row]]:
        """Return the number of reports, and a page of them, newest first.

        The reports are those of one reporter, or all that are not secret.
        """
        condition = "rahasia = '0' and ?1 is null" if nik is None else "nik = ?1"
        where = f"from laporan where {condition} and instr(isi, ?2) > 0"
        total = int(self._rows(f"select count(*) as n {where}", nik, text)[0]["n"])
        order = "order by trackingid desc limit ?3 offset ?4"
        return total, self._rows(f"select * {where} {order}", nik, text, length, (page - 1) * length)

    def answers(self, tracking: str) -> list[Row]:
        """Return the answers to a report, oldest first."""
        sql = "select tanggal, instansi, isi from tanggapan where trackingid = ? order by rowid"
        return self._rows(sql, tracking)

    def remove(self, tracking: str) -> bool:
        """Delete a report; return whether there was one."""
        self._db.execute("delete from tanggapan where trackingid = ?", (tracking,))
        return self._db.execute("delete from laporan where trackingid = ?", (tracking,)).rowcount > 0

    def setting(self, name: str) -> str | None:
        """Return a stored setting."""
        return next((row["nilai"] for row in self._rows("select nilai from pengaturan where nama = ?", name)), None)

    def set(self, name: str, value: str | None) -> None:
        """Store a setting, or delete it."""
        self._db.execute("delete from pengaturan where nama = ?", (name,))
        if value is not None:
            self._insert("pengaturan", {"nama": name, "nilai": value})

    def queue(self, delivery: str, body: str, due: float) -> None:
        """Queue a change for call-back."""
        self._insert("panggilan", {"kiriman": delivery, "isi": body, "percobaan": 0, "mulai": due})

    def due(self) -> Row | None:
        """Return the next queued change: its delivery, body, number of attempts, and due time."""
        return next(iter(self._rows("select * from panggilan order by mulai limit 1")), None)

    def reschedule(self, delivery: str, attempt: int, due: float) -> None:
        """Store the next due time of a call-back that was not acknowledged."""
        self._db.execute("update panggilan set percobaan = ?, mulai = ? where kiriman = ?", (attempt, due, delivery))

    def bring_forward(self, seconds: float) -> int:
        """Move the due time of every call-back forward; return their number."""
        self._db.execute("update panggilan set mulai = mulai - ?", (seconds,))
        return len(self._rows("select kiriman from panggilan"))

    def dequeue(self, delivery: str) -> None:
        """Delete a call-back from the queue."""
        self._db.execute("delete from panggilan where kiriman = ?", (delivery,))

    def _insert(self, table: str, row: Mapping[str, Any]) -> int:
        columns, marks = ", ".join(row), ", ".join("?" for _ in row)
        cursor = self._db.execute(f"insert into {table} ({columns}) values ({marks})", tuple(row.values()))  # noqa: S608 - names come from this package
        return cursor.lastrowid or 0

    def _rows(self, sql: str, *values: object) -> list[Row]:
        return [{key: str(row[key]) for key in row.keys()} for row in self._db.execute(sql, values)]  # noqa: SIM118 - sqlite3.Row iterates over values
