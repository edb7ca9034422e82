"""Workbooks as other programs write them, and as nobody should."""

import os
import time
import tracemalloc
from collections.abc import Mapping
from datetime import date
from io import BytesIO
from types import MappingProxyType
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZipFile

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904, WINDOWS_EPOCH
from openpyxl.worksheet.worksheet import Worksheet

from adapters.errors import UpstreamMalformedError
from adapters.wirausaha_baru.cells import MAX_COLUMNS, CellValue
from adapters.wirausaha_baru.lists import PARTICIPANT_COLUMNS, read_participants
from adapters.wirausaha_baru.workbook import MAX_ATTRIBUTES, MAX_TAGS, sheets
from simulators.wirausaha_baru.agencies import BY_ID
from simulators.wirausaha_baru.register import Participant
from simulators.wirausaha_baru.workbook import COLUMNS, MOVED, workbook

KOPERASI = BY_ID["dinas-koperasi"]
DAY = date(2025, 12, 31)
EPOCH = WINDOWS_EPOCH
PARTS: Final[Mapping[str, str]] = {
    "_rels/.rels": '<R><Relationship Id="a" Type="t/officeDocument" Target="xl/workbook.xml"/></R>',
    "xl/workbook.xml": '<w xmlns:r="http://purl.oclc.org/ooxml/officeDocument/relationships"><workbookPr/><sheets>'
    '<sheet name="Peserta " r:id="r1"/></sheets></w>',
    "xl/_rels/workbook.xml.rels": '<R><Relationship Id="r1" Type="t/worksheet" Target="/xl/worksheets/s.xml"/>'
    '<Relationship Id="r2" Type="t/sharedStrings" Target="ss.xml"/></R>',
    "xl/ss.xml": "<sst><si><r><t>NAMA</t></r><r><t xml:space='preserve"
    "'> LAMA</t></r><rPh><t>no</t></rPh></si><si><t>_x0041__x000A_</t></si></sst>",
    "xl/worksheets/s.xml": "<worksheet/>",
}


def packed(parts: Mapping[str, str | bytes], method: int = ZIP_DEFLATED) -> bytes:
    written = BytesIO()
    with ZipFile(written, "w", method, compresslevel=9) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return written.getvalue()


