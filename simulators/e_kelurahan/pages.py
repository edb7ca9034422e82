"""The HTML pages of e-kelurahan, in windows-1252, with values in form fields."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from simulators.e_kelurahan.store import Row
from simulators.kelurahan import kelurahan

_STATUS_WORDS: Final = {
    "0": "Menunggu",
    "1": "Disetujui",
    "2": "Ditolak",
    "3": "Dibatalkan",
    "4": "Berkas Kurang",
    "5": "Dicabut",
}


_HEAD: Final = '<meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-1">'


def _page(title: str, body: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="id"><head>{_HEAD}<title>{title} | e-Kelurahan</title></head>\n'
        f'<body>\n<div class="container">\n{body}\n</div>\n</body></html>\n'
    )


def _alert(message: str) -> str:
    return f'<div class="alert alert-danger">{escape(message)}</div>' if message else ""


def _token(token: str) -> str:
    return f'<input type="hidden" name="csrf_test_name" value="{token}">'


def login(token: str, message: str = "") -> str:
    """Return the login form."""
    return _page(
        "Masuk",
        f'<h3>Silakan masuk</h3>{_alert(message)}<form action="/login" method="post" class="form-login">{_token(token)}'
        '<input type="text" name="identity" placeholder="Nama Pengguna">'
        '<input type="password" name="password" placeholder="Kata Sandi"><button type="submit">Masuk</button></form>',
    )


def message(title: str, text: str) -> str:
    """Return a page with one message."""
    return _page(escape(title), f"<h3>{escape(title)}</h3><p>{escape(text)}</p>")


def table(title: str, columns: Sequence[str], rows: Sequence[Row]) -> str:
    """Return a list as a page: the answer to a browser where AJAX gets JSON."""
    head = "".join(f"<th>{column}</th>" for column in columns)
    body = "\n".join("<tr>" + "".join(f"<td>{escape(row[c])}</td>" for c in columns) + "</tr>" for row in rows)
    return _page(
        escape(title), f'<table class="table">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>'
    )


def _input(name: str, value: str) -> str:
    return f'<div class="form-group"><label>{name}</label><input name="{name}" value="{escape(value)}" readonly></div>'


def _options(options: Mapping[str, str], chosen: str) -> str:
    return "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(text)}</option>'
        for value, text in options.items()
    )


def _cells(*cells: str) -> str:
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _steps(row: Row, token: str) -> str:
    """Return the form for an applicant's further steps; empty once the application is decided."""
    if not steps(row):
        return ""
    return (
        f'<form id="tindak" action="/permohonan/{row["tabel"]}/{row["id"]}/tindak" method="post">{_token(token)}\n'
        f'<select name="langkah">{_options(steps(row), "")}</select>\n'
        '<textarea name="catatan"></textarea>\n<button type="submit">Simpan</button></form>\n'
    )


def steps(row: Row) -> Mapping[str, str]:
    """Return the steps that an applicant may take; none once the application is decided."""
    if row["status"] not in {"0", "4"}:
        return {}
    return {"lengkapi": "Lengkapi berkas", "batalkan": "Batalkan permohonan"}


def detail(row: Row, history: Sequence[Row], files: Sequence[Row], token: str, errors: str = "") -> str:
    """Return the page of one application: a form with its columns, the possible steps, the stamps, and the files."""
    shown = [name for name in row if name not in {"keperluan", "status", "id_penduduk"}]
    words = _STATUS_WORDS if row["status"] in _STATUS_WORDS else {**_STATUS_WORDS, row["status"]: row["status"]}
    stamps = "\n".join(_cells(*(escape(step[c]) for c in ("pada", "oleh", "langkah", "catatan"))) for step in history)
    links = "\n".join(
        _cells(
            escape(file["jenis"]),
            escape(file["nomor"]),
            escape(file["tanggal"]),
            f'<a href="/berkas/{file["id"]}">unduh</a>',
        )
        for file in files
    )
    return _page(
        "Detail Permohonan",
        _alert(errors)
        + '<form id="detail" action="/permohonan/ubah" method="post">\n'
        + "\n".join(_input(name, row[name]) for name in shown)
        + f'\n<textarea name="keperluan" readonly>{escape(row["keperluan"])}</textarea>'
        + f'\n<select name="status" disabled>{_options(words, row["status"])}</select>\n</form>\n'
        + _steps(row, token)
        + '<h4>Riwayat</h4>\n<table id="riwayat"><thead><tr><th>Pada</th><th>Oleh</th><th>Langkah</th><th>Catatan</th>'
        + f"</tr></thead>\n<tbody>\n{stamps}\n</tbody></table>\n"
        + '<h4>Berkas</h4>\n<table id="berkas"><thead><tr><th>Jenis</th><th>Nomor</th><th>Tanggal</th><th></th>'
        + f"</tr></thead>\n<tbody>\n{links}\n</tbody></table>",
    )


def new(token: str, services: Sequence[Row], filled: Mapping[str, str], errors: str = "") -> str:
    """Return the form for a new application; `filled` are the values of a refused submission."""
    letters = {row["kode"]: row["nama"] for row in services if row["aktif"] == "Y"}
    places = {f"{one.name}|{one.kecamatan}": one.name for one in kelurahan()}
    return _page(
        "Permohonan Baru",
        f'{_alert(errors)}<form id="baru" action="/permohonan/simpan" method="post">{_token(token)}\n'
        f'<input name="nik" value="{escape(filled.get("nik", ""))}">\n'
        f'<select name="kode">{_options(letters, filled.get("kode", ""))}</select>\n'
        f'<select name="kelurahan">{_options(places, filled.get("kelurahan", ""))}</select>\n'
        f'<textarea name="keperluan">{escape(filled.get("keperluan", ""))}</textarea>\n'
        '<button type="submit">Simpan</button></form>',
    )
