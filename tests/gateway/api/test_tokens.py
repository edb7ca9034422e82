"""Tokens are checked at public operations too; credentials of other schemes are ignored there."""

import pytest
from starlette.routing import Route

from gateway.api.routers import API_ROUTERS
from gateway.authentication.errors import InsufficientAssuranceError
from tests.gateway.fakes import Fake, Wire, gateway_before, service

pytestmark = pytest.mark.anyio

PUBLIC = (
    "/v1/services",
    "/v1/services/none",
    "/v1/agencies",
    "/v1/regions",
    "/v1/codes",
    "/v1/codes/none",
    "/v1/systems",
    "/v1/systems/none",
    "/v1/traffic/incidents",
    "/v1/search?q=lampu",
)


@pytest.fixture
async def gateway(tmp_path, anyio_backend):
    register = Fake("register", feeds=("service",), needs=())
    register.records = {"service": [Wire("1", service("lampu"))]}
    async with gateway_before(tmp_path, register) as opened:
        yield opened


@pytest.mark.parametrize("path", PUBLIC)
async def test_a_token_that_is_not_good_is_refused_at_public_operations_too(gateway, path):
    anonymous = await gateway.get(path)
    refused = await gateway.get(path, "ended")
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (401, "not-authenticated")
    assert refused.headers["www-authenticate"].startswith('Bearer realm="gerbang", error="invalid_token"')
    assert refused.headers["cache-control"] == "no-store"
    for who in ("resident", "machine"):
        assert (await gateway.get(path, who)).status_code == anonymous.status_code
    if "search" not in path:
        assert (await gateway.get(path, "resident")).text == anonymous.text or anonymous.status_code == 404


async def test_every_route_of_the_api_checks_tokens(gateway):
    """Call each route by its own method with an invalid token."""
    routes = [route for router in API_ROUTERS for route in router.routes if isinstance(route, Route)]
    assert len(routes) > 40
    for route in routes:
        [method] = route.methods
        path = route.path.replace("{", "").replace("}", "")
        answer = await gateway.http.request(method, path, headers={"authorization": "Bearer ended"})
        assert answer.status_code == 401, f"{method} {route.path}"


async def test_a_machine_searches_like_an_anonymous_caller(gateway):
    anonymous, machine = [await gateway.get("/v1/search?q=lampu", who) for who in (None, "machine")]
    assert machine.status_code == 200
    assert machine.content == anonymous.content
    assert machine.headers["cache-control"] == anonymous.headers["cache-control"]
    assert (await gateway.get("/v1/me/applications", "machine")).status_code == 403


async def test_credentials_of_another_scheme_are_ignored_at_public_operations(gateway):
    for path in PUBLIC:
        anonymous, basic = [await gateway.get(path, **headers) for headers in ({}, {"authorization": "Basic eDp5"})]
        assert basic.status_code == anonymous.status_code, path
    refused = await gateway.get("/v1/me/applications", authorization="Basic eDp5")
    assert refused.status_code == 401
    assert "error" not in refused.headers["www-authenticate"]


async def test_a_token_of_a_weak_sign_in_is_accepted_at_public_operations(gateway, monkeypatch):
    async def weak(_request):
        raise InsufficientAssuranceError(2)

    monkeypatch.setattr(gateway, "presented", weak)
    assert (await gateway.get("/v1/services", "officer")).status_code == 200
    assert (await gateway.get("/v1/applications", "officer")).status_code == 401
    assert (await gateway.get("/v1/search?q=lampu", "officer")).status_code == 401


async def test_health_checks_and_documents_need_no_token(gateway):
    for path in ("/livez", "/readyz", "/openapi.json", "/docs", "/problems/not-found"):
        assert (await gateway.get(path, "ended")).status_code == 200, path
