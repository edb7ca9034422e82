"""The agency's tables and views, for MariaDB as in production, and for SQLite.

The gateway's account may select from the views `v_…`, and insert into `kotak_masuk`, where a trigger checks the row.
"""

from collections.abc import Iterator
from typing import Final

_EVENT: Final = (
    "id int PRIMARY KEY, nomor varchar(40), judul varchar(200), tahap tinyint(1), status char(1), mulai datetime, "
    "selesai datetime, terima_masukan tinyint(1), isian text"
)
_TABLES: Final = (
    f"CREATE TABLE fkp_kegiatan ({_EVENT})",
    f"CREATE TABLE musrenbang_kegiatan ({_EVENT})",
    "CREATE TABLE tempat_kegiatan (tabel varchar(20), id_kegiatan int, tempat varchar(150), kelurahan varchar(60), "
    "lintang varchar(20), bujur varchar(20))",
    "CREATE TABLE dokumen (tabel varchar(20), id_kegiatan int, urut int, nama varchar(150), jenis varchar(20), "
    "mime varchar(60), ukuran int, terbit date, lokasi varchar(200))",
    "CREATE TABLE masukan (id int PRIMARY KEY, tabel varchar(20), id_kegiatan int, nik varchar(16), nama varchar(80), "
    "isian text, jawaban text, tampil tinyint(1), masuk datetime)",
)
_INBOX: Final = {
    "sqlite": "CREATE TABLE kotak_masuk (id INTEGER PRIMARY KEY AUTOINCREMENT, tabel varchar(20), id_kegiatan int, "
    "nik varchar(16), isi text, masuk datetime DEFAULT (datetime('now', '+8 hours')))",
    "mysql": "CREATE TABLE kotak_masuk (id int PRIMARY KEY AUTO_INCREMENT, tabel varchar(20), id_kegiatan int, "
    "nik varchar(16), isi text, masuk datetime DEFAULT CURRENT_TIMESTAMP)",
}
_EVENT_COLUMNS: Final = "k.id, k.nomor, k.judul, k.tahap, k.status, k.mulai, k.selesai, k.terima_masukan"


def _listed(table: str, form: str) -> str:
    # The join returns an event with two places twice (Q39).
    return (
        f"SELECT '{table}' AS tabel, {_EVENT_COLUMNS}, {form} AS isian, t.tempat, t.kelurahan, t.lintang, t.bujur "  # noqa: S608
        f"FROM {table}_kegiatan k LEFT JOIN tempat_kegiatan t ON t.tabel = '{table}' AND t.id_kegiatan = k.id"
    )


def _events(form: str) -> str:
    return f"CREATE VIEW v_konsultasi AS {_listed('fkp', form)} UNION ALL {_listed('musrenbang', form)}"


_VIEWS: Final = {
    "v_konsultasi": _events("k.isian"),
    "v_dokumen": "CREATE VIEW v_dokumen AS "
    "SELECT tabel, id_kegiatan, urut, nama, jenis, mime, ukuran, terbit, lokasi FROM dokumen",
    "v_masukan": "CREATE VIEW v_masukan AS "
    "SELECT id, tabel, id_kegiatan, nama, isian, jawaban, tampil, masuk FROM masukan",
    "v_kotak_masuk": "CREATE VIEW v_kotak_masuk AS SELECT id, tabel, id_kegiatan, nik, isi FROM kotak_masuk",
}
_ACCEPTS: Final = (
    "(SELECT max(terima_masukan) FROM (SELECT 'fkp' AS tabel, id, terima_masukan FROM fkp_kegiatan UNION ALL "
    "SELECT 'musrenbang', id, terima_masukan FROM musrenbang_kegiatan) k "
    "WHERE k.tabel = NEW.tabel AND k.id = NEW.id_kegiatan)"
)
UNKNOWN: Final = "Kegiatan tidak ditemukan"
CLOSED: Final = "Masukan sudah ditutup"
TOO_SHORT: Final = "Isi masukan wajib diisi"
_REASONS: Final = (
    (f"{_ACCEPTS} IS NULL", UNKNOWN),
    (f"{_ACCEPTS} <> 1", CLOSED),
    ("length(trim(NEW.isi)) < 10", TOO_SHORT),
)
_TRIGGER: Final = {
    "sqlite": "CREATE TRIGGER kotak_masuk_periksa BEFORE INSERT ON kotak_masuk BEGIN SELECT CASE "
    + " ".join(f"WHEN {condition} THEN RAISE(ABORT, '{reason}')" for condition, reason in _REASONS)
    + " END; END",
    "mysql": "CREATE TRIGGER kotak_masuk_periksa BEFORE INSERT ON kotak_masuk FOR EACH ROW BEGIN "
    + " ".join(
        f"IF {condition} THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{reason}'; END IF;"
        for condition, reason in _REASONS
    )
    + " END",
}
_HUGE: Final = {"sqlite": "replace(hex(zeroblob(40000000)), '0', 'x')", "mysql": "repeat('x', 16000000)"}


def tables(dialect: str) -> Iterator[str]:
    """Yield the statements that create the tables, and the trigger."""
    yield from _TABLES
    yield _INBOX[dialect]
    yield _TRIGGER[dialect]


def views() -> Iterator[str]:
    """Yield the statements that recreate the views."""
    for name, statement in _VIEWS.items():
        yield f"DROP VIEW IF EXISTS {name}"
        yield statement


def oversized(dialect: str) -> Iterator[str]:
    """Yield the statements that create a view with forms far longer than the column allows."""
    yield "DROP VIEW IF EXISTS v_konsultasi"
    yield _events(_HUGE[dialect])


def grants(user: str) -> Iterator[str]:
    """Yield the MariaDB statements that let the gateway's account select from the views, and insert."""
    for view in _VIEWS:
        yield f"GRANT SELECT ON {view} TO {user}"
    yield f"GRANT INSERT (tabel, id_kegiatan, nik, isi) ON kotak_masuk TO {user}"
