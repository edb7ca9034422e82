"""The ASGI layer in front of FastAPI's router: finds routes in a table, and calls them with less work."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from fastapi import FastAPI
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, ExceptionHandler, Receive, Scope, Send

from gateway.api.routing.lean_route import LeanRoute, UnsupportedSignatureError
from gateway.api.routing.route_table import RouteTable, TableRoute
from gateway.oidc.dependencies import ProviderRoute

_NAMED: Final = (APIRoute, ProviderRoute)
"""Kinds of routes that a request finds in its scope as `route`."""
ExceptionHandlers = Mapping[Any, ExceptionHandler]


class RoutingLayer:
    """Calls the routes of `application`, and leaves to `app` what the table does not cover: FastAPI's own router.

    It must be the innermost layer. Exception handlers must be complete when it is made, and routes when the application
    starts: those that are added later are not found, nor are files of `FastAPI.frontend`.
    """

    def __init__(self, app: ASGIApp, *, application: FastAPI) -> None:
        self._app = app
        self._application = application
        self._handlers = {
            error: handler
            for error, handler in application.exception_handlers.items()
            if error not in (500, Exception)  # handled by Starlette's outermost layer
        }
        self._not_found = ExceptionMiddleware(application.router.default, self._handlers)

    @cached_property
    def _table(self) -> RouteTable:
        return RouteTable(table_routes(self._application.routes, self._handlers))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or start the application."""
        table = self._table  # made before the first request
        if not self._covers(scope):
            await self._app(scope, receive, send)
            return
        found = table.find(scope["method"], scope["path"])
        if found is not None:
            route, path_params = found
            scope.update(route.scope, router=self._application.router, path_params=path_params)
            await route.app(scope, receive, send)
        elif table.has_path(scope["path"]):
            await self._app(scope, receive, send)  # another method, which FastAPI refuses
        else:
            scope["router"] = self._application.router
            await self._not_found(scope, receive, send)

    def _covers(self, scope: Scope) -> bool:
        return (
            scope["type"] == "http"
            and not scope.get("root_path")  # a prefix that a proxy has removed
            and "fastapi.telemetry" not in scope  # FastAPI's traces name the route that its router has found
            and not self._application.dependency_overrides
            and not scope["path"].endswith("\n")  # which the patterns of routes ignore, but not the table
        )


def table_routes(routes: Sequence[BaseRoute], handlers: ExceptionHandlers) -> Iterator[TableRoute]:
    """Yield the routes of an application. Raises `TypeError` for a mounted application, which has no single path."""
    for context in iter_route_contexts(routes):
        route = context.original_route
        if not isinstance(route, Route) or context.methods is None:
            raise TypeError(f"not a route: {context.path}")
        yield TableRoute(
            path=context.path or "",
            methods=frozenset(context.methods),
            pattern=context.path_regex,
            converters=context.param_convertors,
            app=_handled(context, handlers),
            # Starlette does not name its own routes.
            scope={"endpoint": context.endpoint} | ({"route": route} if isinstance(route, _NAMED) else {}),
        )


def _handled(context: RouteContext, handlers: ExceptionHandlers) -> ASGIApp:
    """Return the application of a route with the exception handlers around it, as FastAPI nests them.

    FastAPI handles exceptions in each route, and those that a handler raises in a second layer.
    """
    try:
        route: ASGIApp = ExceptionMiddleware(LeanRoute(context), handlers)
    except UnsupportedSignatureError:
        route = AsyncExitStackMiddleware(context.app)
    return ExceptionMiddleware(route, handlers)
