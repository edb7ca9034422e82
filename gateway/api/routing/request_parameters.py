"""Reading of declared parameters from a request. Values and errors are those of FastAPI.

Path parameters, and models that have the whole query string, are read by functions of this module. All others are read
by FastAPI's own function, which looks up at each request what is decided here once.
"""

from collections.abc import Callable, Collection
from functools import partial
from operator import attrgetter
from typing import Annotated, Any, Final, get_args, get_origin
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_params_to_args
from pydantic import BaseModel

Arguments = tuple[dict[str, Any], list[Any]]
"""Arguments by the name of the parameter, and the errors of the parameters that have none."""
ParameterReader = Callable[[Request], Arguments]
Parameter = Any
"""FastAPI's description of one parameter (`ModelField`), whose type is private."""

_PLACES: Final = (
    ("query_params", attrgetter("query_params")),
    ("header_params", attrgetter("headers")),
    ("cookie_params", attrgetter("cookies")),
)
"""Fields of `Dependant` with parameters, and the place of a request where they are, in the order of their errors."""


def parameter_readers(dependant: Dependant) -> tuple[ParameterReader, ...]:
    """Return the readers of the parameters of one function, in the order in which FastAPI reports their errors."""
    readers: list[ParameterReader] = [_path_reader(parameter) for parameter in dependant.path_params]
    for name, place in _PLACES:
        for parameter in getattr(dependant, name):
            if name == "query_params" and _is_whole_query(parameter):
                names = frozenset(parameter.field_info.annotation.model_fields)
                readers.append(partial(_read_query, parameter, names))
            else:
                readers.append(partial(_read_by_fastapi, parameter, place))
    return tuple(readers)


def _path_reader(parameter: Parameter) -> ParameterReader:
    if not _has_one_value(parameter.field_info.annotation):
        return partial(_read_by_fastapi, parameter, attrgetter("path_params"))
    return partial(_read_path, parameter, parameter.validation_alias or parameter.alias)


def _read_by_fastapi(parameter: Parameter, place: Callable[[Request], Any], request: Request) -> Arguments:
    return request_params_to_args([parameter], place(request))


def _read_path(parameter: Parameter, name: str, request: Request) -> Arguments:
    return _validate(parameter, request.scope["path_params"][name], ("path", name))


def _read_query(parameter: Parameter, names: frozenset[str], request: Request) -> Arguments:
    """Read a model from the query. The last value of a name counts; unknown names have all of their values."""
    values: dict[str, Any] = {}
    query: bytes = request.scope["query_string"]
    if query:
        unknown: dict[str, list[str]] = {}
        for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
            if name in names:
                values[name] = value
            else:
                unknown.setdefault(name, []).append(value)
        for name, several in unknown.items():
            values[name] = several[0] if len(several) == 1 else several
    return _validate(parameter, values, ("query",))


def _validate(parameter: Parameter, value: object, location: tuple[str, ...]) -> Arguments:
    valid, errors = parameter.validate(value, {}, loc=location)
    return ({}, errors) if errors else ({parameter.name: valid}, errors)


def _is_whole_query(parameter: Parameter) -> bool:
    """Return whether a parameter is a model whose fields have the names of the query, each with one value."""
    model = parameter.field_info.annotation
    return (
        isinstance(model, type)
        and issubclass(model, BaseModel)
        and not parameter.field_info.metadata
        and all(
            field.alias is None and field.validation_alias is None and _has_one_value(field.annotation)
            for field in model.model_fields.values()
        )
    )


def _has_one_value(annotation: object) -> bool:
    """Return whether a type is no list or model, so that a repeated parameter has one value."""
    if get_origin(annotation) is Annotated:
        return _has_one_value(get_args(annotation)[0])
    if isinstance(annotation, type):
        return issubclass(annotation, str | bytes) or not issubclass(annotation, Collection | BaseModel)
    return get_origin(annotation) is not None and all(_has_one_value(part) for part in get_args(annotation))
