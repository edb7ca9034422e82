"""Writes an agency's programmes as CSV, in the dialect of its export (Q31, Q53)."""

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Final

from simulators.wirausaha_baru.agencies import Agency, long_date, rupiah
from simulators.wirausaha_baru.register import Programme

COLUMNS: Final = ("NAMA PROGRAM", "TAHUN", "SKPD", "KUOTA", "BANTUAN PER ORANG", "BATAS PENDAFTARAN", "URAIAN")


def programme_list(agency: Agency, programmes: Sequence[Programme]) -> bytes:
    """The CSV file of one agency, in its charset. Characters that the charset lacks become question marks."""
    text = StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in programmes:
        year = f"'{one.year}" if agency.apostrophes else str(one.year)
        quota = "-" if one.quota is None else str(one.quota)
        deadline = long_date(one.deadline, weekday=agency.weekdays)
        writer.writerow((one.name, year, agency.name, quota, rupiah(one.aid), deadline, one.description))
    writer.writerow(("JUMLAH", len(programmes)))
    return text.getvalue().encode(agency.charset, errors="replace")
