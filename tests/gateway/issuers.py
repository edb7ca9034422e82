"""An external OpenID provider in memory that does what it is told: right by default, hostile on demand."""

import base64
import json
import secrets
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import httpx

from gateway.authentication.jose import PrivateKey, read_keys, read_token, verify
from gateway.authentication.settings import LoginIssuer

ADDRESS = "https://idp.example/realms/kota"
CLIENT = "gerbang-bjm"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def b64(content) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def settings(**changes) -> LoginIssuer:
    told = {
        "issuer": ADDRESS,
        "client_id": CLIENT,
        "title_id": "Akun Kota",
        "title_en": "City account",
        "algorithms": ("ES256",),
        "acr": {"urn:kota:dua": 2, "urn:kota:tatap-muka": 3},
        **changes,
    }
    return LoginIssuer(**told)


class FakeIssuer:
    """Answers as an `httpx` transport. `changes` are laid over the claims of its tokens; None takes a claim out."""

    def __init__(self, clock, address=ADDRESS):
        self.clock = clock
        self.address = address
        self.key = PrivateKey.generate()
        self.document = {
            "issuer": address,
            "jwks_uri": f"{address}/jwks",
            "authorization_endpoint": f"{address}/authorize",
            "token_endpoint": f"{address}/token",
            "pushed_authorization_request_endpoint": f"{address}/par",
            "authorization_response_iss_parameter_supported": True,
            "dpop_signing_alg_values_supported": ["ES256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": ["ES512"],
        }
        self.away = False
        self.published = None
        self.proof_nonce = None
        self.changes = {}
        self.sign = lambda claims: self.key.sign("JWT", claims)
        self.answers = {}
        self.asked = []
        self._pushed = {}
        self._codes = {}
        self._assertions = set()

    async def __call__(self, request):
        if self.away:
            raise httpx.ConnectError("nobody is there")
        path = str(request.url).removeprefix(self.address)
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        self.asked.append((path, form, request.headers))
        if path in self.answers:
            return self.answers[path]
        known = {
            "/.well-known/openid-configuration": lambda: httpx.Response(200, json=self.document),
            "/jwks": lambda: httpx.Response(200, json={"keys": [self.key.public().document()]}),
            "/par": lambda: self._push(form),
            "/token": lambda: self._token(request, form),
        }
        return known[path]() if path in known else httpx.Response(404)

    def times_asked(self, path):
        return sum(1 for asked, _, _ in self.asked if asked == path)

    def asked_by(self, address):
        """The authorization request that a browser brings."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(self.document["authorization_endpoint"])
        if "request_uri" in query:
            assert set(query) == {"client_id", "request_uri"}
            return self._pushed.pop(query["request_uri"])
        return query

    def signs_in(self, address, subject="person-1", **changes):
        """What the browser brings back when somebody has signed in: the parameters of the callback."""
        asked = self.asked_by(address)
        at = int(self.clock().timestamp())
        claims = {
            "iss": self.address,
            "aud": asked["client_id"],
            "sub": subject,
            "iat": at,
            "exp": at + 300,
            "auth_time": at,
            "nonce": asked["nonce"],
            "name": "Aluh Jumantan",
            **self.changes,
            **changes,
        }
        code = secrets.token_urlsafe(8)
        self._codes[code] = (asked, {name: value for name, value in claims.items() if value is not None})
        return {"code": code, "state": asked["state"], "iss": self.address}

    def logout_token(self, key=None, typ="logout+jwt", **changes):
        at = int(self.clock().timestamp())
        claims = {
            "iss": self.address,
            "aud": CLIENT,
            "sub": "person-1",
            "iat": at,
            "exp": at + 120,
            "jti": secrets.token_urlsafe(8),
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
            **changes,
        }
        return (key or self.key).sign(typ, {name: value for name, value in claims.items() if value is not None})

    def _push(self, form):
        self._authenticated(form)
        reference = f"urn:ietf:params:oauth:request_uri:{secrets.token_urlsafe(8)}"
        self._pushed[reference] = form
        return httpx.Response(201, json={"request_uri": reference, "expires_in": 60})

    def _token(self, request, form):
        self._authenticated(form)
        asked, claims = self._codes[form["code"]]
        if "dpop_jkt" in asked:
            proof = request.headers["dpop"]
            header, told = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in proof.split(".")[:2])
            assert header["typ"] == "dpop+jwt"
            assert (told["htm"], told["htu"]) == ("POST", f"{self.address}/token")
            if told.get("nonce") != self.proof_nonce:
                return httpx.Response(400, json={"error": "use_dpop_nonce"}, headers={"DPoP-Nonce": self.proof_nonce})
        del self._codes[form["code"]]
        assert form["redirect_uri"] == asked["redirect_uri"]
        assert b64(sha256(form["code_verifier"].encode()).digest()) == asked["code_challenge"]
        assert asked["code_challenge_method"] == "S256"
        return httpx.Response(200, json={"access_token": "-", "token_type": "DPoP", "id_token": self.sign(claims)})

    def _authenticated(self, form):
        """Judge the client assertion, strictly, by the keys that we publish."""
        assertion = form["client_assertion"]
        assert form["client_assertion_type"] == ASSERTION
        kid = read_token(assertion).header["kid"]
        claims = verify(
            assertion, read_keys(json.dumps(self.published).encode())[kid], algorithms={"ES512"}, types={"jwt"}
        )
        at = int(self.clock().timestamp())
        assert (claims["iss"], claims["sub"], claims["aud"]) == (CLIENT, CLIENT, self.address)
        assert at <= claims["exp"] <= at + 300
        assert claims["jti"] not in self._assertions
        self._assertions.add(claims["jti"])
