"""Twenty thousand inputs, at every endpoint that the provider serves: never a 5xx, nor a redirect to somewhere else.

They are drawn from a fixed seed and sent to the application itself, without a client library that would mend them. The
endpoints are read from the routes, and the fields of forms from the pages, so that a new one is tried from its first
day. Some come from a browser that is signed in, with forms that we made for it: what stands behind the first check is
tried too. A gateway whose people sign in elsewhere has other endpoints, and is tried with inputs of its own.
"""

import random
import re
from collections import Counter
from dataclasses import dataclass, field
from importlib.resources import files
from urllib.parse import quote_from_bytes, urlsplit

import pytest
from sqlalchemy import delete

from gateway.oidc.grants.parameters import (
    AUTHORIZE_PARAMETERS,
    PROOF_PARAMETERS,
    TOKEN_PARAMETERS,
    TOKEN_REFERENCE_PARAMETERS,
)
from gateway.storage.tables.factors import GuessCountRow
from tests.gateway.issuers import ADDRESS
from tests.gateway.oidc.conftest import Browser, Page
from tests.gateway.oidc.partners import registered
from tests.gateway.oidc.test_app_gate import ORIGIN, TICKETS, by_ticket, register
from tests.gateway.oidc.test_external_sign_in import Traveller, opened, told
from tests.loops import volume

pytestmark = pytest.mark.anyio

INPUTS = volume(6_000, long=20_000, quick=3_000)
INPUTS_ELSEWHERE = volume(1_000, long=3_000, quick=300)
FRESH_BROWSER = 2_000
"""After how many inputs somebody signs in anew: what is sent in their name may sign them out."""
SEED = 20261127
FORM = b"application/x-www-form-urlencoded"
MARK = b'"><script>x'
NAMES = sorted(
    AUTHORIZE_PARAMETERS
    | TOKEN_PARAMETERS
    | TOKEN_REFERENCE_PARAMETERS
    | PROOF_PARAMETERS
    | {"return_to", "acr", "id_token_hint", "post_logout_redirect_uri", "logout_token", "account"}
    | {
        name
        for page in files("gateway.oidc.html").joinpath("templates").iterdir()
        for name in re.findall(r'name="([a-z_]+)"', page.read_text("utf-8"))
    }
)
NASTY = (
    b"",
    b" ",
    b'"',
    b"\\",
    b"\xff\xfe",
    b"\x00",
    MARK,
    b"\r\nLocation: https://evil.example",
    b"none",
    b"code",
    b"openid",
    b"S256",
    b"client_credentials",
    b"authorization_code",
    b"refresh_token",
    b"urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    b"urn:ietf:params:oauth:request_uri:x",
    b"eyJhbGciOiJFUzI1NiIsImtpZCI6IngifQ.e30.AAAA",
    b"eyJhbGciOiJub25lIn0.e30.",
    b"gerbang-mobile",
    b"gerbang-web",
    b"partner",
    b"0",
    b"-1",
    b"9" * 40,
    b"a" * 5000,
    "é\ud7ff".encode(),
    b"https://evil.example/",
    b"http://127.0.0.1:1/callback",
    b"http://127.0.0.1:1/callback@evil.example",
    b"http://[::1",
    b"javascript:alert(1)",
    b"//evil.example",
    b"%",
    b"%zz",
)


@dataclass
class Known:
    """What somebody who is signed in may hold: the fields of our forms, by where they go, and their cookies."""

    forms: dict[str, dict[bytes, bytes]] = field(default_factory=dict)
    cookies: bytes = b""


class Draws:
    """What is sent: good requests in which something is changed, and things that are no requests at all."""

    def __init__(self, seed, good):
        self.random = random.Random(seed)
        self.good = good
        self.known = Known()

    def value(self):
        return self.random.choice(NASTY) if self.random.random() < 0.8 else self.noise(40)

    def noise(self, most):
        return self.random.randbytes(self.random.randrange(most))

    def address(self, path, values):
        """The path with something in place of its parameters: mostly a name that exists."""
        while found := re.search(r"\{(\w+)\}", path):
            known = values.get(found[1], ())
            value = self.random.choice(known) if known and self.random.random() < 0.7 else self.word()
            path = path[: found.start()] + value + path[found.end() :]
        return path

    def word(self):
        """Part of a path, as a server hands it on: decoded, and with no slash."""
        return self.value().decode("utf-8", "replace").replace("/", "") or "x"

    def fields(self, path):
        kind = self.random.random()
        if kind < 0.1:
            return self.noise(300)
        pairs = dict(self.random.choice(self.good)) if kind < 0.4 else {}
        if kind >= 0.75 and self.known.forms:
            pairs = dict(self.known.forms.get(path) or self.random.choice(list(self.known.forms.values())))
        for _ in range(self.random.randrange(1, 4)):
            name = self.random.choice(NAMES).encode() if self.random.random() < 0.9 else self.noise(8)
            pairs[name] = self.value()
        written = [
            quote_from_bytes(name).encode() + b"=" + quote_from_bytes(value).encode() for name, value in pairs.items()
        ]
        if self.random.random() < 0.1:
            written.append(self.random.choice(written))
        return b"&".join(written)

    def headers(self):
        headers = [(b"host", b"localhost:8000")]
        if self.random.random() < 0.95:
            headers.append((b"content-type", FORM))
        if self.random.random() < 0.3:
            scheme = self.random.choice((b"Basic ", b"Bearer ", b"DPoP ", b""))
            headers.append((b"authorization", scheme + self.value()))
        if self.random.random() < 0.35:
            headers += [(b"cookie", self.known.cookies), (b"origin", b"http://localhost:8000")]
        for name, chance in ((b"cookie", 0.1), (b"dpop", 0.1), (b"origin", 0.1), (b"accept-language", 0.1)):
            if self.random.random() < chance:
                prefix = b"gerbang-signin=" if name == b"cookie" else b""
                headers.append((name, prefix + self.value()))
        return headers


