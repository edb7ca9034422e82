"""One analysis of each route's signature for all applications of the tests.

FastAPI analyses a route once for each application that includes it, at its first request. The tests make a thousand
applications of the same routes.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from fastapi import params, routing

_build = routing._build_dependant_with_parameterless_dependencies
_Built = tuple[Any, list[Any], bool]


@cache
def _built_once(path: str, call: Callable[..., Any], dependencies: tuple[params.Depends, ...]) -> _Built:
    return _build(path=path, call=call, dependencies=dependencies)


def _shared(*, path: str, call: Callable[..., Any], dependencies: Sequence[params.Depends]) -> _Built:
    if "<locals>" in getattr(call, "__qualname__", "<locals>"):  # of a single test: kept no longer than the test
        return _build(path=path, call=call, dependencies=dependencies)
    dependant, body, embedded = _built_once(path, call, tuple(dependencies))
    return dependant, list(body), embedded


def share() -> None:
    """Let every application use the same analysis."""
    routing._build_dependant_with_parameterless_dependencies = _shared
