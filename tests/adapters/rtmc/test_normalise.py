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
from schemas.codes import Coded
from schemas.doubts import Doubt, DoubtCode
from schemas.notice import NoticeStatus, Severity
from schemas.texts import KEEP
from schemas.traffic import INCIDENT_KINDS, Congestion, IncidentKind

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
            "doubts": [doubt.model_dump(mode="json", exclude_none=True) for doubt in normal.doubts],
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
    columns = {"idKejadian": "1", "jenis": "LAKA", "judul": text, "uraian": text, "lokasi": text}
    body = ROWS["incident"].normalise(Kejadian.model_validate(columns)).body
    assert (body.title, body.description, body.location.text) == (shown, shown, shown)


@pytest.mark.parametrize("column", ["jenis", "status", "tingkat"])
def test_numbers_in_an_unknown_word_are_withheld(column):
    found = normalised(**{column: "Mobil DA 1234 AB"})
    (doubt,) = found.doubts
    assert doubt.original == "Mobil [nomor disamarkan]"
    assert "1234" not in found.body.model_dump_json()


def normalised(**columns):
    return ROWS["incident"].normalise(wire("incident-plain").model_copy(update=columns))


@pytest.mark.parametrize("ends", ["23/11/2026 10:05", "00/00/0000 00:00", None])
def test_an_unknown_status_is_unknown_whether_there_is_an_end_or_not(ends):
    found = normalised(status="SELESAI", waktuSelesai=ends)
    assert found.body.status is NoticeStatus.UNKNOWN
    assert found.body.phase is None
    assert found.doubts == (Doubt(code=DoubtCode.STATUS_UNKNOWN, field="/status", original="SELESAI"),)


def test_an_unknown_kind_is_unknown_and_not_other():
    found = normalised(jenis="Konvoi")
    assert found.body.kind == Coded.of(INCIDENT_KINDS, IncidentKind.UNKNOWN)
    assert found.doubts == (Doubt(code=DoubtCode.CODE_UNKNOWN, field="/kind", original="Konvoi"),)


@pytest.mark.parametrize(
    ("column", "field", "value"),
    [
        ("jenis", "kind", Coded.of(INCIDENT_KINDS, IncidentKind.UNKNOWN)),
        ("tingkat", "severity", Severity.UNKNOWN),
        ("status", "status", NoticeStatus.UNKNOWN),
    ],
)
def test_a_word_that_is_missing_makes_nothing_up(column, field, value):
    found = normalised(**{column: None})
    assert getattr(found.body, field) == value
    assert found.doubts == (Doubt(code=DoubtCode.FIELD_MISSING, field=f"/{field}"),)


def test_a_severity_that_is_not_stated_is_unknown_without_a_doubt():
    found = normalised(tingkat="-")
    assert (found.body.severity, found.doubts) == (Severity.UNKNOWN, ())


@pytest.mark.parametrize(
    ("word", "level"),
    [
        ("LANCAR", Congestion.FREE),
        ("Ramai  Lancar", Congestion.BUSY),
        ("PADAT", Congestion.HEAVY),
        ("PADAT MERAYAP", Congestion.SLOW),
        ("MACET", Congestion.JAMMED),
    ],
)
def test_each_word_of_congestion_has_a_level_of_its_own(word, level):
    found = ROWS["condition"].normalise(wire("condition-plain").model_copy(update={"tingkat": word}))
    assert (found.body.congestion, found.doubts) == (level, ())


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
        assert row.resource.body.model_validate_json(normal.body.model_dump_json(context=KEEP)) == normal.body
    assert row.key(record)
