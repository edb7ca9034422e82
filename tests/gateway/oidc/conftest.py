"""The provider over its real routes, a browser that fills in its forms, and the two demonstration clients."""

import base64
import secrets
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp
import pytest
from argon2 import PasswordHasher
from selectolax.lexbor import LexborHTMLParser
from starlette.applications import Starlette

from gateway.demo.credentials import DemoAccess, store_demo_access
from gateway.demo.seed import seed_demo
from gateway.ground.clock import WITA
from gateway.ground.sealing import Sealer
from gateway.identity.factors.totp import STEP_SECONDS
from gateway.identity.passwords import Passwords
from gateway.oidc.provider import Provider
from gateway.pages.routes import provider_routes
from gateway.settings import Settings
from gateway.storage.engine import Database
from tests.databases import open_database
from tests.gateway.oidc.chromium import Window
from tests.gateway.oidc.looking import started_driver
from tests.leaks import kept_openly

ISSUER = "http://localhost:8000"
NIK = "6371994502900011"


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.at = datetime.now(WITA)

    def __call__(self):
        return self.at

    def forward(self, **span):
        self.at += timedelta(**span)


@dataclass
class Application:
    """One client of the provider: begins requests, and redeems what came back."""

    client_id: str
    redirect_uri: str
    secret: str | None = None
    scope: str = "openid profile.read"
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(8))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(8))

    def request(self, **changes):
        challenge = base64.urlsafe_b64encode(sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        parameters = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": self.scope,
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **changes,
        }
        return {name: value for name, value in parameters.items() if value is not None}

    async def pushed(self, http, **changes):
        """What the browser carries to `/oauth2/authorize`: the request, of a confidential client its reference."""
        if self.secret is None:
            return self.request(**changes)
        answer = await http.post("/oauth2/par", data=self.request(**changes), auth=self.auth)
        assert answer.status_code == 201, answer.text
        return {"client_id": self.client_id, "request_uri": answer.json()["request_uri"]}

    def redemption(self, code, **changes):
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
            "client_id": self.client_id,
            **changes,
        }
        return {name: value for name, value in form.items() if value is not None}

    @property
    def auth(self):
        return httpx.BasicAuth(self.client_id, self.secret) if self.secret else None

    async def redeem(self, http, code, **changes):
        return await http.post("/oauth2/token", data=self.redemption(code, **changes), auth=self.auth)


class Page:
    """A page of the provider, with its one form."""

    def __init__(self, response):
        self.response = response
        self.status = response.status_code
        self.tree = LexborHTMLParser(response.text)

    @property
    def language(self):
        return self.tree.css_first("html").attributes["lang"]

    @property
    def heading(self):
        return self.tree.css_first("h1").text()

    def has_form(self, *names):
        return all(self.tree.css_first(f"form [name={name}]") for name in names)

    def form(self, to=None, **filled):
        """Address and fields of the form that goes `to` there, or of the first one, filled in."""
        forms = [node for node in self.tree.css("form") if to in (None, node.attributes["action"])]
        assert forms, f"no form to {to}: {self.response.text}"
        hidden = {node.attributes["name"]: node.attributes["value"] for node in forms[0].css("input[type=hidden]")}
        return forms[0].attributes["action"], {**{name: value or "" for name, value in hidden.items()}, **filled}


class Browser:
    """A browser without JavaScript: follows our redirects, keeps cookies, and stops where it would leave us."""

    def __init__(self, http, **headers):
        self.http = http
        self.headers = {"accept-language": "en", **headers}

    async def open(self, path, params=None):
        return await self._follow(await self.http.get(path, params=params, headers=self.headers))

    async def begin(self, application, **changes):
        """Go where the application sends its people to sign in."""
        return await self.open("/oauth2/authorize", await application.pushed(self.http, **changes))

    async def submit(self, page, to=None, **filled):
        action, form = page.form(to, **filled)
        return await self._follow(await self.http.post(action, data=form, headers={**self.headers, "origin": ISSUER}))

    async def _follow(self, response):
        while response.status_code in {302, 303} and response.headers["location"].startswith("/"):
            response = await self.http.get(response.headers["location"], headers=self.headers)
        if "location" in response.headers:
            return Landing(response)
        return Page(response)

    async def sign_in(self, application, account, password, **changes):
        """From the request to the code: login, consent, landing."""
        page = await self.begin(application, **changes)
        assert page.has_form("username", "password"), page.response.text
        page = await self.submit(page, username=account, password=password)
        if isinstance(page, Page) and page.has_form("code"):
            page = await self.submit(page, code=self.http.code(account))
        return page if isinstance(page, Landing) else await self.submit(page, decision="allow")


class Landing:
    """Where a client gets its answer."""

    def __init__(self, response):
        self.response = response
        self.location = response.headers["location"]
        self.base = self.location.split("?")[0]
        self.query = {name: values[0] for name, values in parse_qs(urlsplit(self.location).query).items()}


