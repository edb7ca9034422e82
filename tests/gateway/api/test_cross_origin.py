"""Which answers pages of another origin may read in a browser, and which requests they may send."""

import httpx
import pytest

from gateway.app import create_app
from gateway.registry.registry import Registry
from gateway.settings import Settings
from gateway.storage.tables.clients import ClientRow
from tests.gateway.fakes import AGENCIES

pytestmark = pytest.mark.anyio

OURS = "http://localhost:8000"
PORTAL = "https://portal.example"
STRANGER = "https://stranger.example"
TOKEN = {"authorization": "Bearer nonsense"}
CLIENT_ENDPOINTS = [
    "/oauth2/token",
    "/oauth2/userinfo",
    "/oauth2/revoke",
    "/oauth2/par",
    "/oauth2/device_authorization",
]
EXPOSED = {"etag", "link", "retry-after", "dpop-nonce", "www-authenticate", "location", "x-request-id"}
DOCUMENTS = [
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
    "/oauth2/jwks",
    "/openapi.json",
]


def portal(clock_now, **changes):
    return ClientRow(
        **{
            "id": "portal",
            "auth_method": "none",
            "native": False,
            "title_id": "Portal",
            "title_en": "Portal",
            "sector": "portal",
            "redirect_uris": [f"{PORTAL}/callback"],
            "origins": [PORTAL],
            "scopes": ["openid"],
            "grant_types": ["authorization_code"],
            "created_at": clock_now,
            **changes,
        }
    )


@pytest.fixture
async def gateway(tmp_path, anyio_backend):
    """Yield a gateway with the portal as a client, and a route that raises an error."""
    agencies = tmp_path / "agencies.toml"
    agencies.write_text(AGENCIES)
    app = create_app(Settings(mode="demo", home=tmp_path, port=8000, agencies=agencies), registry=Registry(()))

    @app.get("/v1/broken")
    async def broken() -> None:
        raise RuntimeError

    async with app.router.lifespan_context(app):
        database = app.state.deps.database
        async with database.session() as session:
            session.add(portal(app.state.deps.clock()))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=OURS) as http:
            yield http


def allowed(answer):
    """Return the origin that may read the answer. Assert that no answer allows cookies."""
    assert "access-control-allow-credentials" not in answer.headers
    origin = answer.headers.get("access-control-allow-origin")
    if origin is not None and origin != "*":
        assert "origin" in answer.headers["vary"].lower()
    return origin


async def preflight(gateway, path, origin, method="GET", *headers):
    asked = {"origin": origin, "access-control-request-method": method}
    asked |= {"access-control-request-headers": ",".join(headers)} if headers else {}
    return await gateway.options(path, headers=asked)


async def test_what_is_public_may_be_read_by_any_origin(gateway):
    for path in (*DOCUMENTS, "/v1/agencies", "/v1/systems", "/v1/nowhere", "/v1/me"):
        for origin in (PORTAL, STRANGER, "null"):
            answer = await gateway.get(path, headers={"origin": origin, "cookie": "gerbang-session=x"})
            assert allowed(answer) == "*", (path, origin)
            assert "origin" in answer.headers["vary"].lower()
            exposed = set(answer.headers["access-control-expose-headers"].lower().split(", "))
            assert exposed >= EXPOSED


async def test_a_public_answer_varies_by_origin_without_an_origin(gateway):
    answer = await gateway.get("/v1/agencies")
    assert allowed(answer) is None
    varies = answer.headers["vary"].split(", ")
    assert {"Accept-Language", "Origin"} <= set(varies)
    assert len(set(varies)) == len(varies)


READERS = {PORTAL: PORTAL, STRANGER: None, "null": None, OURS: None}
"""Which origins may read answers for registered origins. Pages of the gateway's own origin need no permission."""


async def test_answers_to_tokens_are_for_registered_origins_only(gateway):
    for path in ("/v1/me", "/v1/agencies", "/v1/nowhere"):
        answers = [await gateway.get(path, headers={"origin": origin, **TOKEN}) for origin in READERS]
        assert [allowed(answer) for answer in answers] == list(READERS.values()), path


async def test_endpoints_for_clients_answer_registered_origins_only(gateway):
    for path in CLIENT_ENDPOINTS:
        form = {"client_id": "portal"}
        answers = [await gateway.post(path, headers={"origin": origin}, data=form) for origin in READERS]
        assert [allowed(answer) for answer in answers] == list(READERS.values()), path
        assert {answer.status_code for answer in answers} <= {400, 401}


async def test_a_registered_origin_may_send_what_the_api_needs(gateway):
    headers = "authorization,dpop,idempotency-key,prefer,if-none-match,content-type,gerbang-purpose,accept-language"
    for path in (*CLIENT_ENDPOINTS, "/v1/me"):
        for method in ("GET", "POST", "PUT", "DELETE"):
            answer = await preflight(gateway, path, PORTAL, method, *headers.split(","))
            assert (answer.status_code, allowed(answer)) == (200, PORTAL), (path, method)
            assert method in answer.headers["access-control-allow-methods"]
            assert set(headers.split(",")) <= set(answer.headers["access-control-allow-headers"].lower().split(", "))
            assert int(answer.headers["access-control-max-age"]) <= 600


async def test_the_header_that_protects_changes_by_cookie_may_not_be_sent(gateway):
    for origin in (PORTAL, STRANGER):
        answer = await preflight(gateway, "/v1/me", origin, "POST", "gerbang-request")
        assert answer.status_code == 400
        assert "gerbang-request" not in answer.headers.get("access-control-allow-headers", "").lower()


async def test_any_other_origin_may_only_read_what_is_public(gateway):
    for method, headers, reader in (
        ("GET", ("if-none-match", "prefer"), "*"),
        ("GET", (), "*"),
        ("GET", ("authorization",), None),
        ("GET", ("dpop",), None),
        ("POST", ("content-type",), None),
        ("DELETE", (), None),
    ):
        answer = await preflight(gateway, "/v1/agencies", STRANGER, method, *headers)
        assert (answer.status_code, allowed(answer)) == (200 if reader else 400, reader), (method, headers)


async def test_pages_for_people_and_everything_else_answer_no_other_origin(gateway):
    for path in (
        "/oauth2/authorize",
        "/oauth2/introspect",
        "/oauth2/link",
        "/oauth2/logout",
        "/account",
        "/auth/session",
        "/docs",
        "/livez",
        "/oauth2/token/",
    ):
        for answer in (
            await gateway.get(path, headers={"origin": PORTAL}),
            await preflight(gateway, path, PORTAL, "POST", "authorization"),
        ):
            assert not [name for name in answer.headers if name.startswith("access-control-")], path


async def test_a_fault_may_be_read_too(gateway):
    for headers, reader in (({}, "*"), (TOKEN, PORTAL)):
        answer = await gateway.get("/v1/broken", headers={"origin": PORTAL, **headers})
        assert (answer.status_code, allowed(answer)) == (500, reader)
        assert answer.headers["content-type"] == "application/problem+json"
        assert "x-request-id" in answer.headers


async def test_options_without_preflight_headers_is_no_preflight(gateway):
    assert (await gateway.options("/v1/agencies", headers={"origin": STRANGER})).status_code == 405
