"""OpenAPI `responses` shared by all resources: public lists and records, own lists and records."""

from typing import Any

from gateway.api.formats.negotiation import Formats, formats_of, generic_formats
from gateway.api.openapi.deferred import Responses, deferred
from gateway.api.openapi.models import (
    generic_answer_model,
    generic_list_model,
    record_answer_model,
    resource_list_model,
)
from gateway.api.openapi.operations import PERSONAL, SOURCES, answers, text_search_problems
from schemas.resources import Resource


@deferred
def public_generic_list_answers(generic: Resource[Any, Any]) -> Responses:
    """Return `responses` for a list that `public_generic_list` answers."""
    return answers(
        generic_list_model(generic),
        *SOURCES,
        "cursor-invalid",
        *text_search_problems(generic),
        formats=generic_formats(generic),
    )


@deferred
def public_generic_record_answers(generic: Resource[Any, Any]) -> Responses:
    """Return `responses` for one record that `public_generic_record` answers."""
    return answers(generic_answer_model(generic), "not-found", *SOURCES)


@deferred
def own_generic_list_answers(generic: Resource[Any, Any]) -> Responses:
    """Return `responses` for a list that `own_generic_list` answers."""
    return answers(
        generic_list_model(generic),
        *PERSONAL,
        *SOURCES,
        "cursor-invalid",
        "cursor-expired",
        "too-many",
        private=True,
        formats=generic_formats(generic),
    )


@deferred
def own_generic_record_answers(generic: Resource[Any, Any]) -> Responses:
    """Return `responses` for one record that `own_generic_record` answers."""
    return answers(generic_answer_model(generic), *PERSONAL, *SOURCES, "not-found", private=True)


@deferred
def public_list_answers(resource: Resource[Any, Any], formats: Formats | None = None) -> Responses:
    """Return `responses` for a list that `public_list` answers in `formats`."""
    return answers(
        resource_list_model(resource),
        *SOURCES,
        "cursor-invalid",
        *text_search_problems(resource),
        formats=formats or formats_of(resource),
    )


@deferred
def public_record_answers(resource: Resource[Any, Any]) -> Responses:
    """Return `responses` for one record that `public_record` answers."""
    return answers(record_answer_model(resource), "not-found", *SOURCES)


@deferred
def own_list_answers(resource: Resource[Any, Any], *problems: str, strong: bool = False) -> Responses:
    """Return `responses` for a list of personal records, with more problems; `strong` if it needs a second factor."""
    return answers(
        resource_list_model(resource),
        *PERSONAL,
        *SOURCES,
        *problems,
        *(("stronger-sign-in-needed",) if strong else ()),
        "cursor-invalid",
        *(("cursor-expired",) if resource.may_be_held else ()),
        "too-many",
        *text_search_problems(resource),
        private=True,
        formats=formats_of(resource),
    )


@deferred
def own_record_answers(resource: Resource[Any, Any], *problems: str, strong: bool = False) -> Responses:
    """Return `responses` for one personal record, with more problems; `strong` if it requires a second factor."""
    return answers(
        record_answer_model(resource),
        *PERSONAL,
        *SOURCES,
        *problems,
        *(("stronger-sign-in-needed",) if strong else ()),
        "not-found",
        private=True,
    )
