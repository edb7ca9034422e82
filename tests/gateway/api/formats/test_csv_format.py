"""CSV output: stable columns, escaped formulas, no lost values."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.api.formats.csv_format import escape_formula, spreadsheet
from gateway.api.formats.page import ListPage
from gateway.api.sources import NO_SOURCES
from gateway.policy.disclosure import reference_data
from schemas.agency import Agency
from schemas.application import Application
from schemas.bill import Bill
from schemas.complaint import Complaint
from schemas.consultation import Consultation
from schemas.enterprise import Enterprise
from schemas.facility import Facility
from schemas.health import Appointment, Visit
from schemas.places import Region, RegionLevel
from schemas.planning import Plan, Proposal
from schemas.programme import Enrolment, Programme
from schemas.service import Service
from schemas.texts import Language, Text
from schemas.traffic import Camera, Condition, Incident
from schemas.transit import Route, Stop, Vehicle

BODIES = [
    *(Application, Appointment, Bill, Camera, Complaint, Condition, Consultation, Enrolment, Enterprise, Facility),
    *(Incident, Plan, Programme, Proposal, Route, Service, Stop, Vehicle, Visit),
]
REGION = Region(code="63.71.01.1001", name="Mantuil", level=RegionLevel.KELURAHAN)


def read(written):
    assert written.startswith("\ufeff".encode())
    return list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline="")))


def written(name):
    values = (REGION.model_copy(update={"name": name}),)
    return spreadsheet(Region, record=False).write(ListPage(reference_data(values, Language.INDONESIAN), NO_SOURCES))


def test_the_header_line_is_followed_by_a_line_for_each_item():
    head, line = read(written("Mantuil"))
    assert dict(zip(head, line, strict=True)) == {
        "code": "63.71.01.1001",
        "name": "Mantuil",
        "level": "kelurahan",
        "parent.code": "",
        "parent.name": "",
        "office.id": "",
        "office.name": "",
        "postal_code": "",
        "bps_code": "",
    }


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body.__name__)
def test_columns_come_from_the_schema_and_are_the_same_without_any_record(body):
    (head,) = read(spreadsheet(body).write(ListPage(reference_data((), Language.INDONESIAN), NO_SOURCES)))
    assert head[0] == "id"
    assert head[-1] == "provenance.as_of"
    assert len(set(head)) == len(head)
    assert {name.partition(".")[0] for name in head} == {"id", *body.model_fields, "doubts", "provenance"}
    if "location" in body.model_fields:
        assert {"location.position.longitude", "location.position.latitude"} <= set(head)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+62811", "+62811"),
        ("+62 811", "'+62 811"),
        ("-5", "-5"),
        ("-5.25", "-5.25"),
        ("-5+cmd|' /C calc'!A0", "'-5+cmd|' /C calc'!A0"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("\r\nx", "'\r\nx"),
        ("  =1", "  '=1"),
        ("\uff1d1", "'\uff1d1"),
        ("Jalan;=1", "Jalan;'=1"),
        ("Jalan\n=1", "Jalan\n'=1"),
        ("Jl. A - B = C", "Jl. A - B = C"),
        ("", ""),
    ],
)
def test_formulas_are_escaped_and_numbers_stay_numbers(text, cell):
    assert escape_formula(text) == cell


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60))
def test_texts_survive_except_for_apostrophes_and_begin_no_formula(text):
    _, line = read(written(text))
    assert line[1].replace("'", "") == text.replace("'", "")
    for start in (line[1], *line[1].split(";")):
        begun = start.lstrip()
        assert not begun.startswith(("=", "@")) or start is not line[1]
    assert not line[1].startswith(("=", "@", "\t", "\r"))


def test_a_list_within_a_record_is_one_cell():
    service = Service.model_validate(
        {
            "kind": {"scheme": "letter-type", "code": "domicile"},
            "name": {"id": "Domisili"},
            "agency": {"id": "a"},
            "requirements": [{"name": {"id": "KTP"}}],
        }
    )
    head, line = read(
        spreadsheet(Service, record=False).write(ListPage(reference_data((service,), Language.INDONESIAN), NO_SOURCES))
    )
    cells = dict(zip(head, line, strict=True))
    assert json.loads(cells["requirements"]) == [{"name": "KTP", "required": True, "evidence": None}]
    agency = Agency(id="a", name=Text(id="Dinas"), other_names=("Dinas Lama", "Balai"))
    head, line = read(
        spreadsheet(Agency, record=False).write(ListPage(reference_data((agency,), Language.INDONESIAN), NO_SOURCES))
    )
    assert dict(zip(head, line, strict=True))["other_names"] == "Dinas Lama | Balai"
    assert (cells["fee.amount"], cells["agency.id"], cells["name"]) == ("", "a", "Domisili")
