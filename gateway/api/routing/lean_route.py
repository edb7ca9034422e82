"""A route that is called by a plan, compiled once from the signature that FastAPI has analysed.

FastAPI interprets its analysis (`Dependant`) at each request. The plan has the same calls in the same order: each
dependency once, then the endpoint, with the same arguments. Invalid parameters raise the same errors, after the
dependencies were called. A signature that has more than the plan supports is refused when it is compiled.
"""

import dataclasses
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, get_type_hints

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, RouteContext
from starlette.types import Receive, Scope, Send

from gateway.api.routing.request_parameters import Arguments, ParameterReader, parameter_readers

_SUPPORTED: Final = frozenset(
    {"path_params", "query_params", "header_params", "cookie_params", "dependencies", "name", "call"}
    | {"request_param_name", "path", "scope", "use_cache"}
)
"""Fields of `Dependant` that the plan follows. Every other one must be empty, also one that FastAPI may add."""


class UnsupportedSignatureError(Exception):
    """A signature has something that only FastAPI's own handler supports. The message names it."""


@dataclass(frozen=True, slots=True)
class _Call:
    """The call of a dependency or of the endpoint.

    `results` are the parameters that receive results of earlier calls, each with the number of the call, and
    `request_name` is the parameter that receives the request.
    """

    function: Callable[..., Awaitable[Any]]
    results: tuple[tuple[str, int], ...]
    readers: tuple[ParameterReader, ...]
    request_name: str | None

    def arguments(self, request: Request, results: list[Any]) -> Arguments:
        """Return the arguments of the call, and the errors of its parameters."""
        arguments = {name: results[number] for name, number in self.results}
        errors: list[Any] = []
        for read in self.readers:
            values, found = read(request)
            arguments.update(values)
            errors += found
        if self.request_name is not None:
            arguments[self.request_name] = request
        return arguments, errors


class LeanRoute:
    """An ASGI application that answers the requests of one route."""

    def __init__(self, context: RouteContext) -> None:
        """Compile the plan. Raises `UnsupportedSignatureError` if only FastAPI's own handler supports the route."""
        if not isinstance(context.original_route, APIRoute):
            raise UnsupportedSignatureError("not declared to FastAPI")
        self._path = context.path
        dependant: Dependant = context.dependant
        self._dependencies, numbers = _dependency_calls(dependant)
        self._endpoint = _call(dependant, numbers)
        answer = get_type_hints(self._endpoint.function).get("return")
        if not (isinstance(answer, type) and issubclass(answer, Response)):
            raise UnsupportedSignatureError("no Response is returned")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whose path parameters are in the scope."""
        response = await self._respond(Request(scope, receive, send))
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        """Call the dependencies and the endpoint. Raises `RequestValidationError` if parameters are invalid."""
        results: list[Any] = []
        errors: list[Any] = []
        for call in self._dependencies:
            arguments, found = call.arguments(request, results)
            if found:
                errors += found
                results.append(None)  # never read: the endpoint is not called
            else:
                results.append(await call.function(**arguments))
        arguments, found = self._endpoint.arguments(request, results)
        errors += found
        if errors:
            raise RequestValidationError(errors, endpoint_ctx={"path": f"{request.method} {self._path}"})
        response: Response = await self._endpoint.function(**arguments)
        return response


_Numbers = dict[Callable[..., Any], int]
"""Functions of dependencies, with the number of their call."""


def _dependency_calls(dependant: Dependant) -> tuple[tuple[_Call, ...], _Numbers]:
    """Return the calls of all dependencies of an endpoint, each after those that it depends on itself."""
    calls: list[_Call] = []
    numbers: _Numbers = {}
    for dependency in dependant.dependencies:
        _add_call(dependency, calls, numbers)
    return tuple(calls), numbers


def _add_call(dependency: Dependant, calls: list[_Call], numbers: _Numbers) -> None:
    if dependency.scope is not None or not dependency.use_cache:
        raise UnsupportedSignatureError("a dependency with a scope, or without cache")
    for inner in dependency.dependencies:
        _add_call(inner, calls, numbers)
        if parameter_readers(inner):
            # FastAPI does not call a dependency whose own dependencies have invalid parameters.
            raise UnsupportedSignatureError("parameters of a dependency of a dependency")
    call = _call(dependency, numbers)
    if call.function not in numbers:
        numbers[call.function] = len(calls)
        calls.append(call)
    elif call.readers:
        raise UnsupportedSignatureError("a repeated dependency with parameters")  # FastAPI repeats their errors


def _call(dependant: Dependant, numbers: _Numbers) -> _Call:
    """Return the call of one function, whose dependencies have numbers."""
    for field in dataclasses.fields(Dependant):
        if field.name not in _SUPPORTED and getattr(dependant, field.name):
            raise UnsupportedSignatureError(field.name)
    function = dependant.call
    if function is None or not _is_coroutine_function(function):
        raise UnsupportedSignatureError("a function that is no coroutine")
    return _Call(
        function,
        tuple((inner.name, numbers[inner.call]) for inner in dependant.dependencies if inner.name and inner.call),
        parameter_readers(dependant),
        dependant.request_param_name,
    )


def _is_coroutine_function(function: Callable[..., Any]) -> bool:
    # An object such as `RequireScopes` is called by its method `__call__`.
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)
