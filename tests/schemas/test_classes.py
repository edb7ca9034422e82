"""Data classes: a model that does not say how sensitive each field is, or could not be masked, cannot be made."""

from enum import StrEnum
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from schemas.classes import Classed, DataClass, UnclassedFieldError, class_of, general, personal, specific
from schemas.identifiers import Identifier
from schemas.texts import Text
from tests.schemas.bodies import every_model, every_resource


class Colour(StrEnum):
    RED = "red"


class Emptied(Classed):
    name: Annotated[str | None, personal("Nama", "Name")] = None
    words: Annotated[tuple[str, ...], general("Kata", "Words")] = ()
    street: Annotated[str, general("Jalan", "Street")]


class Kept(Classed):
    colour: Annotated[Colour, general("Warna", "Colour")]


@pytest.mark.parametrize("declared", [Field(title="Nama"), Field(json_schema_extra={"x-data-class": None}), None])
def test_a_field_without_a_class_cannot_be_declared(declared):
    annotation = Annotated[str, declared] if declared else str
    with pytest.raises(UnclassedFieldError, match=r"Broken\.name has no data class"):
        type("Broken", (Classed,), {"__annotations__": {"name": annotation}})


def test_a_class_of_another_name_is_none_of_ours():
    with pytest.raises(ValueError, match="secret"):
        type(
            "Broken",
            (Classed,),
            {"__annotations__": {"x": Annotated[str, Field(json_schema_extra={"x-data-class": "secret"})]}},
        )


@pytest.mark.parametrize("declare", [personal, specific])
@pytest.mark.parametrize(
    "kind", [int, bool, Colour, Text, Literal["a"], list[str], dict[str, str], Kept, str | int, BaseModel]
)
def test_what_could_not_be_emptied_is_refused_where_it_may_have_to_be(declare, kind):
    made = {"__annotations__": {"x": Annotated[kind, declare("X", "X")]}}
    with pytest.raises(UnclassedFieldError, match="make it nullable"):
        type("Broken", (Classed,), made)
    type("General", (Classed,), {"__annotations__": {"x": Annotated[kind, general("X", "X")]}})
    type("Nullable", (Classed,), {"__annotations__": {"x": Annotated[kind | None, declare("X", "X")]}})


@pytest.mark.parametrize("kind", [str, tuple[int, ...], tuple[Kept, ...], Emptied, Identifier | None])
def test_what_can_be_emptied_is_accepted(kind):
    type("Fine", (Classed,), {"__annotations__": {"x": Annotated[kind, specific("X", "X")]}})


def test_every_field_of_the_schema_has_a_class_and_both_titles():
    models = {model.__name__: model for model in every_model()}
    assert len(models) > 40
    for model in models.values():
        assert model.model_config["frozen"]
        assert model.model_config["extra"] == "forbid"
        for name, field in model.model_fields.items():
            assert isinstance(class_of(field), DataClass), (model, name)
            assert field.title, (model, name)
            assert field.description, (model, name)


def test_every_resource_is_whole():
    resources = every_resource()
    prefixes = [resource.prefix for resource in resources]
    assert len(set(prefixes)) == len(prefixes)
    for resource in resources:
        assert resource.order[-1] == "id"
        assert resource.title.en
        if resource.owner is not None:
            assert resource.scope, resource.name
        for name in (part.removeprefix("-").partition(".")[0] for part in resource.order[:-1]):
            assert name in resource.body.model_fields, (resource.name, name)
        assert all(not field.is_required() for field in resource.query.model_fields.values())


def test_errors_and_representations_do_not_repeat_what_was_given():
    with pytest.raises(ValueError, match="colour") as told:
        Kept.model_validate({"colour": "geheim"})
    assert "geheim" not in str(told.value)
