"""Signatures: those that a plan covers are called as FastAPI calls them, all others by FastAPI itself."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any

import pytest
from fastapi import BackgroundTasks, Body, Cookie, Depends, FastAPI, Header, Path, Query, Request, Response, Security
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, ConfigDict, Field

from gateway.api.routing.lean_route import LeanRoute, UnsupportedSignatureError
from tests.gateway.api.routing.comparing import Sent, TwoWays

pytestmark = pytest.mark.anyio

ORDER: list[str] = []


async def first() -> str:
    ORDER.append("first")
    return "first"


async def second(one: Annotated[str, Depends(first)], request: Request) -> str:
    ORDER.append("second")
    return f"{one} {request.method}"


async def checked(limit: Annotated[int, Query(ge=1)] = 5) -> int:
    ORDER.append("checked")
    return limit


class Called:
    async def __call__(self, two: Annotated[str, Depends(second)]) -> str:
        ORDER.append("called")
        return f"called after {two}"


class Filters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1)] = 50
    words: str | None = None


class Repeated(BaseModel):
    names: list[str] = []
    other: Annotated[str, Field(alias="an-alias")] = "-"


class Named(BaseModel):
    x_one: str = "-"


async def dependencies(
    one: Annotated[str, Depends(first)],
    two: Annotated[str, Depends(second)],
    three: Annotated[str, Depends(Called())],
    limit: Annotated[int, Depends(checked)],
) -> Response:
    return Response(f"{one} {two} {three} {limit} {ORDER}")


async def model(filters: Annotated[Filters, Query()], again: Annotated[str, Depends(first)]) -> Response:
    return Response(f"{filters!r} {again}")


async def model_of_lists(filters: Annotated[Repeated, Query()]) -> Response:
    return Response(repr(filters))


async def optional_model(filters: Annotated[Filters | None, Query()] = None) -> Response:
    return Response(repr(filters))


async def values(
    x: Annotated[list[int], Query()],
    y: Annotated[str | None, Query(alias="why", max_length=3)] = None,
    z: Annotated[int, Header()] = 3,
    w: Annotated[str, Cookie()] = "no cookie",
) -> Response:
    return Response(f"{x} {y} {z} {w}")


async def header_model(names: Annotated[Named, Header()]) -> Response:
    return Response(repr(names))


async def path(number: Annotated[int, Path(le=9)], rest: str, request: Request) -> Response:
    return Response(f"{number!r} {rest!r} {request.path_params}")


async def refused() -> Response:
    raise ValueError("refused")


COVERED = {
    "/dependencies": dependencies,
    "/model": model,
    "/model-of-lists": model_of_lists,
    "/optional-model": optional_model,
    "/values": values,
    "/header-model": header_model,
    "/path/{number}/{rest:path}": path,
    "/refused": refused,
}
"""Endpoints that a plan calls."""
QUERIES = [
    b"",
    b"limit=3",
    b"limit=0",
    b"limit=0&unknown=1&unknown=2",
    b"limit=1&limit=2&words=a+b",
    b"names=a&names=b&an-alias=c",
    b"other=c",
    b"x=1&x=2&why=abc",
    b"x=1&x=none&why=abcd",
    b"words=%ff",
    b"words",
]
HEADERS = ((), ((b"z", b"7"), (b"cookie", b"w=a"), (b"x-one", b"1")), ((b"z", b"many"), (b"x_one", b"2")))


def application(endpoints: dict[str, Callable[..., Any]]) -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    for address, endpoint in endpoints.items():
        app.add_api_route(address, endpoint, response_model=None)

    @app.exception_handler(ValueError)
    async def answer(_request: Request, error: ValueError) -> Response:
        return Response(f"handled {error}", 400)

    return app


@pytest.mark.parametrize("address", COVERED)
async def test_a_plan_calls_as_fastapi_does(address: str) -> None:
    app = application(COVERED)
    [context] = [context for context in iter_route_contexts(app.routes) if context.path == address]
    LeanRoute(context)
    ways = TwoWays(app).build()
    ways.before_each = ORDER.clear
    for query in QUERIES:
        for headers in HEADERS:
            for rest in ("7/a/b", "12/", "many/x"):
                sent = Sent(address.replace("{number}/{rest:path}", rest), query, headers=headers)
                assert (await ways.send(sent)).messages


async def test_each_dependency_is_called_once_and_in_order() -> None:
    ways = TwoWays(application(COVERED)).build()
    ways.before_each = ORDER.clear
    await ways.send(Sent("/dependencies", b"limit=2"))
    assert ORDER == ["first", "second", "called", "checked"]
    await ways.send(Sent("/dependencies", b"limit=0"))
    assert ORDER == ["first", "second", "called"]


async def yields() -> AsyncIterator[int]:
    yield 1


def in_a_thread() -> int:
    return 2


async def with_body(body: Annotated[Filters, Body()]) -> Response:
    return Response(repr(body))


async def with_response(response: Response) -> Response:
    return Response(str(response.status_code))


async def with_tasks(tasks: BackgroundTasks) -> Response:
    return Response(str(len(tasks.tasks)))


async def with_yield(value: Annotated[int, Depends(yields)]) -> Response:
    return Response(str(value))


async def with_thread(value: Annotated[int, Depends(in_a_thread)]) -> Response:
    return Response(str(value))


async def without_cache(one: Annotated[str, Depends(first, use_cache=False)]) -> Response:
    return Response(one)


async def with_scopes(one: Annotated[str, Security(first, scopes=["x"])]) -> Response:
    return Response(one)


async def nested(limit: Annotated[int, Depends(checked)]) -> int:
    return limit


async def with_nested_parameters(limit: Annotated[int, Depends(nested)]) -> Response:
    return Response(str(limit))


async def with_repeated_parameters(
    one: Annotated[int, Depends(checked)], other: Annotated[int, Depends(checked)]
) -> Response:
    return Response(f"{one} {other}")


async def returns_a_value() -> dict[str, int]:
    return {"value": 1}


def in_a_thread_too() -> Response:
    return Response("thread")


LEFT: list[tuple[Callable[..., Any], str]] = [
    (with_body, "body_params"),
    (with_response, "response_param_name"),
    (with_tasks, "background_tasks_param_name"),
    (with_yield, "a function that is no coroutine"),
    (with_thread, "a function that is no coroutine"),
    (without_cache, "a dependency with a scope, or without cache"),
    (with_scopes, "own_oauth_scopes"),
    (with_nested_parameters, "parameters of a dependency of a dependency"),
    (with_repeated_parameters, "a repeated dependency with parameters"),
    (returns_a_value, "no Response is returned"),
    (in_a_thread_too, "a function that is no coroutine"),
]
"""Endpoints that FastAPI calls itself, with the reason."""


@pytest.mark.parametrize(("endpoint", "reason"), LEFT, ids=lambda value: getattr(value, "__name__", None))
async def test_other_signatures_are_left_to_fastapi(endpoint: Callable[..., Awaitable[Any]], reason: str) -> None:
    app = application({"/left": endpoint})
    [context] = iter_route_contexts(app.routes)
    with pytest.raises(UnsupportedSignatureError, match=reason):
        LeanRoute(context)
    ways = TwoWays(app).build()
    for query in QUERIES:
        await ways.send(Sent("/left", query))


def test_every_field_of_an_analysis_is_known() -> None:
    """A field that a later FastAPI adds must be empty for a plan; this test then asks for a look at it."""
    assert set(Dependant.__dataclass_fields__) == {
        *("path_params", "query_params", "header_params", "cookie_params", "body_params"),
        *("dependencies", "name", "call", "request_param_name", "path", "scope", "use_cache"),
        *("websocket_param_name", "http_connection_param_name", "response_param_name", "background_tasks_param_name"),
        *("security_scopes_param_name", "own_oauth_scopes", "parent_oauth_scopes", "concurrency"),
    }


async def test_a_traceback_names_the_endpoint() -> None:
    app = application({"/failing": failing})
    ways = TwoWays(app).build()
    assert (await ways.send(Sent("/failing"))).error == "ZeroDivisionError('division by zero')"
    with pytest.raises(ZeroDivisionError) as raised:
        await ways.ways["layer"](ways.scope(Sent("/failing")), None, ignored)
    assert raised.traceback[-1].name == "failing"


async def ignored(_message: Any) -> None:
    """Take a message of the answer."""


async def failing() -> Response:
    return Response(str(1 / 0))
