"""Every endpoint is a plain function with the name of its operation, so that tracebacks contain the operation."""

import re
import sys

import pytest
from fastapi.routing import APIRoute

from gateway.app import create_app
from gateway.registry.registry import Registry
from gateway.settings import Settings
from tests.gateway.fakes import AGENCIES


@pytest.fixture
def routes(tmp_path) -> list[APIRoute]:
    agencies = tmp_path / "agencies.toml"
    agencies.write_text(AGENCIES)
    app = create_app(Settings(mode="demo", home=tmp_path, port=8000, agencies=agencies), registry=Registry(()))
    found = []
    waiting = list(app.routes)
    while waiting:
        route = waiting.pop()
        waiting += getattr(getattr(route, "original_router", None), "routes", [])
        found += [route] if isinstance(route, APIRoute) else []
    return found


def snake_case(operation_id: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", operation_id).lower()


def test_every_endpoint_is_a_function_of_its_module(routes):
    assert len(routes) > 50
    for route in routes:
        endpoint = route.endpoint
        assert vars(sys.modules[endpoint.__module__]).get(endpoint.__qualname__) is endpoint, route.path


def test_every_endpoint_has_the_name_of_its_operation(routes):
    described = {route.endpoint.__name__: route.operation_id for route in routes if route.include_in_schema}
    assert len(described) > 40
    assert {name: snake_case(operation) for name, operation in described.items()} == {name: name for name in described}
