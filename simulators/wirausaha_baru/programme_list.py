"""Write an agency's programmes and receipts as CSV, in the dialect of its export (Q31, Q53)."""

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Final

from simulators.wirausaha_baru.agencies import Agency, long_date, rupiah
from simulators.wirausaha_baru.register import Programme, Receipt

Row = tuple[str, ...]

COLUMNS: Final = ("NAMA PROGRAM", "TAHUN", "SKPD", "KUOTA", "BANTUAN PER ORANG", "BATAS PENDAFTARAN", "URAIAN")
RECEIPT_COLUMNS: Final = ("KODE", "STATUS", "KETERANGAN", "TANGGAL")


def programme_list(agency: Agency, programmes: Sequence[Programme]) -> bytes:
    """Return the CSV file of one agency, in its charset; unsupported characters become question marks."""
    rows: list[Row] = []
    for one in programmes:
        year = f"'{one.year}" if agency.apostrophes else str(one.year)
        quota = "-" if one.quota is None else str(one.quota)
        deadline = long_date(one.deadline, weekday=agency.weekdays)
        rows.append((one.name, year, agency.name, quota, rupiah(one.aid), deadline, one.description))
    return _written(agency, COLUMNS, rows)


def receipt_list(agency: Agency, receipts: Sequence[Receipt]) -> bytes:
    """Return the CSV file with the outcomes of the registrations for one agency."""
    rows = [(one.code, one.status, one.note, f"{one.day:%d/%m/%Y}") for one in receipts]
    return _written(agency, RECEIPT_COLUMNS, rows)


def _written(agency: Agency, columns: Row, rows: Sequence[Row]) -> bytes:
    text = StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerows([columns, *rows, ("JUMLAH", str(len(rows)))])
    return text.getvalue().encode(agency.charset, errors="replace")
