"""One health centre's database: patients, bookings, and the number of requests a day."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

QUOTA_A_DAY: Final = 100_000
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS pasien (
  noKartu TEXT PRIMARY KEY, nik TEXT NOT NULL UNIQUE, nama TEXT NOT NULL, sex TEXT NOT NULL,
  tglLahir TEXT NOT NULL, noHP TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS pendaftaran (
  id INTEGER PRIMARY KEY, noKartu TEXT NOT NULL, kdPoli TEXT NOT NULL, tanggal TEXT NOT NULL, angka INTEGER NOT NULL,
  keluhan TEXT NOT NULL, batal INTEGER NOT NULL DEFAULT 0, absen INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS pendaftaran_kartu ON pendaftaran (noKartu, tanggal);
CREATE INDEX IF NOT EXISTS pendaftaran_poli ON pendaftaran (tanggal, kdPoli, angka);
CREATE TABLE IF NOT EXISTS pembatalan (pendaftaran INTEGER PRIMARY KEY, alasan TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS hari (tanggal TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS akses (tanggal TEXT PRIMARY KEY, jumlah INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS kuota (satu INTEGER PRIMARY KEY CHECK (satu = 1), per_hari INTEGER NOT NULL);
"""
_BOOKINGS: Final = (
    "SELECT p.*, b.alasan FROM pendaftaran p LEFT JOIN pembatalan b ON b.pendaftaran = p.id"
    " WHERE noKartu = ? ORDER BY tanggal DESC, id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """A patient as this centre stores them."""

    card: str
    nik: str
    name: str
    sex: str
    born: date
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """A place in a clinic's queue.

    `number` is not unique (Q39), because it is read, then written. `reason` is the reason of a cancellation, if given.
    """

    card: str
    clinic: str
    day: date
    number: int
    complaint: str
    cancelled: bool = False
    missed: bool = False
    reason: str = ""


class Store:
    """The database in one SQLite file."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.executescript(_TABLES)
        self._db.execute("INSERT OR IGNORE INTO kuota VALUES (1, ?)", (QUOTA_A_DAY,))

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @property
    def empty(self) -> bool:
        """Whether there are no patients yet."""
        return self._db.execute("SELECT 1 FROM pasien LIMIT 1").fetchone() is None

    def add_patients(self, patients: Iterable[Patient]) -> None:
        """Insert or replace patients."""
        self._db.execute("BEGIN")
        self._db.executemany(
            "INSERT OR REPLACE INTO pasien VALUES (?, ?, ?, ?, ?, ?)",
            [(p.card, p.nik, p.name, p.sex, p.born.isoformat(), p.phone) for p in patients],
        )
        self._db.execute("COMMIT")

    def patients(self) -> tuple[Patient, ...]:
        """Return all patients, by card number."""
        return tuple(map(_patient, self._db.execute("SELECT * FROM pasien ORDER BY noKartu")))

    def patient(self, *, nik: str | None = None, card: str | None = None) -> Patient | None:
        """Return one patient, by NIK or by card."""
        row = self._db.execute("SELECT * FROM pasien WHERE nik = ? OR noKartu = ?", (nik, card)).fetchone()
        return None if row is None else _patient(row)

    def remove_patient(self, card: str) -> bool:
        """Delete a patient with all bookings; return whether there was one."""
        self._db.execute("DELETE FROM pendaftaran WHERE noKartu = ?", (card,))
        return self._db.execute("DELETE FROM pasien WHERE noKartu = ?", (card,)).rowcount == 1

    def open_day(self, day: date, bookings: Sequence[Booking]) -> None:
        """Store the initial bookings of a day, once."""
        self._db.execute("BEGIN")
        self._db.execute("INSERT INTO hari VALUES (?)", (day.isoformat(),))
        for booking in bookings:
            self.book(booking)
        self._db.execute("COMMIT")

    def is_open(self, day: date) -> bool:
        """Whether a day has its initial bookings."""
        return self._db.execute("SELECT 1 FROM hari WHERE tanggal = ?", (day.isoformat(),)).fetchone() is not None

    def book(self, booking: Booking) -> int:
        """Store a booking; return its row number."""
        row = self._db.execute(
            "INSERT INTO pendaftaran (noKartu, kdPoli, tanggal, angka, keluhan, batal, absen)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (
                booking.card,
                booking.clinic,
                booking.day.isoformat(),
                booking.number,
                booking.complaint,
                booking.cancelled,
                booking.missed,
            ),
        ).fetchone()
        return int(row[0])

    def remove_booking(self, row: int) -> bool:
        """Delete a booking; return whether there was one."""
        return self._db.execute("DELETE FROM pendaftaran WHERE id = ?", (row,)).rowcount == 1

    def bookings_of(self, card: str, start: int, limit: int) -> tuple[tuple[Booking, ...], int]:
        """Return a range of one card's bookings, the latest day first, and the total."""
        rows = self._db.execute(f"{_BOOKINGS} LIMIT ? OFFSET ?", (card, limit, start)).fetchall()
        (count,) = self._db.execute("SELECT COUNT(*) FROM pendaftaran WHERE noKartu = ?", (card,)).fetchone()
        return tuple(map(_booking, rows)), int(count)

    def rows_of(self, card: str) -> tuple[tuple[int, Booking], ...]:
        """Return one card's bookings with their row numbers, the latest row first."""
        return tuple((row[0], _booking(row)) for row in sorted(self._db.execute(_BOOKINGS, (card,)), reverse=True))

    def cancel(self, row: int, reason: str) -> None:
        """Cancel a booking with its reason."""
        self._db.execute("BEGIN")
        self._db.execute("UPDATE pendaftaran SET batal = 1 WHERE id = ?", (row,))
        self._db.execute("INSERT OR REPLACE INTO pembatalan VALUES (?, ?)", (row, reason))
        self._db.execute("COMMIT")

    def numbers(self, clinic: str, day: date) -> tuple[int, ...]:
        """Return the issued and not cancelled numbers of a clinic on a day, in order."""
        query = "SELECT angka FROM pendaftaran WHERE tanggal = ? AND kdPoli = ? AND batal = 0 ORDER BY angka"
        return tuple(row[0] for row in self._db.execute(query, (day.isoformat(), clinic)))

    def set_quota(self, per_day: int) -> None:
        """Set the number of requests a day."""
        self._db.execute("UPDATE kuota SET per_hari = ?", (per_day,))

    def spend(self, day: date) -> bool:
        """Count one request on this day; return whether it was within the quota."""
        (granted,) = self._db.execute("SELECT per_hari FROM kuota").fetchone()
        (calls,) = self._db.execute(
            "INSERT INTO akses VALUES (?, 1) ON CONFLICT (tanggal) DO UPDATE SET jumlah = jumlah + 1 RETURNING jumlah",
            (day.isoformat(),),
        ).fetchone()
        return bool(calls <= granted)


def _patient(row: tuple[str, ...]) -> Patient:
    card, nik, name, sex, born, phone = row
    return Patient(card=card, nik=nik, name=name, sex=sex, born=date.fromisoformat(born), phone=phone)


def _booking(row: tuple[int, str, str, str, int, str, int, int, str | None]) -> Booking:
    _, card, clinic, day, number, complaint, cancelled, missed, reason = row
    return Booking(
        card=card,
        clinic=clinic,
        day=date.fromisoformat(day),
        number=number,
        complaint=complaint,
        cancelled=bool(cancelled),
        missed=bool(missed),
        reason=reason or "",
    )