def sheet(xml: str, parts: Mapping[str, str] = MappingProxyType({})) -> bytes:
    """A workbook whose only sheet holds this; the padding keeps its ratio below the bound."""
    padding = os.urandom(120_000).hex()[: len(xml) // 60]
    return packed({**PARTS, **parts, "xl/worksheets/s.xml": f"<worksheet>{xml}<!--{padding}--></worksheet>"})


def participants(*names: str, kelurahan: str = "Mantuil") -> list[Participant]:
    return [Participant(kelurahan, {"NAMA": name, "NIK": "-", "BANTUAN": "Rp. 1.000,-"}) for name in names]


def edited(edit: object) -> bytes:
    """A good list that somebody edited afterwards."""
    book = load_workbook(BytesIO(workbook(KOPERASI, "Contoh", 2024, DAY, participants("Aluh", "Utuh"))))
    assert callable(edit)
    edit(book)
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def peserta(book: Workbook) -> Worksheet:
    found = book["PESERTA"]
    assert isinstance(found, Worksheet)
    return found


def test_a_list_with_title_hidden_sheet_merged_cells_totals_and_signature() -> None:
    lines = [*participants("Aluh", "Utuh"), *participants("Galuh", kelurahan="Pekauman")]
    found = read_participants(workbook(KOPERASI, "Contoh Usaha", 2024, DAY, lines))
    assert (found.programme, found.year, found.as_of) == ("Contoh Usaha", 2024, DAY)
    assert [(row["NAMA"], row["KELURAHAN"]) for row in found.rows] == [
        ("Aluh", "Mantuil"),
        ("Utuh", "Mantuil"),
        ("Galuh", "Pekauman"),
    ]


def test_an_empty_list_is_a_list() -> None:
    assert read_participants(workbook(KOPERASI, "Contoh", 2024, DAY, [])).rows == ()


def test_an_independent_library_reads_the_same_cells() -> None:
    cells = {
        "NAMA": "Aluh é & <b>",
        "NIK": 6371992311850020,
        "NO. HP": "'0812",
        "KBLI": 1412,
        "TANGGAL DAFTAR": "2024-02-19",
    }
    content = workbook(KOPERASI, "Contoh", 2024, DAY, [Participant("Mantuil", cells)])
    (grid,) = sheets(content, "PESERTA")
    book = load_workbook(BytesIO(content))
    ranges = peserta(book).merged_cells.ranges
    for line in peserta(book).iter_rows():
        for cell in line:
            if any(cell.coordinate in one for one in ranges):
                continue
            value: CellValue = (cell.value - EPOCH).days if cell.is_date else cell.value
            assert grid.at(cell.row, cell.column) == value


def test_only_merged_cells_are_filled() -> None:
    def clear(book: Workbook) -> None:
        peserta(book).unmerge_cells("B9:B10")

    assert [row["KELURAHAN"] for row in read_participants(edited(clear)).rows] == ["Mantuil", None]


@pytest.mark.parametrize("place", range(len(PARTICIPANT_COLUMNS)))
def test_a_header_that_is_not_the_agreed_one(place: int) -> None:
    def rename(book: Workbook) -> None:
        row = 7 if PARTICIPANT_COLUMNS[place][0] == PARTICIPANT_COLUMNS[place][1] else 8
        peserta(book).cell(row, place + 1).value = "LAIN"

    with pytest.raises(UpstreamMalformedError, match=r"header|not the agreed one"):
        read_participants(edited(rename))


def test_columns_that_changed_places_or_came_or_went() -> None:
    good = participants("Aluh")
    one_less = tuple(column for column in COLUMNS if column[1] != "KELOMPOK")
    one_more = (*COLUMNS, (None, "KETERANGAN"))
    for columns in (MOVED, one_less, one_more):
        with pytest.raises(UpstreamMalformedError, match="not the agreed one"):
            read_participants(workbook(KOPERASI, "Contoh", 2024, DAY, good, columns))


def test_a_list_without_its_totals_is_not_complete() -> None:
    def cut(book: Workbook) -> None:
        peserta(book).unmerge_cells("A11:E11")
        peserta(book).cell(11, 1).value = None

    with pytest.raises(UpstreamMalformedError, match="totals"):
        read_participants(edited(cut))


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_list_is_not_read(state: str) -> None:
    def hide(book: Workbook) -> None:
        book["MASTER"].sheet_state = "visible"
        peserta(book).sheet_state = state

    with pytest.raises(UpstreamMalformedError, match="no visible sheet"):
        read_participants(edited(hide))


def test_a_list_in_two_sheets_is_read_whole() -> None:
    def copy(book: Workbook) -> None:
        book.copy_worksheet(peserta(book)).title = "PESERTA (2)"

    assert [row["NAMA"] for row in read_participants(edited(copy)).rows] == ["Aluh", "Utuh"] * 2


def test_days_counted_from_1904_are_refused() -> None:
    def older(book: Workbook) -> None:
        book.epoch = CALENDAR_MAC_1904

    with pytest.raises(UpstreamMalformedError, match="1904"):
        read_participants(edited(older))


def test_cells_as_other_programs_write_them() -> None:
    xml = (
        '<sheetData><row><c t="s"><v>0</v></c><c><v>6.3719923118500202E+15</v></c><c t="inlineStr">'
        "<is><t>in</t></is></c>"
        '<c t="str"><f>A1&amp;"x"</f><v>made</v></c><c t="b"><v>1</v></c><c t="e"><v>#REF!</v></c><c/></row>'
        '<row r="9"><c r="B9"><v>1.5</v></c><c t="s"><v>1</v></c><c r="ZZ9"><v>1</v></c></row>'
        "<row/><row><c><v>-3</v></c></row>"
        "</sheetData>"
    )
    (grid,) = sheets(sheet(xml), "PESERTA")
    assert grid.rows == {
        1: {1: "NAMA LAMA", 2: 6371992311850020, 3: "in", 4: "made", 5: "TRUE", 6: "#REF!"},
        9: {2: 1.5, 3: "A\n"},
        11: {1: -3},
    }


HOSTILE = {
    "missing shared text": "<row><c t='s'><v>2</v></c></row>",
    "text before the first": "<row><c t='s'><v>-1</v></c></row>",
    "no number": "<row><c><v>seribu</v></c></row>",
    "infinity": "<row><c><v>1E999</v></c></row>",
    "row beyond": "<row r='5001'><c><v>1</v></c></row>",
    "corner": "<row><c><v>1</v></c></row><row r='1048576'><c r='A1048576'><v>1</v></c></row>",
    "no number at all": "<row><c><v>nan</v></c></row>",
    "row of letters": "<row r='x'><c><v>1</v></c></row>",
    "row zero": "<row r='0'><c><v>1</v></c></row>",
    "row of many digits": f"<row r='{'9' * 5000}'/>",
    "invalid cell reference": "<row><c r='9B'><v>1</v></c></row>",
    "merged without end": "<mergeCells>" + "<mergeCell ref='A1:XFD1048576'/>" + "</mergeCells>",
    "merged nonsense": "<mergeCells><mergeCell ref='A1:'/><mergeCell/></mergeCells>",
    "cut": "<row><c>",
    "many cells": "<c/>" * MAX_TAGS,
    "many attributes": "<c " + " ".join(f"a{i}=''" for i in range(MAX_ATTRIBUTES + 1)) + "/>",
    "deep": "<a>" * 300 + "</a>" * 300,
    "deeper": "<a>" * 120_000 + "</a>" * 120_000,
    "entity": "<row>&lt;&undeclared;</row>",
}


@pytest.mark.parametrize("xml", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_sheet(xml: str) -> None:
    with pytest.raises(UpstreamMalformedError):
        read_participants(sheet(xml))


def test_external_and_inner_entities_are_refused() -> None:
    for dtd in ('<!DOCTYPE w [<!ENTITY a "b">]>', '<!DOCTYPE w SYSTEM "file:///etc/hostname">', "<!DOCTYPE w>"):
        for part in ("xl/workbook.xml", "xl/worksheets/s.xml", "xl/ss.xml"):
            with pytest.raises(UpstreamMalformedError):
                read_participants(packed({**PARTS, part: dtd + PARTS[part]}))


def test_parts_that_lead_nowhere() -> None:
    for part in PARTS:
        without = {name: content for name, content in PARTS.items() if name != part}
        with pytest.raises(UpstreamMalformedError):
            read_participants(packed(without))
    with pytest.raises(UpstreamMalformedError):
        read_participants(packed({**PARTS, "xl/workbook.xml": PARTS["xl/workbook.xml"].replace("r1", "../../../etc")}))


def test_one_sheet_named_many_times_counts_each_time() -> None:
    named = "".join(f'<sheet name="PESERTA {n}" r:id="r1"/>' for n in range(2_000))
    book = PARTS["xl/workbook.xml"].replace("<sheets>", f"<sheets>{named}")
    with pytest.raises(UpstreamMalformedError, match="more content"):
        read_participants(packed({**PARTS, "xl/workbook.xml": book, "xl/worksheets/s.xml": f"<w>{'<row/>' * 500}</w>"}))


def test_archives_that_are_packed_oddly() -> None:
    with pytest.raises(UpstreamMalformedError, match="compression ratio"):
        read_participants(packed(PARTS, ZIP_LZMA))
    with pytest.raises(UpstreamMalformedError, match="more than the limit"):
        read_participants(packed({**PARTS, **{f"p{n}": "" for n in range(200)}}))
    for content in (b"", b"PK\x05\x06", b"<!DOCTYPE html><html></html>", packed(PARTS)[:400]):
        with pytest.raises(UpstreamMalformedError):
            read_participants(content)


def _lying(content: bytes, name: bytes) -> bytes:
    """The same archive, whose directory says that the part is 100 bytes long."""
    changed = bytearray(content)
    place = changed.rindex(name) - 46
    changed[place + 24 : place + 28] = (100).to_bytes(4, "little")
    return bytes(changed)


@pytest.mark.slow
@pytest.mark.parametrize("lies", [False, True])
def test_a_bomb_costs_little(lies: bool) -> None:
    xml = "<worksheet>" + "<c/>" * 25_000_000 + "</worksheet>"
    bomb = packed({**PARTS, "xl/worksheets/s.xml": xml})
    del xml
    if lies:
        bomb = _lying(bomb, b"xl/worksheets/s.xml")
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(UpstreamMalformedError):
        read_participants(bomb)
    took, (_, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64_000_000
    assert took < 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "xml",
    [
        "<row>" + "<c/>" * (MAX_TAGS - 100) + "</row>",
        "<row>" + "<c t='str'><v>1</v></c>" * (MAX_TAGS // 5) + "</row>",
        "<c " + " ".join(f"a{i}=''" for i in range(MAX_ATTRIBUTES - 100)) + "/>",
        ("<a>" * 200 + "</a>" * 200) * (MAX_TAGS // 400 - 2),
        "<row><c t='str'><v>" + "_x0041_" * 900_000 + "</v></c></row>",
        "<row><c t='str'><v>" + "&#8211;" * 900_000 + "</v></c></row>",
    ],
    ids=["cells", "values", "attributes", "deep", "text", "references"],
)
def test_the_most_that_is_let_through_costs_little(xml: str) -> None:
    content = sheet(xml)
    tracemalloc.start()
    with pytest.raises(UpstreamMalformedError, match="no header"):
        read_participants(content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64_000_000


def test_columns_far_to_the_right_are_not_kept() -> None:
    (grid,) = sheets(sheet("<row>" + "<c><v>1</v></c>" * 2_000 + "</row>"), "PESERTA")
    assert len(grid.rows[1]) == MAX_COLUMNS


def test_a_number_keeps_all_its_digits() -> None:
    """A float holds whole numbers to 2**53 only; a NIK of Papua is larger."""
    (grid,) = sheets(sheet("<row><c><v>9171012345678901</v></c><c><v>6371992311850021</v></c></row>"), "PESERTA")
    assert grid.rows == {1: {1: 9171012345678901, 2: 6371992311850021}}


def test_a_cell_in_the_last_column_costs_no_more_than_itself() -> None:
    """Some libraries make room for every cell between the first and the last."""
    content = sheet("<row r='1'><c r='A1'><v>1</v></c></row><row r='5000'><c r='XFD5000'><v>1</v></c></row>")
    tracemalloc.start()
    (grid,) = sheets(content, "PESERTA")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grid.rows == {1: {1: 1}}
    assert peak < 1_000_000


def test_a_long_text_that_many_cells_share_is_held_once() -> None:
    shared = {"xl/ss.xml": f"<sst><si><t>{os.urandom(1_000_000).hex()}</t></si></sst>"}
    cell = "<c t='s'><v>0</v></c>"
    content = sheet(f"<row>{cell * 30}</row>{f'<row>{cell}</row>' * 4_000}", shared)
    tracemalloc.start()
    (grid,) = sheets(content, "PESERTA")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(grid.rows) == 4_001
    assert peak < 32_000_000


def test_a_day_that_is_none_leaves_the_title_undated() -> None:
    def misdate(book: Workbook) -> None:
        peserta(book).cell(5, 1).value = "Keadaan per 31 Februari 2025"

    assert read_participants(edited(misdate)).as_of is None
