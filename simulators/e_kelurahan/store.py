"""The database of e-kelurahan: residents, three tables of letters with separate ids, history, files, catalogue."""

import sqlite3
import weakref
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from simulators.e_kelurahan.letters import TABLES

ZERO: Final = "0000-00-00"
ZERO_TIME: Final = "0000-00-00 00:00:00"

_LETTER_TABLE: Final = """
create table {table} (
    id integer primary key autoincrement, id_penduduk integer not null, jenis text not null default '',
    kelurahan text not null, kecamatan text not null, keperluan text not null, tanggal text not null,
    dikirim text not null, verifikasi text not null, paraf text not null, status text not null,
    siap_ambil text not null, no_surat text not null, tanggal_ambil text not null, nama_pengambil text not null,
    keterangan text not null
);
create index {table}_kelurahan on {table} (kelurahan);
create index {table}_penduduk on {table} (id_penduduk);
"""
# Ids are zero-filled and repeat from table to table (Q39), and rt and rw are zero-filled numbers.
_SELECT: Final = """select '{table}' as tabel, printf('%04d', s.id) as id, s.jenis, p.nik, p.nama, p.tempat_lahir,
    p.tanggal_lahir, p.jenis_kelamin, printf('%03d', p.rt) as rt, printf('%03d', p.rw) as rw, s.kelurahan,
    s.kecamatan, s.keperluan, s.tanggal, s.dikirim, s.verifikasi, s.paraf, s.status, s.siap_ambil, s.no_surat,
    s.tanggal_ambil, s.nama_pengambil, s.keterangan, s.id_penduduk
    from {table} s join penduduk p on p.id = s.id_penduduk"""
_VIEW: Final = "create view permohonan as " + " union all ".join(_SELECT.format(table=table) for table in TABLES)
_SCHEMA: Final = f"""
create table penduduk (
    id integer primary key, nik text not null, nama text not null, tempat_lahir text not null,
    tanggal_lahir text not null, jenis_kelamin text not null, rt integer not null, rw integer not null,
    kelurahan text not null, kecamatan text not null
);
create index penduduk_nik on penduduk (rtrim(nik));
create table riwayat (tabel text, id_surat integer, pada text, oleh text, langkah text, catatan text);
create index riwayat_surat on riwayat (tabel, id_surat);
create table berkas (id integer primary key, tabel text, id_surat integer, jenis text, nomor text, tanggal text);
create index berkas_surat on berkas (tabel, id_surat);
create table layanan (
    id integer primary key autoincrement, kode text, tabel text, jenis text, nama text, klasifikasi text,
    persyaratan text, jangka_waktu text, biaya text, produk text, pengaduan text,
    dasar_hukum text, aktif text
);
{"".join(_LETTER_TABLE.format(table=table) for table in TABLES)}
{_VIEW};
"""

Row = dict[str, str]


