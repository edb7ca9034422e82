"""The page about the canonical schema has every resource, with its own fields, their types and their meanings."""

import re
import typing
from types import NoneType, UnionType
from typing import Annotated, Union, get_args, get_origin

import pytest

from schemas.catalogue import RESOURCES, family_of
from schemas.classes import class_of
from schemas.dates import PartialDate
from tests.docs.test_tables import page, rows

PAGE = "docs/schema.md"
WORDS = {
    "str": "text",
    "Text": "text",
    "int": "number",
    "float": "number",
    "bool": "true or false",
    "datetime": "moment",
    "date": "day",
}
resources = pytest.mark.parametrize("resource", RESOURCES.values(), ids=lambda resource: resource.name)


def type_of(hint):
    """The type of a field in the words of the page."""
    if get_origin(hint) is Annotated:
        is_partial = any(one in hint.__metadata__ for one in PartialDate.__metadata__)
        return "partial date" if is_partial else type_of(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        return " or ".join(type_of(one) for one in get_args(hint) if one is not NoneType)
    if get_origin(hint) is tuple:
        return f"list of {type_of(get_args(hint)[0])}"
    return WORDS.get(hint.__name__, f"`{hint.__name__}`")


def section(resource):
    found = re.search(rf"^### {resource.name}\n\n(.*?)(?=^##|\Z)", page(PAGE), re.MULTILINE | re.DOTALL)
    assert found, f"{PAGE} has no section {resource.name}"
    return found[1]


@resources
def test_a_resource_has_its_own_fields_with_type_meaning_and_source(resource):
    body, generic = resource.body, resource.generic
    inherited = generic.body.model_fields if generic else {}
    hints = typing.get_type_hints(body, include_extras=True)
    own = [
        [f"`{name}`", type_of(hints[name]), info.description, class_of(info).value]
        for name, info in body.model_fields.items()
        if name not in inherited
    ]
    if not own:
        assert "| field |" not in section(resource)
        return
    written = rows(PAGE, f"### {resource.name}")
    assert [cells[:4] for cells in written] == own
    assert all(cells[4] for cells in written), "every field says from which standard or system it comes"


@resources
def test_a_resource_says_its_ids_its_readers_and_of_what_it_is_a_profile(resource):
    text = section(resource)
    assert f"`{resource.prefix}_…`" in text
    assert (f"`{resource.scope}`" in text) == (resource.scope is not None)
    assert ("everybody" in text) == resource.public
    if resource.generic:
        assert f"those of `{resource.generic.name}`" in text


def test_a_profile_stands_below_its_generic_resource():
    order = re.findall(r"^### (.*)$", page(PAGE), re.MULTILINE)
    assert sorted(order) == sorted(RESOURCES)
    for name in {resource.generic.name for resource in RESOURCES.values() if resource.generic}:
        at = order.index(name)
        family = [member.name for member in family_of(RESOURCES[name])]
        assert sorted(order[at : at + len(family)]) == sorted(family)
