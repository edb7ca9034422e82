"""How operations are described in OpenAPI: models of answers, problems, security, texts in both languages."""

from functools import cache
from typing import Annotated, Any

from pydantic import create_model

from gateway.problems.catalogue import PROBLEMS
from schemas.classes import Classed, general
from schemas.envelope import Source
from schemas.problem import Problem
from schemas.records import Body, Provenance
from schemas.resources import Resource

# Types put together at run time, which no checker can follow: hence Any.
_ID: Any = Annotated[str, general("Nomor", "Opaque id", examples=["apl_Rk9vQmFy"])]
_PROVENANCE: Any = Annotated[Provenance, general("Asal", "Where it came from, and as of when")]
_SOURCE: Any = Annotated[Source, general("Sumber", "What the system contributed")]
_NEXT: Any = Annotated[str | None, general("Kursor berikutnya", "Cursor of the next page, null on the last")]
_COMPLETE: Any = Annotated[bool, general("Lengkap", "Whether every source answered in full")]
_SOURCES: Any = Annotated[tuple[Source, ...], general("Sumber", "What each system contributed")]

Responses = dict[int | str, dict[str, Any]]


def _pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))


@cache
def record_model(body: type[Body], name: str) -> type[Classed]:
    """A record as callers see it: the body's fields between `id` and `provenance`."""
    return create_model(f"{name}Record", __base__=body, id=(_ID, ...), provenance=(_PROVENANCE, ...))


def _item_model(resource: Resource[Any, Any]) -> type[Classed]:
    body: type[Body] = resource.body
    return record_model(body, _pascal(resource.name))


def list_model(name: str, items: Any) -> type[Classed]:  # noqa: ANN401 - a model or a union of them
    """The honest envelope around `items`."""
    page: Any = Annotated[tuple[items, ...], general("Isi", "Records of this page")]
    return create_model(
        f"{name}List",
        __base__=Classed,
        items=(page, ...),
        next=(_NEXT, ...),
        complete=(_COMPLETE, ...),
        sources=(_SOURCES, ...),
    )


def listed(resource: Resource[Any, Any]) -> type[Classed]:
    """The model of a list of one resource."""
    return list_model(_pascal(resource.name), _item_model(resource))


def alone(resource: Resource[Any, Any]) -> type[Classed]:
    """The model of one record on its own, with the account of its source."""
    return create_model(f"{_pascal(resource.name)}Answer", __base__=_item_model(resource), source=(_SOURCE, ...))


def mixed(name: str, resources: tuple[Resource[Any, Any], ...]) -> type[Classed]:
    """The model of a list that mixes resources, each item with its `kind`."""
    kinds: Any = None
    for resource in resources:
        kind: Any = Annotated[str, general("Jenis", "Resource", examples=[resource.name])]
        model = create_model(f"{_pascal(resource.name)}Item", __base__=_item_model(resource), kind=(kind, ...))
        kinds = model if kinds is None else kinds | model
    return list_model(name, kinds)


def answers(model: type[Classed], *problems: str, example: Any = None, private: bool = False) -> Responses:  # noqa: ANN401 - JSON
    """The answers of an operation: the good one and every problem it can give."""
    good: dict[str, Any] = {"model": model, "description": "Jawaban · Answer", "headers": _headers(private)}
    if example is not None:
        good["content"] = {"application/json": {"example": example}}
    return {200: good, **problem_answers(*problems)}


def problem_answers(*slugs: str) -> Responses:
    """Problems by status, with their types named."""
    by_status: dict[int, list[str]] = {}
    for slug in (*slugs, "invalid-request", "internal"):
        by_status.setdefault(PROBLEMS[slug].status, []).append(slug)
    return {
        status: {
            "description": " · ".join(f"{PROBLEMS[s].title.id} / {PROBLEMS[s].title.en} (`{s}`)" for s in slugs_of),
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, slugs_of in sorted(by_status.items())
    }


PERSONAL = (
    "not-authenticated",
    "insufficient-scope",
    "forbidden",
    "access-log-unavailable",
)
"""Problems of every operation on personal data."""

SOURCES = ("timeout", "unavailable", "malformed", "sources-failed")
"""Problems of every operation that asks systems."""


def signed_in(*scopes: str) -> dict[str, Any]:
    """The security of an operation that needs all of these scopes."""
    return {"security": [{"signIn": list(scopes)}]}


PUBLIC: dict[str, Any] = {"security": []}
"""The security of an operation that anyone may call."""


def _headers(private: bool) -> dict[str, Any]:  # noqa: FBT001 - private
    text = {"schema": {"type": "string"}}
    headers = {
        "X-Request-Id": {"description": "Nomor permintaan · Number of the request", **text},
        "Server-Timing": {"description": "Waktu tiap sumber · Time taken by each source", **text},
        "Content-Language": {"description": "Bahasa · Language of the texts", **text},
    }
    if not private:
        headers["ETag"] = {"description": "Penanda isi · Strong validator", **text}
    return headers


__all__ = [
    "PERSONAL",
    "PUBLIC",
    "SOURCES",
    "Problem",
    "alone",
    "answers",
    "listed",
    "mixed",
    "problem_answers",
    "record_model",
    "signed_in",
]
