"""How operations are described in OpenAPI: models of answers, problems, parameters, security, in both languages.

What many operations share (headers, parameters, examples) is only named here; `gateway.api.openapi` says what it is.
"""

from collections.abc import Iterable
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field, create_model

from gateway.api.formats.negotiation import Forms
from gateway.api.formats.page import JSON
from gateway.api.openapi.examples.answers import examples_of
from gateway.api.openapi.formats import described
from gateway.api.problems.problem_types import PROBLEMS
from gateway.policy.disclosure import renamed_kind
from gateway.policy.permissions import EVERYBODY, UNCHECKED, Permissions
from schemas.classes import Classed, general
from schemas.envelope import Cause, Source
from schemas.records import Body, Provenance
from schemas.resources import Resource

# Types put together at run time, which no checker can follow: hence Any.
_ID: Any = Annotated[str, general("Nomor", "Opaque id", examples=["apl_Rk9vQmFy"])]
_PROVENANCE: Any = Annotated[Provenance, general("Asal", "Where it came from, and as of when")]
_SOURCE: Any = Annotated[Source, general("Sumber", "What the system contributed")]
_NEXT: Any = Annotated[str | None, general("Kursor berikutnya", "Cursor of the next page, null on the last")]
_COMPLETE: Any = Annotated[bool, general("Lengkap", "Whether every source answered in full")]
_SOURCES: Any = Annotated[tuple[Source, ...], general("Sumber", "What each system contributed")]
_DESCRIBED_ONLY: Any = {"defer_build": True}
"""For models that only describe answers: their validators are built when the OpenAPI document is asked for, if ever."""

Responses = dict[int | str, dict[str, Any]]


def _pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))


@cache
def record_model(body: type[Body], name: str) -> type[Classed]:
    """A record as callers see it: the body's fields between `id` and `provenance`."""
    return create_model(
        f"{name}Record",
        __base__=body,
        __doc__=body.__doc__,
        __cls_kwargs__=_DESCRIBED_ONLY,
        id=(_ID, ...),
        provenance=(_PROVENANCE, ...),
    )


def _item_model(resource: Resource[Any, Any]) -> type[Classed]:
    body: type[Body] = resource.body
    return record_model(body, _pascal(resource.name))