async def call(app, method, path, query, body, headers):
    """What the application answers: status, location, body."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query,
        "headers": headers,
        "client": ("127.0.0.1", 40000),
        "server": ("localhost", 8000),
        "state": {},
    }
    said = []

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        said.append(message)

    await app(scope, receive, send)
    location = dict(said[0]["headers"]).get(b"location")
    return said[0]["status"], location, b"".join(message.get("body", b"") for message in said[1:])


def as_bytes(fields):
    return {name.encode(): value.encode() for name, value in fields.items()}


@pytest.mark.slow
async def test_a08_twenty_thousand_inputs_at_every_endpoint(house):
    partner = await registered(house)
    await register(house, id="kelurahan", origin=ORIGIN)
    await by_ticket(house)
    good = [
        as_bytes(fields)
        for fields in (
            house.mobile().request(),
            house.mobile().redemption("code"),
            {**house.web().request(), **partner.proof()},
            {"grant_type": "client_credentials", **partner.proof()},
            {"token": "x", **partner.proof()},
        )
    ]

    async def sign_in(http):
        browser = Browser(http)
        first = [await browser.open("/account/register"), await browser.begin(house.mobile())]
        await browser.sign_in(house.mobile(), "resident", house.password("resident"))
        return browser, first

    statuses = await tried(house, INPUTS, good, sign_in, {"app": ("kelurahan", "rapat")})
    assert statuses >= {200, 201, 204, 303, 400, 401, 403, 404}, "not everything is refused at the same place"


async def test_a08_three_thousand_inputs_where_people_sign_in_elsewhere(tmp_path, anyio_backend):
    async with opened(tmp_path, kota=told()) as city:
        mobile = city.house.mobile()

        async def sign_in(http):
            browser = Traveller(http, city.issuer)
            await browser.sign_in_elsewhere(mobile)
            return browser, []

        good = [as_bytes(mobile.request()), {b"state": b"x", b"code": b"x", b"iss": ADDRESS.encode()}]
        statuses = await tried(city.house, INPUTS_ELSEWHERE, good, sign_in, {"name": ("kota",)})
        assert statuses >= {200, 303, 400}


async def tried(house, inputs, good, sign_in, values):
    """Send as many inputs, to each endpoint in turn, and judge each answer; the statuses that there were."""
    routes = sorted((route.path, method) for route in house.app.routes for method in route.methods if method != "HEAD")
    ours = {path for path, _ in routes} | {"/"}
    draws, statuses, reached = Draws(SEED, good), set(), Counter()
    for number in range(inputs):
        if number % FRESH_BROWSER == 0:
            draws.known = await held(house, sign_in)
        path, method = routes[number % len(routes)]
        reached[path, method] += 1
        fields, headers = draws.fields(path), draws.headers()
        path = draws.address(path, values)
        query, body = (fields, b"") if method == "GET" else (b"", fields)
        if draws.random.random() < 0.02:
            query = draws.noise(100)
        status, location, content = await call(house.app, method, path, query, body, headers)
        sent = (number, method, path, query, body, headers)
        assert status < 500, sent
        assert MARK not in content, sent
        statuses.add(status)
        if location is not None:
            assert leads_to_us_or_a_client(location.decode("latin-1"), ours), (location, sent)
    assert len(reached) == len(routes)
    return statuses


def leads_to_us_or_a_client(location, ours):
    parts = urlsplit(location)
    place = (parts.netloc, parts.path)
    return place in LANDINGS or (parts.netloc in {"", "localhost:8000"} and parts.path in ours)


LANDINGS = {
    ("127.0.0.1:49152", "/callback"),
    ("127.0.0.1:1", "/callback"),
    ("localhost:3000", "/callback"),
    *((urlsplit(address).netloc, urlsplit(address).path) for address in (TICKETS, f"{ORIGIN}/_gerbang/callback")),
    (urlsplit(ADDRESS).netloc, f"{urlsplit(ADDRESS).path}/authorize"),
}
"""The addresses that were registered, and where the provider that people sign in at elsewhere asks them."""


async def held(house, sign_in):
    """What a browser holds in which somebody has just signed in."""
    async with house.database.begin() as connection:
        await connection.execute(delete(GuessCountRow))
    async with house.http() as http:
        browser, pages = await sign_in(http)
        pages += [await browser.open(path) for path in ("/account", "/account/second-factor", "/account/contact")]
        pages.append(await browser.begin(house.mobile(), prompt="consent"))
        found = Known(cookies="; ".join(f"{name}={value}" for name, value in http.cookies.items()).encode())
    for page in pages:
        if isinstance(page, Page):
            for node in page.tree.css("form"):
                action, fields = page.form(to=node.attributes["action"])
                found.forms[action] = as_bytes(fields)
    return found
