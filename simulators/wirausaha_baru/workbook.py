"""Write a list of participants in the layout of the agencies' spreadsheets (Q54)."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from io import BytesIO
from itertools import groupby
from typing import TYPE_CHECKING, Final

from simulators.wirausaha_baru.agencies import Agency, long_date, rupiah
from simulators.wirausaha_baru.register import Participant

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.worksheet.worksheet import Worksheet

Column = tuple[str | None, str]

COLUMNS: Final[tuple[Column, ...]] = (
    (None, "NO"),
    (None, "KELURAHAN"),
    ("PESERTA", "NAMA"),
    ("PESERTA", "NIK"),
    ("PESERTA", "L/P"),
    ("PESERTA", "NO. HP"),
    (None, "KELOMPOK"),
    ("USAHA", "NAMA USAHA"),
    ("USAHA", "JENIS USAHA"),
    ("USAHA", "KBLI"),
    ("USAHA", "NIB"),
    (None, "BANTUAN"),
    (None, "TANGGAL DAFTAR"),
    ("STATUS USAHA", "STATUS"),
    ("STATUS USAHA", "PER TANGGAL"),
)
# A changed column order: aid before group.
MOVED: Final = tuple(
    {"KELOMPOK": COLUMNS[11], "BANTUAN": COLUMNS[6]}.get(column[1], column) for column in COLUMNS
)  # fmt: skip


@cache
def _bold() -> "Font":
    from openpyxl.styles import Font

    return Font(bold=True)


@cache
def _centred() -> "Alignment":
    from openpyxl.styles import Alignment

    return Alignment(horizontal="center", vertical="center", wrap_text=True)


def _title(sheet: "Worksheet", agency: Agency, programme: str, year: int, day: date) -> int:
    """Write the title rows, whose number depends on the agency; return the row of the header."""
    lines = [
        "DAFTAR PESERTA PROGRAM WIRAUSAHA BARU KOTA BANJARMASIN",
        f"PROGRAM: {programme}",
        agency.name.upper(),
        f"TAHUN {year}",
    ]
    if agency.dated:
        lines.append(f"Keadaan per {long_date(day)}")
    for row, line in enumerate(lines, start=1):
        sheet.cell(row, 1, line).font = _bold()
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(COLUMNS))
    return len(lines) + 2


def _header(sheet: "Worksheet", row: int, columns: Sequence[Column]) -> None:
    first = 1
    for group, members in groupby(columns, key=lambda column: column[0]):
        names = [name for _, name in members]
        last = first + len(names) - 1
        for place, name in enumerate(names, start=first):
            sheet.cell(row if group is None else row + 1, place, name)
            if group is None:
                sheet.merge_cells(start_row=row, end_row=row + 1, start_column=place, end_column=place)
        if group is not None:
            sheet.cell(row, first, group)
            sheet.merge_cells(start_row=row, end_row=row, start_column=first, end_column=last)
        first = last + 1
    for line in sheet.iter_rows(min_row=row, max_row=row + 1):
        for cell in line:
            cell.font, cell.alignment = _bold(), _centred()


def _value(column: str, value: str | int | None) -> str | int | datetime | None:
    """Return a cell's content; a day of enrolment in ISO form becomes a spreadsheet date."""
    if column == "TANGGAL DAFTAR" and isinstance(value, str) and value[4:5] == "-":
        return datetime.fromisoformat(value)
    return value


def _rows(sheet: "Worksheet", row: int, participants: Sequence[Participant], columns: Sequence[Column]) -> int:
    """Write the lines, with merged kelurahan cells; return the row after them."""
    number = 0
    for kelurahan, members in groupby(participants, key=lambda one: one.kelurahan):
        first = row
        for participant in members:
            number += 1
            cells = {"NO": number, "KELURAHAN": kelurahan if row == first else None, **participant.cells}
            for place, (_, name) in enumerate(columns, start=1):
                sheet.cell(row, place).value = _value(name, cells.get(name))
            row += 1
        if row - first > 1:
            sheet.merge_cells(start_row=first, end_row=row - 1, start_column=2, end_column=2)
    return row


def _foot(
    sheet: "Worksheet", row: int, participants: Sequence[Participant], columns: Sequence[Column], day: date
) -> None:
    aid = columns.index((None, "BANTUAN")) + 1
    total = sum(int("".join(filter(str.isdigit, str(one.cells.get("BANTUAN", "")))) or 0) for one in participants)
    sheet.cell(row, 1, "JUMLAH").font = _bold()
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=min(aid, 6) - 1)
    sheet.cell(row, aid, rupiah(total)).font = _bold()
    sheet.cell(row + 2, len(columns) - 2, f"Banjarmasin, {long_date(day)}")
    sheet.cell(row + 3, len(columns) - 2, "Kepala Dinas")


def _hidden(book: "Workbook") -> None:
    """Add the agency's internal sheet, which comes first and is hidden."""
    sheet = book.create_sheet("MASTER", 0)
    sheet.sheet_state = "hidden"
    for row, words in enumerate(("STATUS", "Rintisan", "Aktif", "Berhenti", "Pindah", "Tidak terlacak"), start=1):
        sheet.cell(row, 1, words)


def workbook(
    agency: Agency,
    programme: str,
    year: int,
    day: date,
    participants: Sequence[Participant],
    columns: Sequence[Column] = COLUMNS,
) -> bytes:
    """Return the workbook of one agency and year, as of `day`."""
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook has a sheet")
    sheet.title = "PESERTA"
    row = _title(sheet, agency, programme, year, day)
    _header(sheet, row, columns)
    row = _rows(sheet, row + 2, participants, columns)
    _foot(sheet, row, participants, columns, day)
    _hidden(book)
    book.active = 1
    written = BytesIO()
    book.save(written)
    return written.getvalue()
