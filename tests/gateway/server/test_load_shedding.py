"""Load shedding: which requests are refused while too many are in progress, and what a refused caller gets."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
import pytest
from starlette.responses import PlainTextResponse

from gateway.app import create_app
from gateway.ground.connection_limits import ConnectionLimits, ConnectionSettings
from gateway.registry.registry import Registry
from gateway.server.load_shedding import LoadShedding
from gateway.settings import Settings
from tests.databases import lay_tables
from tests.gateway.fakes import AGENCIES

pytestmark = pytest.mark.anyio

SIGN_IN = ("/oauth2/authorize", "/oauth2/jwks", "/auth/login", "/account", "/.well-known/openid-configuration")
WAITING = {"x-wait": "1"}


class Waiting:
    """An application in which a request with the header `x-wait` waits until it is released."""

    def __init__(self, inner=None):
        self.inner = inner or PlainTextResponse("ok")
        self.released = asyncio.Event()
        self.waiting = asyncio.Semaphore(0)
        if hasattr(inner, "answer_overloaded"):
            self.answer_overloaded = inner.answer_overloaded

    async def __call__(self, scope, receive, send):
        if (b"x-wait", b"1") in scope["headers"]:
            self.waiting.release()
            await self.released.wait()
        await self.inner(scope, receive, send)


class Shed:
    """A client of an application behind load shedding."""

    def __init__(self, app, **settings):
        self.limits = ConnectionLimits(ConnectionSettings(**settings))
        self.app = Waiting(app)
        self.layer = LoadShedding(self.app, self.limits)
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(self.layer), base_url="http://localhost:8000")
        self.busy = []

    async def occupy(self, path="/other", number=1):
        """Begin requests that stay in progress."""
        self.busy += [asyncio.create_task(self.http.get(path, headers=WAITING)) for _ in range(number)]
        async with asyncio.timeout(10):
            for _ in range(number):
                await self.app.waiting.acquire()

    async def status(self, path):
        return (await self.http.get(path)).status_code

    async def end(self):
        """Let the waiting requests end; return their statuses."""
        self.app.released.set()
        return [answer.status_code for answer in await asyncio.gather(*self.busy)]


@asynccontextmanager
async def shed(app=None, **settings):
    client = Shed(app, **settings)
    async with client.http:
        yield client
        await client.end()


async def test_requests_beyond_the_bound_are_refused_until_one_has_ended():
    async with shed(most_requests=2) as client:
        await client.occupy(number=2)
        refused = await client.http.get("/other")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert client.limits.refused == 1
        assert await client.end() == [200, 200]
        assert await client.status("/other") == 200
        assert client.layer.in_progress == 0


async def test_health_is_answered_however_many_requests_there_are():
    async with shed(most_requests=1, reserved_for_sign_in=0) as client:
        await client.occupy(number=1)
        answers = {path: await client.status(path) for path in ("/livez", "/readyz", "/livez/", "/livezz")}
        assert answers == {"/livez": 200, "/readyz": 200, "/livez/": 503, "/livezz": 503}


@pytest.mark.parametrize("path", SIGN_IN)
async def test_sign_in_has_a_reserve_beyond_the_bound(path):
    async with shed(most_requests=1, reserved_for_sign_in=2) as client:
        await client.occupy()
        assert (await client.status("/v1/me"), await client.status(path)) == (503, 200)
        await client.occupy(path, number=2)
        assert await client.status(path) == 503


async def test_refused_requests_do_not_use_up_the_reserve():
    async with shed(most_requests=1, reserved_for_sign_in=1) as client:
        await client.occupy()
        many = [client.status("/v1/me") for _ in range(50)]
        *refused, sign_in = await asyncio.gather(*many, client.status("/oauth2/authorize"))
        assert set(refused) == {503}
        assert sign_in == 200


async def test_a_request_that_fails_is_not_in_progress_any_more():
    async def failing(_scope, _receive, _send):
        raise OSError

    layer = LoadShedding(failing, ConnectionLimits())
    for error in (OSError, OSError):
        with pytest.raises(error):
            await layer({"type": "http", "path": "/", "headers": []}, None, None)
    assert layer.in_progress == 0


@pytest.fixture
async def gateway(tmp_path, anyio_backend):
    agencies = tmp_path / "agencies.toml"
    agencies.write_text(AGENCIES)
    settings = Settings(mode="demo", home=tmp_path, port=8000, agencies=agencies, limits={"public": {"address": 2}})
    lay_tables(settings.database)
    app = create_app(settings, clock=lambda: datetime.now(UTC), registry=Registry(()))
    async with app.router.lifespan_context(app), shed(app.middleware_stack, most_requests=1) as client:
        await client.occupy("/livez")
        yield client


@pytest.mark.parametrize(("language", "title"), [("id", "Gerbang terlalu sibuk"), ("en", "The gateway is overloaded")])
async def test_the_gateway_refuses_with_a_problem_in_the_language_of_the_caller(gateway, language, title):
    headers = {"accept-language": language, "x-request-id": "mine"}
    refused = await gateway.http.get("/v1/codes", headers=headers)
    problem = refused.json()
    assert (refused.status_code, problem["type"].rpartition("/")[2], problem["title"]) == (503, "overloaded", title)
    assert refused.headers["content-type"] == "application/problem+json"
    assert (refused.headers["x-request-id"], problem["request_id"]) == ("mine", "mine")
    assert (refused.headers["cache-control"], refused.headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert int(refused.headers["retry-after"]) > 0


async def test_a_page_of_another_origin_can_read_the_refusal(gateway):
    refused = await gateway.http.get("/v1/codes", headers={"origin": "https://portal.example"})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (503, "*")
    assert "Retry-After" in refused.headers["access-control-expose-headers"]


async def test_a_refused_request_does_not_count_for_its_caller(gateway):
    for _ in range(5):
        refused = await gateway.http.get("/v1/codes")
        assert (refused.status_code, "ratelimit" in refused.headers) == (503, False)
    assert await gateway.end() == [200]
    answer = await gateway.http.get("/v1/codes")
    assert (answer.status_code, answer.headers["ratelimit"][:24]) == (200, '"public-address";r=1;t=1')
