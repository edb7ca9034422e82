"""The database of the planning system: plan lines, proposals, and registered proposers."""

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

Row = dict[str, Any]

LINE: Final = (
    "tahun", "kode_program", "nama_program", "kode_giat", "nama_giat", "kode_sub_giat", "nama_sub_giat", "kode_skpd",
    "nama_skpd", "pagu", "indikator",
)  # fmt: skip
LEVELS: Final = ("lurah", "camat", "mitra", "skpd", "tapd")
PROPOSAL: Final = (
    "tahun", "masalah", "giat_teks", "alamat_teks", "anggaran", "koefisien", "id_kecamatan", "id_kelurahan",
    "detail_latpeta", "detail_langpeta", "status_usul", "status_usul_teks", "is_batal", "is_tolak", "tolak_teks",
    "nip", *(f"rekom_{level}_{what}" for level in LEVELS for what in ("anggaran", "koefisien", "rekomendasi")),
    "tgl_usul",
)  # fmt: skip
_FIRST: Final = 70_001
# As in the real tables, text columns contain numbers and number columns contain texts.
_TABLES: Final = f"""
create table if not exists prog_keg (id integer primary key, {", ".join(LINE)});
create table if not exists usulan (id_usulan integer primary key autoincrement, nik text, {", ".join(PROPOSAL)});
create index if not exists usulan_nik on usulan (nik);
create table if not exists pengusul (nik text primary key, nama text);
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
        """Whether there are no plans yet."""
        return self._db.execute("select 1 from prog_keg limit 1").fetchone() is None

    def fill(self, people: Iterable[Row], lines: Iterable[Row], proposals: Iterable[Row]) -> None:
        """Store the initial data in one transaction."""
        self._db.execute("begin")
        for person in people:
            self._insert("pengusul", person)
        for line in lines:
            self.add_line(line)
        for proposal in proposals:
            self.add_proposal(proposal)
        self._db.execute("commit")

    def name_of(self, nik: str) -> str | None:
        """Return the name of a registered proposer."""
        found = self._db.execute("select nama from pengusul where nik = ?", (nik,)).fetchone()
        return None if found is None else str(found[0])

    def add_line(self, line: Mapping[str, Any]) -> int:
        """Store a plan line; return its number."""
        return self._insert("prog_keg", line)

    def add_proposal(self, proposal: Mapping[str, Any]) -> int:
        """Store a proposal; return its number."""
        first = self._db.execute("select 1 from usulan limit 1").fetchone() is None
        return self._insert("usulan", {**({"id_usulan": _FIRST} if first else {}), **proposal})

    def lines(self, start: int, limit: int, year: str | None) -> tuple[int, list[Row]]:
        """Return the number of plan lines, and a range of them."""
        return self._range("prog_keg", "?1 is null or tahun = ?1", (year,), start, limit)

    def proposals(self, start: int, limit: int, year: str | None) -> tuple[int, list[Row]]:
        """Return the number of proposals, and a range of them."""
        return self._range("usulan", "?1 is null or tahun = ?1", (year,), start, limit)

    def proposals_of(self, nik: str, text: str, start: int, limit: int) -> tuple[int, list[Row]]:
        """Return the number of one person's proposals that contain a text, and a range of them."""
        return self._range("usulan", "nik = ?1 and instr(masalah, ?2) > 0", (nik, text), start, limit)

    def proposal(self, number: int) -> Row | None:
        """Return one proposal."""
        found = self._db.execute("select * from usulan where id_usulan = ?", (number,)).fetchone()
        return None if found is None else dict(found)

    def remove(self, table: str, number: int) -> bool:
        """Delete a plan line or a proposal; return whether there was one."""
        column = {"prog_keg": "id", "usulan": "id_usulan"}[table]
        return self._db.execute(f"delete from {table} where {column} = ?", (number,)).rowcount > 0  # noqa: S608 - fixed names

    def _range(
        self, table: str, where: str, values: tuple[str | None, ...], start: int, limit: int
    ) -> tuple[int, list[Row]]:
        (total,) = self._db.execute(f"select count(*) from {table} where {where}", values).fetchone()  # noqa: S608 - fixed conditions
        sql = f"select * from {table} where {where} order by 1 limit {limit:d} offset {start:d}"  # noqa: S608 - as above
        return int(total), [dict(row) for row in self._db.execute(sql, values)]

    def _insert(self, table: str, row: Mapping[str, Any]) -> int:
        columns, marks = ", ".join(row), ", ".join("?" for _ in row)
        done = self._db.execute(f"insert into {table} ({columns}) values ({marks})", tuple(row.values()))  # noqa: S608 - names come from this package
        return done.lastrowid or 0
