"""Twenty thousand inputs, at every endpoint that the provider serves: never a 5xx, nor a redirect to somewhere else.

They are drawn from a fixed seed and sent to the application itself, without a client library that would mend them. The
endpoints are read from the routes, so that a new one is tried from its first day.
"""

import random
from urllib.parse import quote_from_bytes, urlsplit

import pytest

from gateway.provider.guard import ABOUT_A_TOKEN, AUTHORIZE_PARAMETERS, PROOF_PARAMETERS, TOKEN_PARAMETERS
from tests.gateway.provider.partners import registered

pytestmark = pytest.mark.anyio

INPUTS = 20_000
SEED = 20261127
FORM = b"application/x-www-form-urlencoded"
MARK = b'"><script>x'
NAMES = sorted(
    AUTHORIZE_PARAMETERS
    | TOKEN_PARAMETERS
    | ABOUT_A_TOKEN
    | PROOF_PARAMETERS
    | {"ticket", "form_token", "username", "password", "code", "decision", "lang", "return_to", "id_token_hint"}
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


class Draws:
    """What is sent: good requests in which something is changed, and things that are no requests at all."""

    def __init__(self, seed, good):
        self.random = random.Random(seed)
        self.good = good

    def value(self):
        return self.random.choice(NASTY) if self.random.random() < 0.8 else self.noise(40)

    def noise(self, most):
        return self.random.randbytes(self.random.randrange(most))

    def fields(self):
        kind = self.random.random()
        if kind < 0.1:
            return self.noise(300)
        pairs = dict(self.random.choice(self.good)) if kind < 0.6 else {}
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


async def test_a08_twenty_thousand_inputs_at_every_endpoint(house):
    partner = await registered(house)
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
    routes = sorted((route.path, method) for route in house.app.routes for method in route.methods if method != "HEAD")
    ours = {path for path, _ in routes}
    landings = {("127.0.0.1:49152", "/callback"), ("127.0.0.1:1", "/callback"), ("localhost:3000", "/callback")}
    draws = Draws(SEED, good)
    statuses = set()
    for number in range(INPUTS):
        path, method = routes[number % len(routes)]
        fields, headers = draws.fields(), draws.headers()
        query, body = (fields, b"") if method == "GET" else (b"", fields)
        if draws.random.random() < 0.02:
            query = draws.noise(100)
        status, location, content = await call(house.app, method, path, query, body, headers)
        told = (number, method, path, query, body, headers)
        assert status < 500, told
        assert MARK not in content, told
        statuses.add(status)
        if location is not None:
            parts = urlsplit(location.decode("latin-1"))
            if parts.scheme or parts.netloc:
                assert (parts.netloc, parts.path) in landings, told
            else:
                assert parts.path in ours, told
    assert statuses >= {200, 303, 400, 401}, "not everything is refused at the same door"
