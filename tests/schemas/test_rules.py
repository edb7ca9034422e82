"""The rules of the canonical schema, checked over every model, so that the next resource cannot break them."""

import typing
from collections import defaultdict
from datetime import date, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Union, get_args, get_origin

import pytest

from schemas.agency import Agency
from schemas.case import CASE
from schemas.catalogue import RESOURCES, family_of
from schemas.classes import class_of
from schemas.code_lists import CodeValue
from schemas.codes import Code, Coded, Phase, Status
from schemas.dates import PartialDate
from schemas.document import Document
from schemas.identifiers import Person
from schemas.places import Address, Location, Point, Region, RegionReference
from schemas.problem import Problem
from schemas.records import Body
from schemas.references import AgencyReference, Reference, RefersTo
from schemas.resident import Resident
from schemas.system import System
from schemas.texts import Text
from tests.schemas.bodies import every_model, every_resource

MODELS = sorted(set(every_model()), key=lambda model: model.__name__)
BODIES = [resource.body for resource in every_resource()]
models = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)


def fields(model):
    """The fields of a model: name, type without None, whether None is allowed, and the declaration."""
    hints = typing.get_type_hints(model, include_extras=True)
    for name, info in model.model_fields.items():
        kind, optional = strip(hints[name])
        yield name, kind, optional, info


