"""Whatever stands in a file: only errors of the tree, keys that keep, and nothing personal in a reason."""

from contextlib import suppress
from datetime import date
from functools import cache
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from adapters.contract import Bad, Normal
from adapters.errors import UnusableRecordError, UpstreamMalformedError
from adapters.legacy.envelopes import read_rows
from adapters.wirausaha_baru import ENROLMENTS, ENTERPRISES, PROGRAMMES
from adapters.wirausaha_baru.client import marked
from adapters.wirausaha_baru.lists import PARTICIPANT_COLUMNS, PROGRAMME_COLUMNS, read_participants, read_programmes
from adapters.wirausaha_baru.wire import PesertaRow, ProgramRow, UsahaRow
from schemas.texts import KEEP
from simulators.wirausaha_baru.agencies import BY_ID
from simulators.wirausaha_baru.register import Participant
from simulators.wirausaha_baru.workbook import workbook
from tests.loops import examples

CANARY = "6371990101909999"
CELLS = st.none() | st.text(max_size=40) | st.integers() | st.floats() | st.booleans()
LIKELY = CELLS | st.sampled_from(
    [
        "-",
        "1",
        "0",
        "Tidak ada",
        "Aktif",
        "L",
        "Mantuil",
        "'6371994502900011",
        "Rp. 7.500.000,-",
        "29 Maret 2024",
        "9/2/2024",
    ]
)


@cache
def good() -> bytes:
    cells = {"NAMA": "Aluh Contoh", "NIK": f"'{CANARY}", "NAMA USAHA": "Abon Contoh", "NIB": 99_000_111_222}
    lines = [Participant("Mantuil", cells)] * 3
    return workbook(BY_ID["dinas-koperasi"], "Contoh", 2024, date(2025, 12, 31), lines)


@cache
def parts() -> dict[str, bytes]:
    with ZipFile(BytesIO(good())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def reads_or_refuses(content: bytes) -> None:
    said = ""
    try:
        read_participants(content)
    except UpstreamMalformedError as error:
        said = repr((error, error.__cause__, error.__context__))
    assert CANARY not in said


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_as_a_workbook(content: bytes) -> None:
    reads_or_refuses(content)


@settings(deadline=None)
@given(st.data())
def test_a_damaged_workbook(data: st.DataObject) -> None:
    content = bytearray(good())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    reads_or_refuses(bytes(content[: data.draw(st.integers(0, len(content)) | st.just(len(content)))]))


@settings(max_examples=examples(200), deadline=None)
@given(st.data())
def test_a_damaged_part_in_a_sound_archive(data: st.DataObject) -> None:
    name = data.draw(
        st.sampled_from(["_rels/.rels", *(n for n in parts() if n.startswith("xl/") and "theme" not in n)])
    )
    content = parts()[name]
    start = data.draw(st.integers(0, len(content)))
    end = min(len(content), start + data.draw(st.integers(0, 60)))
    put = data.draw(
        st.binary(max_size=20) | st.sampled_from([b"<", b"/>", b'"', b"&x;", b"</row>", b'r="A1:B"', b"9" * 30])
    )
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        for other, whole in parts().items():
            archive.writestr(other, content[:start] + put + content[end:] if other == name else whole)
    reads_or_refuses(written.getvalue())


@settings(deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_as_programmes(content: bytes) -> None:
    header = ";".join(PROGRAMME_COLUMNS).encode()
    for charset in ("utf-8", "windows-1252"):
        for whole in (content, header + b"\r\n" + content, header + b"\r\n" + content + b"\r\nJUMLAH;1\r\n"):
            with suppress(UpstreamMalformedError):
                assert isinstance(read_programmes(whole, charset), list)


def row_of(columns: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    agency = {"skpd": st.sampled_from(["dinas-koperasi", "dinas-x"])}
    return st.fixed_dictionaries(agency, optional=dict.fromkeys(columns, LIKELY))


PARTICIPANTS = row_of(tuple(name for _, name in PARTICIPANT_COLUMNS))


@settings(max_examples=examples(300), deadline=None)
@given(PARTICIPANTS)
def test_any_cells_become_a_record_or_are_set_aside(cells: dict[str, Any]) -> None:
    for row, wire in ((ENROLMENTS, PesertaRow), (ENTERPRISES, UsahaRow)):
        (read,) = read_rows([{**cells, "tahun": 2024, "program": "Contoh"}], TypeAdapter(wire))
        if isinstance(read, Bad):
            assert not any(str(cell) in read.reason for cell in cells.values() if len(str(cell)) > 12)
            continue
        with suppress(UnusableRecordError):
            normal = row.normalise(read)
            assert isinstance(normal, Normal)
            assert row.resource.body.model_validate_json(normal.body.model_dump_json(context=KEEP)) == normal.body
        assert row.key(read)
        assert wire.model_validate_json(read.model_dump_json(by_alias=True)) == read


@settings(max_examples=examples(200), deadline=None)
@given(row_of(PROGRAMME_COLUMNS))
def test_any_cells_become_a_programme_or_are_set_aside(cells: dict[str, Any]) -> None:
    (read,) = read_rows([cells], TypeAdapter(ProgramRow))
    if not isinstance(read, Bad):
        with suppress(UnusableRecordError):
            assert isinstance(PROGRAMMES.normalise(read), Normal)


@settings(deadline=None)
@given(st.sampled_from([int, float]), st.integers(10**14, 10**17))
def test_a_number_is_never_an_exact_nik(kind: type, digits: int) -> None:
    normal = ENROLMENTS.normalise(
        PesertaRow.model_validate({"skpd": "dinas-koperasi", "tahun": 2024, "NAMA": "Aluh", "NIK": kind(digits)})
    )
    assert not any(identifier.exact for identifier in normal.body.holder.identifiers)
    assert normal.doubts


FEW = st.fixed_dictionaries(
    {
        "NAMA": st.sampled_from(["Aluh", "ALUH ", "Utuh"]),
        "NIK": st.sampled_from(["-", None, "'6371994502900011", "6371994502900011"]),
        "NAMA USAHA": st.sampled_from(["Abon", "abon", None]),
        "STATUS": st.sampled_from(["Aktif", "Pindah"]),
    }
)


@settings(deadline=None)
@given(st.lists(FEW, max_size=8), st.randoms(use_true_random=False))
def test_keys_depend_on_what_the_rows_say_and_not_on_their_order(rows: list[dict[str, Any]], random: Any) -> None:
    def keys(cells: list[dict[str, Any]]) -> dict[str, str]:
        read = read_rows([{**one, "skpd": "a", "tahun": 2024} for one in cells], TypeAdapter(PesertaRow))
        found = {one.key: one.content for one in marked(read) if isinstance(one, PesertaRow)}
        assert len(found) == len(cells)
        return found

    shuffled = list(rows)
    random.shuffle(shuffled)
    assert keys(shuffled) == keys(rows)
