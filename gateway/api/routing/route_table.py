"""A table of routes: finds the first one that matches a method and a path, by one look-up or one search."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.convertors import Convertor
from starlette.types import ASGIApp


@dataclass(frozen=True, slots=True)
class TableRoute:
    """A route of the table.

    `pattern` matches its paths, and `converters` are those of the parameters in its path. `app` answers its requests,
    to whose scope `scope` is added.
    """

    path: str
    methods: frozenset[str]
    pattern: re.Pattern[str]
    converters: Mapping[str, Convertor[Any]]
    app: ASGIApp
    scope: Mapping[str, Any]


class RouteTable:
    """Routes in the order of their declaration, of which the first that matches counts."""

    def __init__(self, routes: Iterable[TableRoute]) -> None:
        ordered = tuple(routes)
        methods = {method for route in ordered for method in route.methods}
        self._by_method = {
            method: _PathTable(route for route in ordered if method in route.methods) for method in methods
        }
        self._all = _PathTable(ordered)

    def find(self, method: str, path: str) -> tuple[TableRoute, dict[str, Any]] | None:
        """Return the first route that matches, with its path parameters, or None."""
        table = self._by_method.get(method)
        return table.find(path) if table is not None else None

    def has_path(self, path: str) -> bool:
        """Return whether a route of any method matches the path."""
        return self._all.find(path) is not None


class _PathTable:
    """Routes by path. A path without parameters is looked up; other paths are searched by one pattern."""

    def __init__(self, routes: Iterable[TableRoute]) -> None:
        ordered = tuple(routes)
        searched = {f"route{number}": route for number, route in enumerate(ordered) if route.converters}
        # A route with parameters may match a path that a later one has without.
        first = {
            route.path: next(one for one in ordered if one.pattern.match(route.path))
            for route in ordered
            if not route.converters
        }
        self._fixed = {path: route for path, route in first.items() if not route.converters}
        # The last group of an alternative names its route. Its other groups, which are parameters, have unique names.
        alternatives = (
            f"{route.pattern.pattern.replace('(?P<', f'(?P<{name}_')}(?P<{name}>)" for name, route in searched.items()
        )
        self._pattern = re.compile("|".join(alternatives) or r"(?!)")
        self._searched = {
            name: (route, tuple((key, f"{name}_{key}", one.convert) for key, one in route.converters.items()))
            for name, route in searched.items()
        }

    def find(self, path: str) -> tuple[TableRoute, dict[str, Any]] | None:
        """Return the first route that matches, with its path parameters, or None."""
        fixed = self._fixed.get(path)
        if fixed is not None:
            return fixed, {}
        found = self._pattern.match(path)
        if found is None or found.lastgroup is None:
            return None
        route, parameters = self._searched[found.lastgroup]
        return route, {key: convert(found[group]) for key, group, convert in parameters}
