"""The layer finds the route that FastAPI's router finds, and handles exceptions as it does."""

from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Mount, Route

from gateway.api.routing.routing_layer import RoutingLayer
from tests.gateway.api.routing.comparing import Sent, TwoWays

pytestmark = pytest.mark.anyio


async def shown(request: Request) -> Response:
    return JSONResponse({"path": request.scope["path"], "parameters": request.path_params})


class LaterError(Exception):
    """An error of which a handler exists."""


async def failing(kind: str) -> Response:
    errors: dict[str, Exception] = {
        "status": HTTPException(418, "a teapot"),
        "known": LookupError("known"),
        "subclass": KeyError("subclass"),
        "handler": ValueError("its handler fails"),
        "unknown": ZeroDivisionError("unknown"),
    }
    raise errors[kind]


class Interrupted(PlainTextResponse):
    """A response that fails after it has begun."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise LookupError("interrupted")


async def interrupted() -> Response:
    return Interrupted("")


def application() -> FastAPI:
    inner, outer = APIRouter(prefix="/inner"), APIRouter(prefix="/outer")
    for path in ("/{x}/first", "/fixed", "/{x}", "/{x}/{y}", "/numbers/{n:int}", "/parts/{n:float}/x", "/all/{p:path}"):
        inner.get(path, name=f"inner {path}")(shown)
    inner.put("/{x}")(shown)
    inner.post("/numbers/{n}")(shown)
    inner.get("/twice", name="earlier")(shown)
    inner.get("/twice", name="later")(shown)
    outer.include_router(inner, prefix="/deep")
    outer.get("/a.b+c")(shown)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.include_router(inner)
    app.include_router(outer, prefix="/more")
    app.get("/failing/{kind}")(failing)
    app.get("/interrupted")(interrupted)
    app.router.routes.append(Route("/plain/{name}", shown, methods=["GET", "POST"]))
    app.router.routes.append(Route("/inner/fixed", shown, methods=["DELETE"]))

    @app.exception_handler(LookupError)
    async def known(_request: Request, error: LookupError) -> Response:
        return PlainTextResponse(f"known {error}", 400)

    @app.exception_handler(LaterError)
    async def later(_request: Request, _error: LaterError) -> Response:
        return PlainTextResponse("of a handler", 503)

    @app.exception_handler(ValueError)
    async def fails(_request: Request, _error: ValueError) -> Response:
        raise LaterError

    @app.exception_handler(418)
    async def teapot(_request: Request, _error: Exception) -> Response:
        return PlainTextResponse("teapot", 418)

    @app.exception_handler(Exception)
    async def unknown(_request: Request, _error: Exception) -> Response:
        return PlainTextResponse("unknown", 500)

    return app


PATHS = [
    f"{before}{path}"
    for before in ("/inner", "/more/outer/deep/inner", "/inner/", "//inner")
    for path in (
        *("", "/", "/fixed", "/fixed/", "/fixed\n", "/x", "/x\n", "/x/first", "/x/second", "/twice", "/a\nb"),
        *("/numbers/12", "/numbers/-1", "/numbers/x", "/numbers/12\n", "/parts/1.5/x", "/parts/1/x", "/parts/x/x"),
        *("/all/", "/all/a/b", "/all/a/b\n", "/all"),
    )
] + ["", "/", "/plain/x", "/plain/", "/more/outer/a.b+c", "/more/outer/aXbbc", "/nothing"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
async def test_the_same_route_is_found(method: str) -> None:
    ways = TwoWays(application()).build()
    found = [(await ways.send(Sent(path, method=method))).messages for path in PATHS]
    assert all(found)


@pytest.mark.parametrize("root", ["/inner", "/in", "/more/outer", "/none"])
async def test_a_prefix_that_a_proxy_removed_is_respected(root: str) -> None:
    ways = TwoWays(application()).build()
    for path in PATHS:
        await ways.send(Sent(path, scope={"root_path": root}))


ERRORS = {
    "status": (418, None),
    "known": (400, None),
    "subclass": (400, None),
    "handler": (503, None),
    "unknown": (500, "ZeroDivisionError('unknown')"),
}


@pytest.mark.parametrize(("kind", "expected"), ERRORS.items())
async def test_exceptions_reach_the_same_handlers(kind: str, expected: tuple[int, str | None]) -> None:
    received = await TwoWays(application()).build().send(Sent(f"/failing/{kind}"))
    assert (received.status, received.error) == expected


async def test_an_answer_that_has_begun_gets_no_other() -> None:
    received = await TwoWays(application()).build().send(Sent("/interrupted"))
    assert received.error == "RuntimeError('Caught handled exception, but response already started.')"


async def test_replaced_dependencies_are_used() -> None:
    async def real() -> str:
        return "real"

    async def endpoint(value: str = Depends(real)) -> Response:
        return PlainTextResponse(value)

    app = application()
    app.get("/replaced")(endpoint)
    app.dependency_overrides[real] = lambda: "replaced"
    received = await TwoWays(app).build().send(Sent("/replaced"))
    assert received.messages[1]["body"] == b"replaced"


async def test_the_layer_stands_in_an_application() -> None:
    app = application()
    app.add_middleware(RoutingLayer, application=app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        assert (await client.get("/inner/x")).json()["parameters"] == {"x": "x"}
        assert (await client.get("/nothing/here")).status_code == 404
        assert (await client.patch("/inner/fixed")).status_code == 405


async def test_a_mounted_application_is_refused_at_the_start() -> None:
    app = application()
    app.add_middleware(RoutingLayer, application=app)
    app.router.routes.insert(0, Mount("/mounted", app=PlainTextResponse("mounted")))
    with pytest.raises(TypeError, match="/mounted"):
        await app({"type": "lifespan", "app": app}, receive, receive)


async def receive(*_message: Any) -> dict[str, str]:
    return {"type": "lifespan.startup"}
