"""Parsing of a file to rows: finds the header, checks it against the agreed one, and finds the end of the list."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import StringIO
from typing import Final

from adapters.errors import UpstreamMalformedError
from adapters.legacy.charsets import decode
from adapters.legacy.dates import whole_day
from adapters.legacy.spelled_dates import indonesian_date
from adapters.wirausaha_baru.cells import MAX_COLUMNS, CellValue, Grid
from adapters.wirausaha_baru.wire import fold_cell
from adapters.wirausaha_baru.workbook import sheets

Cells = dict[str, CellValue]

PARTICIPANT_COLUMNS: Final = (
    ("NO", "NO"),
    ("KELURAHAN", "KELURAHAN"),
    ("PESERTA", "NAMA"),
    ("PESERTA", "NIK"),
    ("PESERTA", "L/P"),
    ("PESERTA", "NO. HP"),
    ("KELOMPOK", "KELOMPOK"),
    ("USAHA", "NAMA USAHA"),
    ("USAHA", "JENIS USAHA"),
    ("USAHA", "KBLI"),
    ("USAHA", "NIB"),
    ("BANTUAN", "BANTUAN"),
    ("TANGGAL DAFTAR", "TANGGAL DAFTAR"),
    ("STATUS USAHA", "STATUS"),
    ("STATUS USAHA", "PER TANGGAL"),
)
"""Group and name of each column; a column without a group has its name in both rows, because they are merged."""

PROGRAMME_COLUMNS: Final = (
    "NAMA PROGRAM",
    "TAHUN",
    "SKPD",
    "KUOTA",
    "BANTUAN PER ORANG",
    "BATAS PENDAFTARAN",
    "URAIAN",
)
RECEIPT_COLUMNS: Final = ("KODE", "STATUS", "KETERANGAN", "TANGGAL")
_SHEET: Final = "PESERTA"
_TOTAL: Final = ("JUMLAH", "TOTAL")
_HEADER_WITHIN: Final = 30
_LONGEST_TITLE: Final = 300
_MAX_PROGRAMMES: Final = 1_000
_MAX_RECEIPTS: Final = 50_000
_PROGRAMME: Final = re.compile(r"PROGRAM\s*: ?(.+)", re.IGNORECASE)
_YEAR: Final = re.compile(r"TAHUN\s*:?\s*([0-9]{4})", re.IGNORECASE)
_AS_OF: Final = re.compile(r"KEADAAN PER\s*:?\s(.+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ParticipantList:
    """The data of one workbook: its title's values (None if missing), and its rows by column."""

    programme: str | None
    year: int | None
    as_of: date | None
    rows: tuple[Cells, ...]


def _header_row(grid: Grid) -> int:
    """Return the upper row of the header: the first that contains both NO and KELURAHAN, in any column."""
    for row in range(1, _HEADER_WITHIN + 1):
        words = {fold_cell(value) for value in grid.rows.get(row, {}).values()}
        if {"NO", "KELURAHAN"} <= words:
            return row
    raise UpstreamMalformedError("a workbook has no header")


def _check_header(grid: Grid, row: int) -> None:
    for column in range(1, MAX_COLUMNS + 1):
        found = (fold_cell(grid.at(row, column)), fold_cell(grid.at(row + 1, column)))
        agreed = PARTICIPANT_COLUMNS[column - 1] if column <= len(PARTICIPANT_COLUMNS) else ("", "")
        if found != agreed:
            raise UpstreamMalformedError(f"column {column} of a workbook is not the agreed one: {agreed[1] or 'none'}")


def _rows(grid: Grid, first: int) -> Iterator[Cells]:
    """Yield the rows down to the totals, which are required: a list without them is incomplete."""
    for row in range(first, max(grid.rows, default=0) + 1):
        cells = {name: grid.at(row, column) for column, (_, name) in enumerate(PARTICIPANT_COLUMNS, start=1)}
        if fold_cell(cells["NO"]).startswith(_TOTAL):
            return
        if any(fold_cell(cells[name]) for name in ("NAMA", "NIK", "NAMA USAHA", "NIB")):
            yield cells
    raise UpstreamMalformedError("a workbook's list does not end with its totals")


def _title(grid: Grid, header: int) -> Iterator[str]:
    for row in range(1, header):
        for value in grid.rows.get(row, {}).values():
            if isinstance(value, str):
                yield " ".join(value[:_LONGEST_TITLE].split())
                break


def _found(pattern: re.Pattern[str], lines: list[str]) -> str | None:
    return next((found[1] for line in lines if (found := pattern.fullmatch(line))), None)


def read_participants(content: bytes) -> ParticipantList:
    """Return the list in a workbook. Takes milliseconds of CPU time.

    Raises `UpstreamMalformedError` when it violates the agreed format.
    """
    grids = sheets(content, _SHEET)
    if not grids:
        raise UpstreamMalformedError("a workbook has no visible sheet PESERTA")
    rows: list[Cells] = []
    lines: list[str] = []
    for grid in grids:
        header = _header_row(grid)
        _check_header(grid, header)
        rows.extend(_rows(grid, header + 2))
        lines.extend(_title(grid, header))
    year = _found(_YEAR, lines)
    return ParticipantList(
        programme=_found(_PROGRAMME, lines),
        year=int(year) if year else None,
        as_of=whole_day(indonesian_date(_found(_AS_OF, lines))).value,
        rows=tuple(rows),
    )


def read_programmes(content: bytes, charset: str) -> list[Cells]:
    """Return the rows of a programme file. Raises `UpstreamMalformedError` when it violates the agreed format."""
    return _read_csv(content, charset, "a programme file", PROGRAMME_COLUMNS, _MAX_PROGRAMMES)


def read_receipts(content: bytes, charset: str) -> list[Cells]:
    """Return the rows of a list of receipts. Raises `UpstreamMalformedError` when it violates the agreed format."""
    return _read_csv(content, charset, "a list of receipts", RECEIPT_COLUMNS, _MAX_RECEIPTS)


def _read_csv(content: bytes, charset: str, what: str, columns: tuple[str, ...], at_most: int) -> list[Cells]:
    text = decode(content, charset).value or ""
    try:
        lines = [line for line in csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=";") if line]
    except csv.Error:
        raise UpstreamMalformedError(f"{what} is not CSV") from None
    # Additional columns to the right of the agreed ones are ignored.
    if not lines or tuple(map(fold_cell, lines[0][: len(columns)])) != columns:
        raise UpstreamMalformedError(f"{what} does not have the agreed columns")
    rows = lines[1:-1]
    total = [fold_cell(field) for field in lines[-1]]
    if total[:1] != ["JUMLAH"] or total[1:2] != [str(len(rows))] or len(rows) > at_most:
        raise UpstreamMalformedError(f"{what} does not end with the number of its rows")
    return [dict(zip(columns, row, strict=False)) for row in rows]
