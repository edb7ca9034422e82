"""Whole answers about other people: every format in which systems answer, and what cannot be judged."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment

from gateway.adapter_tools.recorder.documents import UnjudgedError, rewrite_answer
from tests.gateway.adapter_tools.recorder.conftest import Canary, replacer

CANARY = Canary()
COLUMNS = ("nik", "nama", "status", "tanggal", "lahir", "kelurahan", "data")


def written(content: bytes) -> str:
    return content.decode("utf-8")


def test_json() -> None:
    content = json.dumps({"data": [{"nik": int(CANARY.nik), "nama": CANARY.name, "ibu_kandung": CANARY.name}]}).encode()
    whole = rewrite_answer(content, replacer(*COLUMNS))
    assert whole.ending == "json"
    assert CANARY.traces(written(whole.content)) == []
    assert str(json.loads(whole.content)["data"][0]["nik"]).startswith("637199")


def test_xml_texts_attributes_and_comments() -> None:
    content = (
        f"<?xml version='1.0'?><!-- {CANARY.name} --><data><orang id='{CANARY.nik}' n='{CANARY.name}'>"
        f"<nama>{CANARY.name}</nama> {CANARY.phone}<status>LUNAS</status><?php {CANARY.nik} ?></orang></data>"
    ).encode()
    whole = rewrite_answer(content, replacer(*COLUMNS, "lunas"))
    assert whole.ending == "xml"
    assert CANARY.traces(written(whole.content)) == []
    assert "<status>LUNAS</status>" in written(whole.content)


def test_html_forms_scripts_and_comments() -> None:
    content = (
        f"<!DOCTYPE html><html><head><title>{CANARY.name}</title><script>var x='{CANARY.nik}'</script></head><body>"
        f"<!-- {CANARY.name} --><form action='/cari?nik={CANARY.nik}'><input name='nama' value='{CANARY.name}'>"
        f"<td onclick=\"buka('{CANARY.phone}')\" title='{CANARY.mail}'>{CANARY.name} {CANARY.forms['born']}</td>"
    ).encode()
    whole = rewrite_answer(content, replacer(*COLUMNS))
    assert whole.ending == "html"
    assert CANARY.traces(written(whole.content)) == []
    assert 'name="nama"' in written(whole.content)


def test_csv_by_its_columns() -> None:
    content = f"NIK;NAMA;STATUS;TANGGAL\r\n'{CANARY.nik};{CANARY.name};LUNAS;01-08-2026\r\n".encode("utf-8-sig")
    whole = rewrite_answer(content, replacer(*COLUMNS, "lunas"))
    assert whole.ending == "csv"
    assert whole.content.startswith(b"\xef\xbb\xbfNIK;NAMA;STATUS;TANGGAL\r\n'637199")
    assert written(whole.content).endswith(";LUNAS;01-08-2026\r\n")
    assert CANARY.traces(written(whole.content)) == []


def test_free_text() -> None:
    whole = rewrite_answer(f"Pelapor {CANARY.name}, hubungi {CANARY.phone}.".encode(), replacer())
    assert whole.ending == "txt"
    assert CANARY.traces(written(whole.content)) == []


def workbook() -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = CANARY.name
    sheet.append(["DAFTAR PENERIMA"])
    sheet.append(["NIK", "NAMA", "TANGGAL LAHIR", "STATUS", "NILAI"])
    sheet.append([CANARY.nik, CANARY.name, CANARY.born, "LUNAS", 3])
    sheet.append([int(CANARY.nik), CANARY.name.upper(), 32391, "LUNAS", "=3+4"])
    sheet["B3"].comment = Comment(CANARY.name, CANARY.name)
    sheet["B3"].hyperlink = f"https://contoh.example/{CANARY.nik}"
    sheet.merge_cells("A1:E1")
    hidden = book.create_sheet("hidden")
    hidden.sheet_state = "hidden"
    hidden.append([CANARY.name, CANARY.phone])
    book.properties.creator = CANARY.name
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def test_a_workbook_with_everything_that_a_spreadsheet_program_leaves_in_it() -> None:
    whole = rewrite_answer(workbook(), replacer(*COLUMNS, "lunas", "nilai", "daftar", "penerima"))
    assert whole.ending == "xlsx"
    with ZipFile(BytesIO(whole.content)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert {name: CANARY.traces(part) for name, part in parts.items() if CANARY.traces(part)} == {}
    assert not any("comment" in name or "docProps" in name for name in parts)
    sheet = load_workbook(BytesIO(whole.content)).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[1] == ["NIK", "NAMA", "TANGGAL LAHIR", "STATUS", "NILAI"]
    assert str(rows[2][0]) == str(rows[3][0])
    assert str(rows[2][0]).startswith("637199")
    assert rows[2][3] == "LUNAS"
    assert rows[3][2] != 32391
    assert [str(merged) for merged in sheet.merged_cells.ranges] == ["A1:E1"]


def left_in(part: str, before: str, left: str) -> bytes:
    """The workbook with something more in one of its parts, as spreadsheet programs write it."""
    made = BytesIO()
    with ZipFile(BytesIO(workbook())) as archive, ZipFile(made, "w") as written:
        for name in archive.namelist():
            content = archive.read(name).decode()
            assert name != part or before in content
            written.writestr(name, content.replace(before, left + before, 1) if name == part else content)
    return made.getvalue()


@pytest.mark.parametrize(
    ("part", "before", "left"),
    [
        ("xl/workbook.xml", "<bookViews", f'<fileSharing userName="{CANARY.name}"/>'),
        (
            "xl/workbook.xml",
            "<bookViews",
            '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice>'
            f'<a:absPath xmlns:a="urn:a" url="C:\\Users\\{CANARY.name}"/></mc:Choice></mc:AlternateContent>',
        ),
        ("xl/worksheets/sheet1.xml", "<mergeCells", f'<autoFilter><filter val="{CANARY.name}"/></autoFilter>'),
        ("xl/worksheets/sheet1.xml", "</row>", f'<c r="F1"><f>HYPERLINK("mailto:{CANARY.mail}")</f><v/></c>'),
        ("xl/worksheets/sheet1.xml", "</row>", f'<c r="F1" t="b"><f>A3="{CANARY.name}"</f><v>1</v></c>'),
        ("xl/worksheets/sheet1.xml", "</row>", f'<c r="F1" t="e"><f>{CANARY.nik}/0</f><v>#DIV/0!</v></c>'),
        ("xl/worksheets/sheet1.xml", "</row>", f'<c r="F1" t="d"><v>{CANARY.born}</v></c>'),
        ("xl/worksheets/sheet1.xml", "<sheetFormatPr", f"{CANARY.name}"),
        ("xl/styles.xml", "</numFmts>", f'<numFmt numFmtId="200" formatCode="0&quot; {CANARY.name}&quot;"/>'),
        ("xl/styles.xml", "</cellStyles>", f'<cellStyle name="{CANARY.name}" xfId="0"/>'),
    ],
)
def test_what_spreadsheet_programs_leave_beside_the_values_is_not_kept(part: str, before: str, left: str) -> None:
    if part == "xl/styles.xml" and before not in workbook_part(part):
        left, before = f"<numFmts>{left}</numFmts>", "<fonts"
    whole = rewrite_answer(left_in(part, before, left), replacer(*COLUMNS, "lunas", "nilai", "daftar", "penerima"))
    with ZipFile(BytesIO(whole.content)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert {name: CANARY.traces(text) for name, text in parts.items() if CANARY.traces(text)} == {}
    assert load_workbook(BytesIO(whole.content)).worksheets[0]["D3"].value == "LUNAS"


def workbook_part(name: str) -> str:
    with ZipFile(BytesIO(workbook())) as archive:
        return archive.read(name).decode()


def test_the_last_look_sees_every_part_of_a_workbook() -> None:
    whole = rewrite_answer(workbook(), replacer(*COLUMNS, "lunas", "hidden"))
    seen = "\n".join(whole.texts)
    assert "LUNAS" in seen
    assert "hidden" in seen


def test_a_long_text_with_a_quotation_mark_is_no_table() -> None:
    whole = rewrite_answer(f'"{CANARY.name}, {"a" * 200_000}'.encode(), replacer())
    assert whole.ending == "txt"
    assert CANARY.traces(written(whole.content)) == []


@pytest.mark.parametrize(
    "content",
    [
        b"\x00\x01\x02\xff\xfe" * 40,
        b"PK\x03\x04broken",
        b"<data><nama>Zubaidah</data>",
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "Zubaidah">]><a>&b;</a>',
        b"<data><o6371084509880007/></data>",
    ],
)
def test_what_cannot_be_judged_is_not_kept(content: bytes) -> None:
    with pytest.raises(UnjudgedError):
        rewrite_answer(content, replacer())


def test_an_archive_that_is_no_workbook_is_not_kept() -> None:
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        archive.writestr("stops.txt", f"id,name\n1,{CANARY.name}\n")
    with pytest.raises(UnjudgedError):
        rewrite_answer(made.getvalue(), replacer())