def strip(kind):
    """A type without its annotations and without None, and whether None is allowed."""
    if get_origin(kind) is Annotated:
        if any(one in kind.__metadata__ for one in PartialDate.__metadata__):
            return PartialDate, False
        return strip(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        inner = [one for one in get_args(kind) if one is not NoneType]
        if len(inner) == 1:
            return strip(inner[0])[0], True
    return kind, False


def nested(kind):
    """Every type in a type."""
    kind, _ = strip(kind)
    yield kind
    for part in get_args(kind):
        yield from nested(part)


@models
def test_every_enumeration_of_an_answer_has_texts(model):
    for name, kind, _, _ in fields(model):
        for part in nested(kind):
            if isinstance(part, type) and issubclass(part, Enum):
                assert issubclass(part, Code), f"{model.__name__}.{name} is {part.__name__}"


@models
def test_every_status_has_its_text_and_its_phase(model):
    found = {name: (kind, optional, class_of(info)) for name, kind, optional, info in fields(model)}
    kind, optional, data_class = found.get("status", (None, None, None))
    if not (isinstance(kind, type) and issubclass(kind, Status)):
        assert "phase" not in found or model is CodeValue, "only a value of a code list has a phase without a status"
        return
    assert found["status_text"] == (Text, True, data_class)
    assert found["phase"] == (Phase, True, data_class)
    assert "unknown" in set(kind), "a word that no table knows must have a place"
    assert optional or data_class.value == "general", "a status that is hidden is null"


@models
def test_an_agency_is_a_reference(model):
    for name, kind, _, info in fields(model):
        if name in {"agency", "organiser", "operator"} and (issubclass(model, Body) or model is System):
            assert kind is AgencyReference, f"{model.__name__}.{name}"
            assert class_of(info).value == "general"


@models
def test_a_title_is_the_heading_of_a_record(model):
    """The label of a thing is its `name`. Records, documents and problems (RFC 9457) have headings."""
    if not issubclass(model, Body) and model not in {Document, Problem}:
        assert "title" not in model.model_fields


@models
def test_a_person_is_a_person(model):
    names = set(model.model_fields)
    if {"name", "identifiers"} <= names and model not in {Person, Resident, Agency}:
        assert {"birth_date", "phone"} - names, f"{model.__name__} is another shape of a person"
    for name, kind, _, _ in fields(model):
        if name in {"applicant", "holder", "payer", "patient", "reporter", "proposer", "participant"}:
            assert kind is Person, f"{model.__name__}.{name}"


@models
def test_a_place_is_a_location(model):
    if model in {Location, Address, Point, RegionReference, Agency}:
        return
    for name, kind, _, _ in fields(model):
        assert name not in {"place", "venue", "position", "postal_code"} or model.__name__ == "Region", model.__name__
        assert kind is not Point, f"{model.__name__}.{name}"
        assert kind is not RegionReference or model is Region, f"{model.__name__}.{name}"
        if name == "location":
            assert kind is Location, model.__name__
        if name == "address":
            assert kind is Address, model.__name__


@models
def test_a_date_has_the_name_of_its_type(model):
    for name, kind, _, _ in fields(model):
        if kind is datetime:
            assert name.endswith("_at") or name in {"at", "as_of"}, f"{model.__name__}.{name} is a moment"
        if kind is date:
            assert name.endswith("_on") or name.removeprefix("service_") == "day", f"{model.__name__}.{name} is a day"
        if name.endswith("_at"):
            assert kind is datetime, f"{model.__name__}.{name}"
        if name.endswith("_date"):
            assert kind is PartialDate, f"{model.__name__}.{name}"
        assert name != "on", model.__name__


MEANINGS = {
    "code": "the code on the sign of a stop, and of a line in a plan, with its list",
    "description": "in one language, or in both where the system has both: one string in an answer",
    "name": "in one language, or in both where the system has both: one string in an answer",
    "stage": "the stage of a consultation, and of a proposal",
}
"""Field names of records with several types, and why that is one meaning."""


def test_a_name_of_a_field_has_one_type():
    """A status is a status of any kind, and a value in a code list is a code of any list."""
    types = defaultdict(set)
    for body in BODIES:
        for name, kind, _, _ in fields(body):
            base = kind
            if isinstance(kind, type) and issubclass(kind, Status):
                base = Status
            types[name].add(base)
    several = {name: {getattr(kind, "__name__", str(kind)) for kind in kinds} for name, kinds in types.items()}
    repeated = {name: kinds for name, kinds in several.items() if len(kinds) > 1}
    assert {name: kinds for name, kinds in repeated.items() if name not in MEANINGS} == {}
    assert set(MEANINGS) <= set(repeated), "the list has no name of one type"


def test_what_a_record_is_of_is_a_coded_kind():
    for body in BODIES:
        for name, kind, _, _ in fields(body):
            if name == "kind":
                assert kind is Coded, body.__name__
            assert name not in {"category", "type", "resource", "id", "doubts", "provenance"}, body.__name__


def test_the_kind_of_a_document_is_coded():
    assert {name: kind for name, kind, _, _ in fields(Document)}["kind"] is Coded


def test_a_link_to_another_record_is_a_reference_to_a_resource_that_exists():
    found = {resource.name: resource for resource in every_resource()}
    for resource in found.values():
        for name, kind, _, info in fields(resource.body):
            assert not name.endswith("_key"), f"{resource.body.__name__}.{name} names another record"
            declared = [one for one in info.metadata if isinstance(one, RefersTo)]
            refer = kind is Reference or (get_origin(kind) is tuple and Reference in get_args(kind))
            assert bool(declared) == refer, f"{resource.body.__name__}.{name}"
            for refers in declared:
                assert refers.prefix == found[refers.resource].prefix, f"{resource.body.__name__}.{name}"


def test_a_profile_has_the_fields_and_the_filters_of_its_generic_resource():
    generic = {resource.generic.name for resource in every_resource() if resource.generic}
    assert generic == {"case", "entitlement", "booking", "place", "notice"}
    for resource in every_resource():
        if resource.generic is None:
            continue
        assert resource.generic.generic is None, "one level of profiles"
        assert issubclass(resource.body, resource.generic.body)
        assert issubclass(resource.query, resource.generic.query)
        for name in (name.removeprefix("-").split(".")[0] for name in resource.generic.order):
            assert name == "id" or name in resource.generic.body.model_fields


def test_the_catalogue_has_every_resource():
    assert set(RESOURCES) == {resource.name for resource in every_resource()}
    assert {member.name for member in family_of(CASE)} == {"case", "application", "complaint", "proposal"}
