"""OpenAPI descriptions of operations: `responses` with problems, and `openapi_extra` with parameters and security.

Shared headers, parameters and examples are referenced by name here; `gateway.api.openapi.components` defines them.
"""

from collections.abc import Callable, Iterable
from typing import Any

from gateway.api.formats.negotiation import Formats
from gateway.api.formats.page import JSON
from gateway.api.openapi.deferred import Responses, deferred
from gateway.api.openapi.formats import format_schema
from gateway.api.problems.problem_types import PROBLEMS
from gateway.policy.permissions import EVERYBODY, UNCHECKED, Permissions
from schemas.classes import Classed
from schemas.envelope import DENIAL_CAUSES, Cause
from schemas.resources import Resource


@deferred
def answers(
    model: type[Classed] | Callable[[], type[Classed]],
    *problems: str,
    private: bool = False,
    by_caller: bool = False,
    examples: tuple[str, ...] = (),
    formats: Formats = (JSON,),
) -> Responses:
    """Return the `responses` of an operation: success in each of the `formats`, and every problem it can answer.

    `model` describes the answer; a function makes it, where it is only for the document.
    `examples` are names in `gateway.api.openapi.examples.answers`; by default those of the model. `private` answers
    are for the caller only. With `by_caller`, the answer is public for anonymous callers and private for others.
    Public operations need no token, but refuse an invalid one.
    """
    from gateway.api.openapi.examples.answers import examples_of

    described: type[Classed] = model if isinstance(model, type) else model()
    headers: tuple[str, ...] = (
        *_COMMON_HEADERS,
        *(_PRIVATE_HEADERS if private else _BY_CALLER_HEADERS if by_caller else _PUBLIC_HEADERS),
    )
    if "next" in described.model_fields:
        headers = (*headers, "Link")
    if not private:
        problems = ("not-authenticated", *problems)
    if len(formats) > 1:
        headers, problems = (*headers, *_FILE_HEADERS), (*problems, "not-acceptable")
    success: dict[str, Any] = {
        "model": described,
        "description": "Jawaban · Answer",
        "headers": references("headers", headers),
        "content": {
            "application/json": {"examples": references("examples", examples or examples_of(described.__name__))},
            **{representation.media_type: {"schema": format_schema(representation)} for representation in formats[1:]},
        },
    }
    unchanged: dict[str, Any] = {
        "description": "Tidak berubah sejak ETag yang disebut · Unchanged since the given ETag",
        "headers": references("headers", (*_COMMON_HEADERS, *_PUBLIC_HEADERS)),
    }
    return {200: success, **({} if private else {304: unchanged}), **problem_answers(*problems)}


@deferred
def no_content_answers(*problems: str) -> Responses:
    """Return the `responses` of an operation that answers 204 No Content."""
    no_content = {
        "description": "Sudah dilakukan · Done",
        "headers": references("headers", (*_COMMON_HEADERS, "Cache-Control", "Vary")),
    }
    return {204: no_content, **problem_answers(*problems)}


def problem_answers(*slugs: str) -> Responses:
    """Return `responses` for these problem types, grouped by status."""
    by_status: dict[int, list[str]] = {}
    # Authentication reads the gateway's database.
    database = ("database-unavailable",) if "not-authenticated" in slugs else ()
    for slug in dict.fromkeys((*slugs, *database, "invalid-request", "rate-limited", "overloaded", "internal")):
        by_status.setdefault(PROBLEMS[slug].status, []).append(slug)
    return {
        status: {
            "description": " · ".join(f"{PROBLEMS[s].title.id} / {PROBLEMS[s].title.en} (`{s}`)" for s in slugs_of),
            "headers": references("headers", (*_COMMON_HEADERS, *_HEADERS_BY_STATUS.get(status, ()))),
            "content": {
                "application/problem+json": {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "examples": references("examples", slugs_of),
                }
            },
        }
        for status, slugs_of in sorted(by_status.items())
    }


def references(kind: str, names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return references to components, by name."""
    return {name: {"$ref": f"#/components/{kind}/{name}"} for name in names}


_COMMON_HEADERS = ("X-Request-Id", "Server-Timing", "RateLimit-Policy", "RateLimit", "Content-Language")
_PUBLIC_HEADERS = ("ETag", "Cache-Control", "Vary")
_BY_CALLER_HEADERS = ("Cache-Control", "Vary", "Preference-Applied")
_PRIVATE_HEADERS = ("Cache-Control", "Vary", "Preference-Applied")
_FILE_HEADERS = ("Content-Disposition", "Gerbang-Complete", "Gerbang-Sources")
_HEADERS_BY_STATUS = {
    401: ("WWW-Authenticate",),
    403: ("WWW-Authenticate",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}

PERSONAL = (
    "not-authenticated",
    "insufficient-scope",
    "forbidden",
    "access-log-unavailable",
)
"""Problems of every operation on personal data."""

SOURCES = (*(cause for cause in Cause if cause not in DENIAL_CAUSES), "sources-failed")
"""Problems of every operation that queries systems."""


def text_search_problems(resource: Resource[Any, Any]) -> tuple[str, ...]:
    """Return the problems of a list with the filter `text`."""
    return ("personal-number",) if "text" in resource.query.model_fields else ()


def required_sign_in(*scopes: str, reach: Permissions, waits: bool = True) -> dict[str, Any]:
    """Return `openapi_extra` of an operation that requires all of these scopes; `waits` if it queries systems.

    `reach` states who may call the operation, and what other callers are answered.
    """
    return {
        "x-reach": reach.document(),
        "security": [{"signIn": list(scopes)}, {"accessToken": []}, {"webSession": []}],
        "parameters": _parameters("Accept-Language", *(("Prefer",) if waits else ())),
    }


def optional_sign_in(*, reach: Permissions) -> dict[str, Any]:
    """Return `openapi_extra` of an operation that needs no sign-in, and returns more to callers who have signed in."""
    return {
        "x-reach": reach.document(),
        "security": [{"signIn": []}, {"accessToken": []}, {"webSession": []}, {}],
        "parameters": _parameters("Accept-Language", "Prefer", "If-None-Match"),
    }


def _parameters(*names: str) -> list[dict[str, str]]:
    return list(references("parameters", names).values())


PUBLIC: dict[str, Any] = {
    "x-reach": EVERYBODY.document(),
    "security": [],
    "parameters": _parameters("Accept-Language", "If-None-Match"),
}
"""`openapi_extra` of an operation that needs no sign-in and has the same answer for every caller."""

OPERATIONAL: dict[str, Any] = {"x-reach": UNCHECKED.document(), "security": []}
"""`openapi_extra` of an operation for operators, such as a readiness check."""