def list_model(name: str, items: Any) -> type[Classed]:  # noqa: ANN401 - a model or a union of them
    """The honest envelope around `items`."""
    page: Any = Annotated[tuple[items, ...], general("Isi", "Records of this page")]
    return create_model(
        f"{name}List",
        __base__=Classed,
        __cls_kwargs__=_DESCRIBED_ONLY,
        __doc__="A page of records, with an account of every system that could have contributed.",
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
    item = _item_model(resource)
    name = f"{_pascal(resource.name)}Answer"
    return create_model(
        name, __base__=item, __doc__=item.__doc__, __cls_kwargs__=_DESCRIBED_ONLY, source=(_SOURCE, ...)
    )


def mixed(name: str, resources: tuple[Resource[Any, Any], ...]) -> type[Classed]:
    """The model of a list that mixes resources, each item with its `kind`."""
    kinds: Any = None
    for resource in resources:
        model = _item_with_kind(resource)
        kinds = model if kinds is None else kinds | model
    return list_model(name, Annotated[kinds, Field(discriminator="kind")])


@cache
def _item_with_kind(resource: Resource[Any, Any]) -> type[Classed]:
    """A record with its `kind`; a `kind` of the body's own stands there under a longer name."""
    kind: Any = Annotated[Literal[resource.name], general("Jenis", "Resource", examples=[resource.name])]
    item = _item_model(resource)
    name = f"{_pascal(resource.name)}Item"
    body: type[Body] = resource.body
    if "kind" not in body.model_fields:
        return create_model(name, __base__=item, __doc__=item.__doc__, __cls_kwargs__=_DESCRIBED_ONLY, kind=(kind, ...))
    fields: dict[str, Any] = {
        renamed_kind(resource.name) if field == "kind" else field: (info.annotation, info)
        for field, info in item.model_fields.items()
    }
    return create_model(
        name,
        __base__=Classed,
        __doc__=item.__doc__,
        __cls_kwargs__=_DESCRIBED_ONLY,
        **fields,
        kind=(kind, ...),
    )


def counting(model: type[Classed]) -> type[Classed]:
    """The model of a list that says how many there are in all."""
    found: Any = Annotated[int, general("Ditemukan", "How many there are in all", examples=[3])]
    return create_model(
        model.__name__, __base__=model, __doc__=model.__doc__, __cls_kwargs__=_DESCRIBED_ONLY, found=(found, ...)
    )


def answers(
    model: type[Classed],
    *problems: str,
    private: bool = False,
    by_caller: bool = False,
    examples: tuple[str, ...] = (),
    forms: Forms = (JSON,),
) -> Responses:
    """The answers of an operation: the good one and every problem it can give.

    `examples` are names in `gateway.api.openapi.examples.answers`; those of the model when none are given. The good
    answer can be had in each of the `forms`. `by_caller` says that it is public for whoever has not signed in, and
    private otherwise. Whatever is public has no use for a token, and refuses one that is not good.
    """
    headers: tuple[str, ...] = (*_ALWAYS, *(_PRIVATE if private else _BY_CALLER if by_caller else _PUBLIC))
    if "next" in model.model_fields:
        headers = (*headers, "Link")
    if not private:
        problems = ("not-authenticated", *problems)
    if len(forms) > 1:
        headers, problems = (*headers, *_SAVED), (*problems, "not-acceptable")
    good: dict[str, Any] = {
        "model": model,
        "description": "Jawaban · Answer",
        "headers": referred("headers", headers),
        "content": {
            "application/json": {"examples": referred("examples", examples or examples_of(model.__name__))},
            **{form.media_type: {"schema": described(form, model)} for form in forms[1:]},
        },
    }
    unchanged: dict[str, Any] = {
        "description": "Tidak berubah sejak ETag yang disebut · Unchanged since the ETag that was named",
        "headers": referred("headers", (*_ALWAYS, *_PUBLIC)),
    }
    return {200: good, **({} if private else {304: unchanged}), **problem_answers(*problems)}


def done_or(*problems: str) -> Responses:
    """The answers of an operation that says nothing when it is done."""
    done = {
        "description": "Sudah dilakukan · Done",
        "headers": referred("headers", (*_ALWAYS, "Cache-Control", "Vary")),
    }
    return {204: done, **problem_answers(*problems)}


def problem_answers(*slugs: str) -> Responses:
    """Problems by status, with their types named."""
    by_status: dict[int, list[str]] = {}
    # Authenticating a caller reads our own database.
    database = ("database-unavailable",) if "not-authenticated" in slugs else ()
    for slug in dict.fromkeys((*slugs, *database, "invalid-request", "internal")):
        by_status.setdefault(PROBLEMS[slug].status, []).append(slug)
    return {
        status: {
            "description": " · ".join(f"{PROBLEMS[s].title.id} / {PROBLEMS[s].title.en} (`{s}`)" for s in slugs_of),
            "headers": referred("headers", (*_ALWAYS, *_WITH_STATUS.get(status, ()))),
            "content": {
                "application/problem+json": {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "examples": referred("examples", slugs_of),
                }
            },
        }
        for status, slugs_of in sorted(by_status.items())
    }


def referred(kind: str, names: Iterable[str]) -> dict[str, dict[str, str]]:
    """References to components by their names."""
    return {name: {"$ref": f"#/components/{kind}/{name}"} for name in names}


_ALWAYS = ("X-Request-Id", "Server-Timing", "Content-Language")
_PUBLIC = ("ETag", "Cache-Control", "Vary")
_BY_CALLER = ("Cache-Control", "Vary", "Preference-Applied")
_PRIVATE = ("Cache-Control", "Vary", "Preference-Applied")
_SAVED = ("Content-Disposition", "Gerbang-Complete", "Gerbang-Sources")
_WITH_STATUS = {401: ("WWW-Authenticate",), 403: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}

PERSONAL = (
    "not-authenticated",
    "insufficient-scope",
    "forbidden",
    "access-log-unavailable",
)
"""Problems of every operation on personal data."""

SOURCES = (*Cause, "sources-failed")
"""Problems of every operation that asks systems."""


def words_of(resource: Resource[Any, Any]) -> tuple[str, ...]:
    """Problems of a list that looks for words."""
    return ("personal-number",) if "text" in resource.query.model_fields else ()


def signed_in(*scopes: str, reach: Permissions, waits: bool = True) -> dict[str, Any]:
    """The security of an operation that needs all of these scopes; `waits` when it asks systems.

    `reach` says what everybody else is answered.
    """
    return {
        "x-reach": reach.document(),
        "security": [{"signIn": list(scopes)}, {"accessToken": []}, {"webSession": []}],
        "parameters": _parameters("Accept-Language", *(("Prefer",) if waits else ())),
    }


def perhaps_signed_in(*, reach: Permissions) -> dict[str, Any]:
    """The security of an operation that anyone may call, and that shows more to somebody who has signed in."""
    return {
        "x-reach": reach.document(),
        "security": [{"signIn": []}, {"accessToken": []}, {"webSession": []}, {}],
        "parameters": _parameters("Accept-Language", "Prefer", "If-None-Match"),
    }


def _parameters(*names: str) -> list[dict[str, str]]:
    return list(referred("parameters", names).values())


PUBLIC: dict[str, Any] = {
    "x-reach": EVERYBODY.document(),
    "security": [],
    "parameters": _parameters("Accept-Language", "If-None-Match"),
}
"""The security of an operation that anyone may call; its answers are the same for everybody."""

OPERATIONAL: dict[str, Any] = {"x-reach": UNCHECKED.document(), "security": []}
"""The security of an operation for whoever keeps the gateway running."""
