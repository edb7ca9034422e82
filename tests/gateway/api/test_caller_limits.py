"""Limits of callers: whose calls are counted, and what a caller over its limit gets."""

import json
import re
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi.routing import iter_route_contexts

from gateway.api.caller_limits import RouteClass, route_class
from gateway.app import create_app
from gateway.demo.clients import MOBILE
from gateway.demo.seed import issue_demo_token, seed_demo
from gateway.identity.passwords import Passwords
from gateway.registry.registry import Registry
from gateway.settings import Settings
from gateway.shared.settings import CallerLimitSettings
from gateway.storage.tables.grants import GrantRow
from tests.databases import lay_tables
from tests.gateway.fakes import AGENCIES, NIK

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)
"""A window that does not pass during a test."""
FEW = {"public": {"address": 4, "account": 3}, "personal": {"account": 2}, "sign_in": {"address": 2}}
PORTAL = "https://portal.example"


class Limited:
    """A gateway with limits; `get` sends a request from an address, with the token of an account if one is named."""

    def __init__(self, app, settings, clock):
        self.app, self.settings, self.clock = app, settings, clock

    async def token(self, account="resident"):
        deps = self.app.state.deps
        return await issue_demo_token(deps.database, deps.sealer, self.settings, account)

    async def get(self, path, token=None, *, address="192.0.2.1", method="GET", **headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        transport = httpx.ASGITransport(self.app, client=(address, 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as http:
            return await http.request(method, path, headers=sent)

    def at_once(self, path, *, address="192.0.2.1", method="GET"):
        """The ready answer to a request as the connection gets it: status, headers, body."""
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": b"",
            "headers": [(b"host", b"localhost:8000"), (b"accept", b"*/*"), (b"accept-encoding", b"identity")],
            "client": (address, 4711),
        }
        answer = self.app.middleware_stack.answer_at_once(scope)
        if answer is None:
            return None
        status, *lines = answer[0].decode().removesuffix("\r\n").split("\r\n")
        return int(status.split()[1]), dict(line.split(": ", 1) for line in lines), answer[1]


@asynccontextmanager
async def limited(home, limits=None, **settings):
    moment = [datetime.now(UTC)]
    agencies = home / "agencies.toml"
    agencies.write_text(AGENCIES)
    read = Settings(
        mode="demo",
        home=home,
        port=8000,
        agencies=agencies,
        limits=CallerLimitSettings.model_validate({"window": HOUR, **(FEW if limits is None else limits)}),
        **settings,
    )
    lay_tables(read.database)
    app = create_app(read, clock=lambda: moment[0], registry=Registry(()))
    async with app.router.lifespan_context(app):
        cheap = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        deps = app.state.deps
        await seed_demo(deps.database, deps.sealer, read, {"resident": NIK}, passwords=cheap)
        yield Limited(app, read, moment)


@pytest.fixture
async def gateway(tmp_path, anyio_backend):
    async with limited(tmp_path) as opened:
        yield opened


def policies(answer):
    return answer.headers.get("ratelimit-policy"), answer.headers.get("ratelimit")


def kind(answer):
    return answer.json()["type"].rpartition("/")[2]


async def test_an_anonymous_caller_is_counted_by_its_address(gateway):
    paths = ("/v1/codes", "/", "/v1/me", "/v1/nowhere")
    seen = [policies(await gateway.get(path)) for path in paths]
    assert seen == [('"public-address";q=4;w=3600', f'"public-address";r={left};t=3600') for left in (3, 2, 1, 0)]
    refused = await gateway.get("/v1/codes")
    assert (refused.status_code, kind(refused)) == (429, "rate-limited")
    assert policies(refused) == seen[-1]
    assert (await gateway.get("/v1/codes", address="192.0.2.2")).status_code == 200


@pytest.mark.parametrize(("language", "title"), [("id", "Terlalu banyak permintaan"), ("en", "Too many requests")])
async def test_a_caller_over_its_limit_gets_a_problem_with_the_time_to_wait(gateway, language, title):
    for _ in range(4):
        await gateway.get("/v1/systems")
    refused = await gateway.get("/v1/systems", accept_language=language, x_request_id="mine")
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["content-language"] == language
    assert refused.headers["cache-control"] == "no-store"
    assert refused.headers["x-content-type-options"] == "nosniff"
    assert 3600 <= int(refused.headers["retry-after"]) <= 3600 * 51 // 50
    assert (refused.json()["title"], refused.json()["request_id"]) == (title, "mine")
    empty = await gateway.get("/v1/systems", method="HEAD")
    assert (empty.status_code, empty.content) == (429, b"")


async def test_health_checks_have_no_limit(gateway):
    for _ in range(10):
        for path in ("/livez", "/readyz"):
            answer = await gateway.get(path)
            assert (answer.status_code, policies(answer)) == (200, (None, None))


async def test_sign_in_has_a_limit_of_its_own_also_with_a_token(gateway):
    token = await gateway.token()
    for _ in range(2):
        assert (await gateway.get("/oauth2/login", token)).status_code != 429
    refused = await gateway.get("/account", token)
    assert (refused.status_code, policies(refused)[0]) == (429, '"sign-in-address";q=2;w=3600')
    assert (await gateway.get("/v1/codes")).status_code == 200


async def test_what_servers_send_for_many_people_has_a_limit_of_its_own(tmp_path, anyio_backend):
    async with limited(tmp_path, {"servers": {"address": 3}, "public": {"address": 1}}) as gateway:
        for path in ("/v1/inbound/none/push", "/oauth2/introspect", "/auth/apps/none/check"):
            assert (await gateway.get(path, method="POST")).status_code != 429
        assert (await gateway.get("/v1/inbound/none/push", method="POST")).status_code == 429


async def test_a_verified_token_counts_for_its_account_and_not_for_the_address(gateway):
    token = await gateway.token()
    first = await gateway.get("/v1/me/sessions", token)
    assert (first.status_code, policies(first)[1]) == (200, '"public-address";r=3;t=3600')
    both = '"personal-account";q=2;w=3600, "personal-client";q=6000;w=3600'
    for left in (1, 0):
        answer = await gateway.get("/v1/me/sessions", token)
        assert (answer.status_code, policies(answer)) == (200, (both, f'"personal-account";r={left};t=3600'))
    refused = await gateway.get("/v1/me/sessions", token)
    assert (refused.status_code, policies(refused)) == (429, (both, '"personal-account";r=0;t=3600'))
    public = await gateway.get("/v1/codes", token)
    assert policies(public)[1] == '"public-account";r=2;t=3600'
    assert policies(await gateway.get("/v1/codes"))[1] == '"public-address";r=2;t=3600'
    other = await gateway.token("resident-no-nik")
    assert (await gateway.get("/v1/me/sessions", other)).status_code == 200


async def test_two_tokens_of_an_account_share_its_limit(gateway):
    tokens = [await gateway.token(), await gateway.token()]
    for token in tokens:
        await gateway.get("/v1/codes", token)
    left = [policies(await gateway.get("/v1/codes", token))[1] for token in (*tokens, tokens[0])]
    assert left == [f'"public-account";r={number};t=3600' for number in (2, 1, 0)]
    assert (await gateway.get("/v1/codes", tokens[1])).status_code == 429


async def test_all_accounts_share_the_limit_of_their_client(tmp_path, anyio_backend):
    async with limited(tmp_path, {"personal": {"account": 2, "client": 3}}) as gateway:
        tokens = [await gateway.token(account) for account in ("resident", "resident-no-nik")]
        for token in tokens:
            await gateway.get("/v1/me/sessions", token)
        for token in (tokens[0], tokens[0], tokens[0], tokens[0], tokens[1]):
            answer = await gateway.get("/v1/me/sessions", token)
        # The refused calls of the first account do not count for the client, whose third call this is.
        assert (answer.status_code, policies(answer)[1]) == (200, '"personal-client";r=0;t=3600')
        refused = await gateway.get("/v1/me/sessions", tokens[1])
        assert (refused.status_code, policies(refused)[1]) == (429, '"personal-client";r=0;t=3600')
        assert (await gateway.get("/v1/codes", tokens[1])).status_code == 200


async def test_a_client_may_have_limits_of_its_own(tmp_path, anyio_backend):
    own = {"clients": {MOBILE: {"public": 1}}}
    async with limited(tmp_path, own) as gateway:
        token = await gateway.token()
        await gateway.get("/v1/codes", token)
        answer = await gateway.get("/v1/codes", token)
        limit = re.search(r'"public-client";q=(\d+)', policies(answer)[0])[1]
        personal = await gateway.get("/v1/me/sessions", token)
        assert (limit, '"personal-client";q=6000' in policies(personal)[0]) == ("1", True)
        assert (await gateway.get("/v1/codes", token)).status_code == 429


async def test_a_token_that_is_refused_counts_for_the_address(gateway):
    for left in (3, 2):
        answer = await gateway.get("/v1/me/sessions", "forged")
        assert (answer.status_code, policies(answer)[1]) == (401, f'"public-address";r={left};t=3600')
    token = await gateway.token()
    await gateway.get("/v1/codes", token)
    assert policies(await gateway.get("/v1/codes", token))[1].startswith('"public-account"')
    gateway.clock[0] += timedelta(hours=2)  # the token has expired for the gateway, though not for the windows
    assert (await gateway.get("/v1/codes", token)).status_code == 401
    assert policies(await gateway.get("/v1/codes", token))[1] == '"public-address";r=0;t=3600'


async def test_a_revoked_token_counts_for_the_address_after_its_first_refusal(gateway):
    token = await gateway.token()
    await gateway.get("/v1/me/sessions", token)
    async with gateway.app.state.deps.database.session() as session:
        for grant in await session.scalars(GrantRow.__table__.select().with_only_columns(GrantRow.id)):
            (await session.get(GrantRow, grant)).revoked_at = gateway.clock[0]
    first, second = [await gateway.get("/v1/me/sessions", token) for _ in range(2)]
    assert (first.status_code, second.status_code) == (401, 401)
    assert policies(first)[1].startswith('"personal-account"')
    assert policies(second)[1].startswith('"public-address"')


async def test_the_address_is_the_one_that_a_trusted_proxy_reports(tmp_path, anyio_backend):
    async with limited(tmp_path, trusted_proxies=(ip_network("10.0.0.0/8"),)) as gateway:
        for forwarded in ("2001:db8::1", "2001:db8::2", "203.0.113.9, 10.0.0.7"):
            last = await gateway.get("/v1/codes", address="10.0.0.1", x_forwarded_for=forwarded)
        assert policies(last)[1] == '"public-address";r=3;t=3600'
        last = await gateway.get("/v1/codes", address="10.0.0.1", x_forwarded_for="2001:db8::ffff")
        assert policies(last)[1] == '"public-address";r=1;t=3600'
        forged = await gateway.get("/v1/codes", address="203.0.113.9", x_forwarded_for="192.0.2.77")
        assert policies(forged)[1] == '"public-address";r=2;t=3600'


async def test_a_page_of_another_origin_can_read_the_limits_and_the_refusal(gateway):
    for _ in range(4):
        await gateway.get("/v1/codes")
    refused = await gateway.get("/v1/codes", origin=PORTAL)
    assert refused.status_code == 429
    assert refused.headers["access-control-allow-origin"] == "*"
    exposed = {name.strip() for name in refused.headers["access-control-expose-headers"].split(",")}
    assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= exposed


async def test_ready_answers_and_304_have_the_headers_and_are_otherwise_unchanged(tmp_path, anyio_backend):
    async with limited(tmp_path, {"public": {"address": 6}}) as gateway:
        made = await gateway.get("/v1/codes", accept_encoding="identity")
        ready = await gateway.get("/v1/codes", accept_encoding="identity")
        unchanged = await gateway.get("/v1/codes", accept_encoding="identity", if_none_match=made.headers["etag"])
        assert gateway.app.state.ready_answers.hits == 2
        assert (made.status_code, ready.status_code, unchanged.status_code) == (200, 200, 304)
        left = [policies(answer)[1] for answer in (made, ready, unchanged)]
        assert left == [f'"public-address";r={number};t=3600' for number in (5, 4, 3)]
        one_request = {"x-request-id", "server-timing", "ratelimit"}
        assert ready.content == made.content
        assert {k: v for k, v in ready.headers.items() if k not in one_request} == {
            k: v for k, v in made.headers.items() if k not in one_request
        }


async def test_answers_at_once_count_and_are_refused_like_all_others(tmp_path, anyio_backend):
    async with limited(tmp_path, {"public": {"address": 4}}) as gateway:
        assert gateway.at_once("/v1/codes") is None  # which does not count: the application answers, and counts it
        made = await gateway.get("/v1/codes", accept_encoding="identity")
        status, headers, body = gateway.at_once("/v1/codes")
        assert (status, body) == (200, made.content)
        assert headers["ratelimit"] == '"public-address";r=2;t=3600'
        assert headers["ratelimit-policy"] == '"public-address";q=4;w=3600'
        assert gateway.at_once("/v1/codes")[0] == 200
        usual = await gateway.get("/v1/codes", accept_encoding="identity")
        one_request = {"x-request-id", "server-timing", "ratelimit"}
        assert {k: v for k, v in headers.items() if k not in one_request} == {
            k: v for k, v in usual.headers.items() if k not in one_request
        }
        status, headers, body = gateway.at_once("/v1/codes")
        refused = await gateway.get("/v1/codes")
        assert (status, refused.status_code) == (429, 429)
        assert headers.keys() == refused.headers.keys()
        assert json.loads(body)["title"] == refused.json()["title"]
        assert gateway.at_once("/v1/codes", method="HEAD")[2] == b""
        assert gateway.at_once("/v1/codes", address="192.0.2.2")[0] == 200


async def test_refusals_are_counted_in_the_metrics(gateway):
    for _ in range(7):
        await gateway.get("/v1/codes")
    written = (await gateway.app.state.deps.metrics.exposition()).decode()
    name = "gerbang_http_requests_rate_limited_total"
    assert f'{name}{{class="public",by="address"}} 3' in written
    assert f'{name}{{class="personal",by="client"}} 0' in written


async def test_a_caller_without_an_address_has_no_limit(gateway):
    async def without_address(scope, receive, send):
        await gateway.app({**scope, "client": None}, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(without_address), base_url="http://x") as http:
        for _ in range(6):
            answer = await http.get("/v1/codes")
            assert (answer.status_code, policies(answer)) == (200, (None, None))


async def test_every_route_that_takes_a_sign_in_is_personal(gateway):
    for route in iter_route_contexts(gateway.app.routes):
        extra = getattr(getattr(route, "route", route), "openapi_extra", None) or {}
        path = re.sub(r"\{[^}]*\}", "x", route.path)
        personal = bool(extra.get("security")) or path == "/oauth2/userinfo"
        assert (route_class(path) is RouteClass.PERSONAL) is personal, path


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/me", RouteClass.PERSONAL),
        ("/v1/messages", RouteClass.PUBLIC),
        ("/oauth2/token", RouteClass.SIGN_IN),
        ("/oauth2/jwks", RouteClass.PUBLIC),
        ("/oauth2/static/provider.css", RouteClass.PUBLIC),
        ("/auth/callback", RouteClass.SIGN_IN),
        ("/auth/apps/simpus/login", RouteClass.SIGN_IN),
        ("/auth/apps/simpus/check", RouteClass.SERVERS),
        ("/oauth2/introspect", RouteClass.SERVERS),
        ("/v1/inbound/lapor/push", RouteClass.SERVERS),
        ("/account/register", RouteClass.SIGN_IN),
        ("/docs", RouteClass.PUBLIC),
        ("/livez", None),
        ("/livez/", RouteClass.PUBLIC),
    ],
)
def test_the_class_of_a_path(path, expected):
    assert route_class(path) is expected


def test_a_window_is_whole_seconds():
    with pytest.raises(ValueError, match="whole seconds"):
        CallerLimitSettings(window=timedelta(seconds=1.5))
