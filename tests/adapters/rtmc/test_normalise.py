"""Every recorded wire record and what becomes of it, and what a record can do to us."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import UnusableRecordError
from adapters.rtmc import SPEC
from adapters.rtmc.wire import Kejadian, Ruas

HERE = Path(__file__).parent
WIRE = {"incident": Kejadian, "condition": Ruas}
ROWS = {row.resource.name: row for row in SPEC.reads}
CASES = sorted(path.name.removesuffix(".in.json") for path in HERE.glob("*.in.json"))


def wire(case):
    return WIRE[case.partition("-")[0]].model_validate_json((HERE / f"{case}.in.json").read_bytes())


@pytest.mark.parametrize("case", CASES)
def test_what_becomes_of_a_record(case):
    row = ROWS[case.partition("-")[0]]
    try:
        normal = row.normalise(wire(case))
        found = {
            "body": normal.body.model_dump(mode="json", exclude_none=True),
            "doubts": [doubt.model_dump(mode="json") for doubt in normal.doubts],
        }
    except UnusableRecordError as error:
        found = {"set_aside": str(error)}
    assert found == json.loads((HERE / f"{case}.out.json").read_text("utf-8"))


def test_every_resource_has_cases():
    assert {case.partition("-")[0] for case in CASES} == set(ROWS)


def test_police_data_is_not_even_read():
    read = wire("incident-plain")
    for police in ("Brigadir", "8851"):
        assert police in (HERE / "incident-plain.in.json").read_text("utf-8")
        assert police not in read.model_dump_json()
    assert "Veteran" not in f"{read!r} {read}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("DA 1234 AB", "[nomor disamarkan]"),
        ("motor da1234ab dan B-1-A.", "motor [nomor disamarkan] dan [nomor disamarkan]."),
        ("hubungi 0812-3456-7890", "hubungi [nomor disamarkan]"),
        ("NIK 6371994502900011", "NIK [nomor disamarkan]"),
        ("Jl. A. Yani Km 5 No 12 RT 3 RW 2 pukul 10.30", "Jl. A. Yani Km 5 No 12 RT 3 RW 2 pukul 10.30"),
        ("24/11/2026 08:30", "24/11/2026 08:30"),
    ],
)
def test_numbers_in_free_text_are_withheld(text, shown):
    for column, field in (("judul", "title"), ("uraian", "description"), ("lokasi", "place")):
        body = ROWS["incident"].normalise(Kejadian.model_validate({"idKejadian": "1", "jenis": "LAKA", column: text}))
        assert getattr(body.body, field) == shown


TEXT = (
    st.none() | st.text(max_size=30) | st.from_regex(r"-?\d{1,4}[.,]?\d{0,9}|\d\d/\d\d/\d{4} \d\d:\d\d", fullmatch=True)
)


@pytest.mark.parametrize("name", WIRE)
@given(data=st.data())
def test_any_columns_are_normalised_or_set_aside(name, data):
    model, row = WIRE[name], ROWS[name]
    columns = {column: data.draw(TEXT) for column in model.model_fields}
    columns[next(iter(columns))] = data.draw(st.text(min_size=1, max_size=64))
    record = model.model_validate(columns)
    with suppress(UnusableRecordError):
        normal = row.normalise(record)
        assert row.resource.body.model_validate_json(normal.body.model_dump_json()) == normal.body
    assert row.key(record)