class Store:
    """The database, in one SQLite file."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._db.executescript("pragma journal_mode = wal; pragma synchronous = normal;")
        # The application is never closed explicitly, so the file is closed when this object is collected.
        self._closing = weakref.finalize(self, self._db.close)

    def close(self) -> None:
        """Close the file."""
        self._closing()

    def create(self) -> None:
        """Create the tables."""
        self._db.executescript(_SCHEMA)

    def commit(self) -> None:
        """Commit the pending changes."""
        self._db.commit()

    def insert(self, table: str, row: Mapping[str, str | int]) -> int:
        """Insert one row (without a commit); return its id."""
        columns, marks = ", ".join(row), ", ".join("?" for _ in row)
        done = self._db.execute(f"insert into {table} ({columns}) values ({marks})", tuple(row.values()))  # noqa: S608 - names come from this package
        return done.lastrowid or 0

    def set_number(self, table: str, number: int, letter: str) -> None:
        """Set the letter's number of one application (without a commit)."""
        self._db.execute(f"update {table} set no_surat = ? where id = ?", (letter, number))  # noqa: S608 - names come from this package

    def change(self, table: str, number: str, columns: Mapping[str, str]) -> None:
        """Change columns of one application (without a commit)."""
        if columns and table in TABLES:
            fields = ", ".join(f"{name} = ?" for name in columns)
            self._db.execute(f"update {table} set {fields} where id = ?", (*columns.values(), int(number)))  # noqa: S608 - names come from this package

    def _rows(self, sql: str, values: Iterable[str | int] = ()) -> list[Row]:
        return [{key: str(row[key]) for key in row.keys()} for row in self._db.execute(sql, tuple(values))]  # noqa: SIM118 - sqlite3.Row iterates over values

    def applications(self, where: Mapping[str, str], start: int, length: int) -> tuple[int, list[Row]]:
        """Return the number of matching applications, and one range of them, newest first.

        `where` may contain `nik`, `kelurahan`, `kecamatan` and `teks` (anywhere in the purpose).
        """
        conditions = {
            # The database ignores trailing spaces in comparisons.
            "nik": "id_penduduk in (select id from penduduk where rtrim(nik) = ?)",
            "kelurahan": "kelurahan = ?",
            "kecamatan": "kecamatan = ?",
            "teks": "instr(keperluan, ?) > 0",
        }
        sql = " and ".join(conditions[name] for name in where) or "1"
        values = list(where.values())
        total = int(self._rows(f"select count(*) as n from permohonan where {sql}", values)[0]["n"])  # noqa: S608 - fixed conditions
        order = "order by tanggal desc, tabel, id desc limit ? offset ?"
        rows = self._rows(f"select * from permohonan where {sql} {order}", [*values, length, start])  # noqa: S608 - fixed conditions
        return total, rows

    def application(self, table: str, number: str) -> Row | None:
        """Return one application, or None."""
        found = self._rows("select * from permohonan where tabel = ? and id = ?", (table, number))
        return found[0] if found else None

    def history(self, table: str, number: str) -> list[Row]:
        """Return the steps of one application, oldest first."""
        return self._rows("select * from riwayat where tabel = ? and id_surat = ? order by rowid", (table, int(number)))

    def files(self, table: str, number: str) -> list[Row]:
        """Return the files of one application."""
        return self._rows("select * from berkas where tabel = ? and id_surat = ? order by id", (table, int(number)))

    def file(self, number: int) -> Row | None:
        """Return one file by its number, or None."""
        found = self._rows("select * from berkas where id = ?", (number,))
        return found[0] if found else None

    def resident(self, nik: str) -> Row | None:
        """Return one resident by NIK, or None."""
        found = self._rows("select * from penduduk where rtrim(nik) = ?", (nik,)) if nik else []
        return found[0] if found else None

    def resident_of(self, kelurahan: str) -> Row | None:
        """Return the first resident of a kelurahan, or None."""
        found = self._rows(
            "select * from penduduk where kelurahan = ? and nik <> '-' order by id limit 1", (kelurahan,)
        )
        return found[0] if found else None

    def edit_resident(self, nik: str, now: datetime) -> bool:
        """Edit a resident: any edit overwrites the date of birth with the time of the edit (Q29)."""
        done = self._db.execute(
            "update penduduk set tanggal_lahir = ? where rtrim(nik) = ?", (f"{now:%Y-%m-%d %H:%M:%S}", nik)
        )
        self.commit()
        return done.rowcount > 0

    def services(self, start: int, length: int) -> tuple[int, list[Row]]:
        """Return the number of letters in the catalogue, and one range of them."""
        total = int(self._rows("select count(*) as n from layanan")[0]["n"])
        rows = self._rows("select * from layanan order by id limit ? offset ?", (length, start))
        return total, [{**row, "id": row["id"].zfill(4)} for row in rows]

    def service(self, code: str) -> Row | None:
        """Return one letter of the catalogue by its code, or None."""
        found = self._rows("select * from layanan where kode = ?", (code,))
        return found[0] if found else None

    def remove(self, table: str, number: str) -> bool:
        """Remove one application (with its history and files) or one letter of the catalogue."""
        if table not in {*TABLES, "layanan"} or not number.isdecimal():
            return False
        done = self._db.execute(f"delete from {table} where id = ?", (int(number),))  # noqa: S608 - checked above
        for beside in ("riwayat", "berkas"):
            self._db.execute(f"delete from {beside} where tabel = ? and id_surat = ?", (table, int(number)))  # noqa: S608 - constants
        self.commit()
        return done.rowcount > 0
