"""Bodies of every resource, filled to the brim with values that can be found again wherever they turn up."""

import importlib
import itertools
import pkgutil
import typing
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import BaseModel

import schemas
from gateway.ground.clock import WITA
from schemas.classes import Classed, DataClass, class_of
from schemas.dates import PartialDate
from schemas.identifiers import Identifier, IdentifierScheme
from schemas.places import LineString, Point, RegionReference, regions
from schemas.resources import Resource
from schemas.texts import Text

ORDER = list(DataClass)
_AT = datetime(2026, 11, 23, 9, tzinfo=WITA)
_CANARY = "kenari-"


def every_resource():
    """All nouns of the canonical schema."""
    found = {}
    for module in pkgutil.iter_modules(schemas.__path__, "schemas."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Resource):
                found[value.name] = value
    return [found[name] for name in sorted(found)]


def every_model(base=Classed):
    """Every model of the schema that carries data classes."""
    every_resource()
    for model in base.__subclasses__():
        if model.__module__.startswith("schemas."):
            yield model
        yield from every_model(model)


class Canaries:
    """Makes values that occur nowhere else."""

    def __init__(self):
        self._numbers = itertools.count(1)

    def of(self, kind):
        number = next(self._numbers)
        made = {
            str: lambda: f"{_CANARY}{number}-",
            int: lambda: 70_000_000 + number,
            float: lambda: number + 0.0625,
            Decimal: lambda: Decimal(f"{80_000_000 + number}.25"),
            datetime: lambda: _AT.replace(microsecond=900_000 - number),
            date: lambda: date.fromordinal(400_000 + number),
            timedelta: lambda: timedelta(days=5_000 + number),
            Text: lambda: Text(id=f"{_CANARY}{number}-", en=f"{_CANARY}{number}-"),
        }
        return made[kind]()


def is_canary(value):
    """Whether the value is one that occurs nowhere else, and is written as `str` writes it."""
    return _CANARY in str(value) or isinstance(value, Decimal) or (type(value) is int and value > 70_000_000)


@st.composite
def bodies(draw, model):
    """A body of this model; what may be missing sometimes is."""
    return _made(draw, model, Canaries())


def _made(draw, model, canaries):
    if model is RegionReference:
        return RegionReference.to(draw(st.sampled_from(sorted(regions()))))
    if model is Identifier:
        number = f"637199{draw(st.integers(10**9, 10**10 - 1))}"
        return Identifier(scheme=draw(st.sampled_from(IdentifierScheme)), value=number, exact=draw(st.booleans()))
    if model is Point:
        return Point(coordinates=(114.5 + canaries.of(float) / 1000, -3.3))
    if model is LineString:
        return LineString(coordinates=((114.5 + canaries.of(float) / 1000, -3.3), (114.6, -3.3)))
    hints = typing.get_type_hints(model, include_extras=True)
    # The phase is that of the status.
    return model(**{name: _value(draw, hints[name], canaries) for name in model.model_fields if name != "phase"})


def _value(draw, kind, canaries):  # noqa: C901, PLR0911 - one return for each kind of type
    if get_origin(kind) is Annotated:
        if any(one in kind.__metadata__ for one in PartialDate.__metadata__):
            return canaries.of(date).isoformat()[: draw(st.sampled_from([4, 7, 10]))]
        return _value(draw, get_args(kind)[0], canaries)
    if get_origin(kind) is Literal:
        return get_args(kind)[0]
    if get_origin(kind) in (Union, UnionType):
        (inner,) = [one for one in get_args(kind) if one is not NoneType]
        return _value(draw, inner, canaries) if draw(st.integers(0, 4)) else None
    if get_origin(kind) is tuple:
        inner = get_args(kind)
        if inner[-1] is Ellipsis:
            return tuple(_value(draw, inner[0], canaries) for _ in range(draw(st.integers(0, 2))))
        return tuple(_value(draw, one, canaries) for one in inner)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return draw(st.sampled_from(kind))
    if kind is bool:
        return draw(st.booleans())
    if isinstance(kind, type) and issubclass(kind, BaseModel) and kind is not Text:
        return _made(draw, kind, canaries)
    return canaries.of(kind)


def leaves(value, hidden=DataClass.GENERAL):
    """Every single value of a body with the most sensitive class on the way to it."""
    if isinstance(value, tuple):
        for part in value:
            yield from leaves(part, hidden)
    elif isinstance(value, Classed):
        for name, info in type(value).model_fields.items():
            declared = class_of(info)
            yield from leaves(getattr(value, name), max(hidden, declared, key=ORDER.index))
    elif value is not None:
        yield value, hidden
