"""A web frontend of another origin, in a real Chromium, with the library that such frontends use (oidc-client-ts)."""

import asyncio
import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode

import pytest
from argon2 import PasswordHasher
from typer.testing import CliRunner

from gateway.app import create_app
from gateway.cli import app as commands
from gateway.demo.home import MARK
from gateway.demo.seed import seed_demo
from gateway.identity.passwords import Passwords
from gateway.registry.registry import Registry
from gateway.server.serving import listen, serve
from gateway.settings import Settings
from tests.gateway.oidc.chromium import Window
from tests.gateway.oidc.looking import DESKTOP, started_driver
from tests.peers.node import HERE, Peers

pytestmark = [pytest.mark.anyio, pytest.mark.chromium, pytest.mark.xdist_group("chromium-frontend")]

NIK = "6371994502900011"
CLIENT = """
id = "portal-warga"
title_id = "Portal warga"
title_en = "Residents' portal"
owner = "Dinas Kominfo"
agency = "tata-pemerintahan"
purpose = "services for residents"
grant_types = ["authorization_code", "refresh_token"]
scopes = ["openid", "profile.read"]
redirect_uris = ["{origin}/callback"]
"""


class Frontend(BaseHTTPRequestHandler):
    """Serves the frontend: its page at every address, and the library."""

    def do_GET(self):
        script = self.path == "/oidc-client-ts.js"
        file = Path("node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js" if script else "frontend.html")
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if script else "text/html")
        self.end_headers()
        self.wfile.write((HERE / file).read_bytes())

    def log_message(self, *_):
        """Do not log."""


@contextlib.contextmanager
def frontend():
    """Serve a frontend at a separate origin; yield the origin."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Frontend)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class City:
    """Yield the gateway, the registered origin of the portal, and an unregistered origin."""

    def __init__(self, issuer, portal, stranger, password):
        self.issuer, self.portal, self.stranger, self.password = issuer, portal, stranger, password


@contextlib.asynccontextmanager
async def city_in(home, monkeypatch, **changes):
    monkeypatch.setenv("GERBANG_HOME", str(home))
    with listen("127.0.0.1", 0) as sock, frontend() as portal, frontend() as stranger:
        settings = Settings(mode="demo", home=home, port=sock.getsockname()[1], **changes)
        app = create_app(settings, registry=Registry(()))
        stop, started = asyncio.Event(), asyncio.Event()

        async def ready():
            started.set()

        serving = asyncio.create_task(serve(app, sock, stop, ready))
        try:
            await asyncio.wait({serving, asyncio.create_task(started.wait())}, return_when=asyncio.FIRST_COMPLETED)
            deps, cheap = app.state.deps, Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
            access = await seed_demo(deps.database, deps.sealer, settings, {"resident": NIK}, passwords=cheap)
            (home / MARK).write_text(json.dumps({"port": settings.port}))
            await register(home, portal)
            yield City(settings.issuer_url, portal, stranger, access.passwords["resident"])
        finally:
            stop.set()
            await serving


async def register(home, origin):
    """Register the portal as an operator does."""
    file = home / "portal.toml"
    file.write_text(CLIENT.format(origin=origin))
    done = await asyncio.to_thread(CliRunner().invoke, commands, ["client", "add", str(file), "--origin", origin])
    assert done.exit_code == 0, done.output


@pytest.fixture(scope="module")
def driver():
    running = started_driver()
    yield running
    running.close()


@pytest.fixture
async def window(driver, peers: Peers, anyio_backend):
    opened = await Window.open(driver, width=DESKTOP[0], height=DESKTOP[1])
    yield opened
    await opened.close()


async def ask(window, expression):
    """Return the value of an expression in the frontend's page; `{"error": …}` if it fails."""
    script = (
        "const done = arguments[0];"
        f"(async () => {expression})().then((value) => done(value ?? null), (error) => done({{error: `${{error}}`}}))"
    )
    return await window.call("POST", "/execute/async", {"script": script, "args": []})


async def open_page(window, city, origin, *, bound):
    told = {"issuer": city.issuer, "client_id": "portal-warga", "bound": "yes" if bound else "no"}
    await window.go(f"{origin}/?{urlencode(told)}")


async def sign_in(window, city, *, bound):
    """Sign in from the portal; return the library's result after the redirect back."""
    await open_page(window, city, city.portal, bound=bound)
    await window.run("manager.signinRedirect()")
    async with asyncio.timeout(60):
        while not await window.all("#password"):  # noqa: ASYNC110 - the browser reports no navigation event
            await asyncio.sleep(0.05)
    await window.type("#username", "resident")
    await window.type("#password", city.password)
    await window.click("form button.primary")
    await window.click("button[value=allow]")
    assert (await window.address()).startswith(f"{city.portal}/callback")
    return await ask(window, "arrived")


async def test_a_frontend_of_a_registered_origin_signs_people_in_and_reads_their_data(tmp_path, window, monkeypatch):
    async with city_in(tmp_path, monkeypatch) as city:
        arrived = await sign_in(window, city, bound=False)
        assert arrived.get("profile", {}).get("name"), arrived  # from userinfo
        assert (arrived["type"], arrived["refresh"]) == ("Bearer", True)
        own = await ask(window, "call('/v1/me', { headers: { Prefer: 'wait=3', 'Accept-Language': 'en' } })")
        assert own["status"] == 200, own
        assert own["headers"]["X-Request-Id"]
        assert own["headers"]["Preference-Applied"] == "wait=3"
        assert (await ask(window, "manager.signinSilent().then((user) => user.profile.sub)")) == arrived["profile"][
            "sub"
        ]
        assert await ask(window, "manager.revokeTokens(['refresh_token']).then(() => 'revoked')") == "revoked"


async def test_a_frontend_signs_people_in_with_bound_tokens_and_nonces(tmp_path, window, monkeypatch):
    async with city_in(tmp_path, monkeypatch, proof_nonces=True) as city:
        arrived = await sign_in(window, city, bound=True)
        assert arrived.get("type") == "DPoP", arrived
        own = await ask(window, "call('/v1/me')")
        assert own["status"] == 200, own
        assert (await ask(window, "manager.signinSilent().then((user) => user.token_type)")) == "DPoP"


async def test_any_other_origin_reads_public_data_and_nothing_else(tmp_path, window, monkeypatch):
    async with city_in(tmp_path, monkeypatch) as city:
        await open_page(window, city, city.stranger, bound=False)
        public = await ask(window, "call('/v1/agencies', { signedIn: false })")
        assert public["status"] == 200, public
        tag = json.dumps(public["headers"]["ETag"])
        again = await ask(window, f"call('/v1/agencies', {{ signedIn: false, headers: {{ 'If-None-Match': {tag} }} }})")
        assert again["status"] == 304
        for refused in (
            "call('/v1/me', { signedIn: false, headers: { Authorization: 'Bearer x' } })",
            "call('/v1/agencies', { signedIn: false, credentials: 'include' })",
            "call('/v1/me/sessions', { signedIn: false, method: 'DELETE' })",
            "call('/oauth2/token', { signedIn: false, method: 'POST', body: new URLSearchParams({ a: 'b' }) })",
            "call('/oauth2/userinfo', { signedIn: false })",
            "call('/account', { signedIn: false })",
        ):
            assert await ask(window, refused) == {"error": "TypeError: Failed to fetch"}, refused
