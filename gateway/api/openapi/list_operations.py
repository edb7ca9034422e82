"""The answers of operations that are alike for every resource: public lists, public records, own lists."""

from typing import Any

from gateway.api.formats.negotiation import Forms, forms_of
from gateway.api.openapi.operations import PERSONAL, SOURCES, Responses, alone, answers, listed, words_of
from schemas.resources import Resource


def public_list_answers(resource: Resource[Any, Any], forms: Forms | None = None) -> Responses:
    """`responses=` of a list that `public_list` answers, in the same `forms`."""
    return answers(listed(resource), *SOURCES, "cursor-invalid", *words_of(resource), forms=forms or forms_of(resource))


def public_record_answers(resource: Resource[Any, Any]) -> Responses:
    """`responses=` of one record that `public_record` answers."""
    return answers(alone(resource), "not-found", *SOURCES)


def own_list_answers(resource: Resource[Any, Any], *, strong: bool = False) -> Responses:
    """`responses=` of a list of the caller's own records; `strong` where it needs a second factor."""
    return answers(
        listed(resource),
        *PERSONAL,
        *SOURCES,
        *(("stronger-sign-in-needed",) if strong else ()),
        "cursor-invalid",
        *(("cursor-expired",) if resource.may_be_held else ()),
        "too-many",
        *words_of(resource),
        private=True,
        forms=forms_of(resource),
    )