class HouseClient(httpx.AsyncClient):
    """Asks a house, and holds the authenticator apps of its accounts."""

    def __init__(self, house):
        super().__init__(transport=httpx.ASGITransport(house.app), base_url=ISSUER)
        self.code = house.code_of_app


@dataclass
class House:
    settings: Settings
    clock: Clock
    database: Database
    sealer: Sealer
    provider: Provider
    app: Starlette
    access: object
    passwords: Passwords
    used_steps: dict[str, int] = field(default_factory=dict)

    def http(self):
        return HouseClient(self)

    def code_of_app(self, account):
        """A code that the account's app shows, has just shown or is about to show: three sign-ins fit in one step."""
        now = int(self.clock().timestamp()) // STEP_SECONDS
        step = self.used_steps[account] = max(now - 1, self.used_steps.get(account, 0) + 1)
        return pyotp.TOTP(self.access.apps[account]).generate_otp(step)

    def password(self, account):
        return self.access.passwords[account]

    def mobile(self, **changes):
        return Application("gerbang-mobile", "http://127.0.0.1:49152/callback", **changes)

    def web(self, **changes):
        secret = self.access.secrets["gerbang-web"]
        return Application("gerbang-web", "http://localhost:3000/callback", secret=secret, **changes)

    async def code(self, application, account="resident", **changes):
        """A fresh code for the account, by a browser of its own."""
        async with self.http() as http:
            landing = await Browser(http).sign_in(application, account, self.password(account), **changes)
        return landing.query["code"]

    async def tokens(self, application, account="resident", **changes):
        """A token response."""
        code = await self.code(application, account, **changes)
        async with self.http() as http:
            return (await application.redeem(http, code)).json()

    def authenticator(self):
        """A gateway process that holds no token yet."""
        return self.provider.authenticator()


_seeded_files: dict[str, tuple[bytes, DemoAccess]] = {}
"""SQLite databases with the demonstration's accounts and clients, by issuer: made once, then copied."""


async def _seeded(settings, sealer, passwords):
    """The house's database with the demonstration's accounts and clients, and how to get in."""
    file = settings.home / Path(settings.database).name
    is_new_file = settings.database == f"sqlite:///{file}" and not file.exists()
    if is_new_file and settings.issuer_url in _seeded_files:
        content, access = _seeded_files[settings.issuer_url]
        file.write_bytes(content)
        store_demo_access(settings, access)
        return Database(settings.database), deepcopy(access)
    database = open_database(settings.database)
    access = await seed_demo(database, sealer, settings, {"resident": NIK}, passwords=passwords)
    if is_new_file:
        await database.aclose()  # the last connection moves the write-ahead log into the file
        _seeded_files[settings.issuer_url] = file.read_bytes(), deepcopy(access)
        database = Database(settings.database)
    return database, access


@asynccontextmanager
async def open_house(tmp_path, url, *, issuer=ISSUER, clock=None, transport=None, **more):
    settings = Settings(mode="demo", home=tmp_path, port=8000, issuer=issuer, database_url=url, **more)
    sealer, clock = Sealer(b"\2" * 32), clock or Clock()
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    database, access = await _seeded(settings, sealer, passwords)
    provider = Provider(database, sealer, settings, clock=clock, passwords=passwords, transport=transport)
    try:
        await provider.start()
        app = Starlette(routes=provider_routes(provider, provider.authenticator()))
        yield House(settings, clock, database, sealer, provider, app, access, passwords)
        holds_nothing_openly(settings.database, access)
    finally:
        await provider.aclose()
        await database.aclose()


def holds_nothing_openly(url, access):
    """At the end of a house: its database holds no number, token or secret in clear."""
    known = {"passwords": access.passwords, "secrets": access.secrets, "apps": access.apps}
    secrets = {f"{kind} of {name}": one.encode() for kind, all_ in known.items() for name, one in all_.items()}
    assert kept_openly(url, secrets) == set()


@pytest.fixture
async def house(tmp_path, anyio_backend):
    async with open_house(tmp_path, f"sqlite:///{tmp_path / 'provider.db'}") as opened:
        yield opened


@pytest.fixture
async def either_house(database_url, tmp_path, anyio_backend):
    """The same house over SQLite, and over PostgreSQL."""
    async with open_house(tmp_path, database_url) as opened:
        yield opened


@pytest.fixture
async def http(house):
    async with house.http() as client:
        yield client


@pytest.fixture
def browser(http):
    return Browser(http)


@pytest.fixture
def new_browser(house):
    """A maker of further browsers."""
    return Browser


@pytest.fixture(scope="module")
def driver():
    """A chromedriver that runs."""
    running = started_driver()
    yield running
    running.close()


@pytest.fixture
async def windows(driver):
    """Opens windows of a real browser, and closes them at the end."""
    opened = []

    async def new(size, **traits):
        opened.append(await Window.open(driver, width=size[0], height=size[1], **traits))
        return opened[-1]

    yield new
    for window in opened:
        await window.close()
