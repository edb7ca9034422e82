"""One description of the same routes for all applications of the tests.

FastAPI describes the routes of an application in half a second. The tests need the OpenAPI documents of many
applications with the same routes.
"""

import json
from typing import Any

from fastapi.routing import iter_route_contexts

from gateway.api.openapi import document

_describe = document.get_openapi
_DESCRIBED: dict[object, str] = {}


def _shared(**arguments: Any) -> dict[str, Any]:
    routes = [(route.path, route.endpoint) for route in iter_route_contexts(arguments["routes"])]
    key = (*routes, repr({name: value for name, value in arguments.items() if name != "routes"}))
    if key not in _DESCRIBED:
        _DESCRIBED[key] = json.dumps(_describe(**arguments))
    described: dict[str, Any] = json.loads(_DESCRIBED[key])
    return described


def share() -> None:
    """Let every application use the same description."""
    document.get_openapi = _shared
