"""Signing in at an external provider: what we send, and every wrong answer that we must refuse."""

import asyncio

import httpx
import pytest

from gateway.authentication.issuer_discovery import ExternalIssuer, IssuerMetadataError
from gateway.authentication.issuer_fetching import IssuerUnavailableError, issuer_client
from gateway.authentication.jose import PrivateKey, TokenRefusedError
from gateway.oidc.external.own_keys import OwnKeys
from gateway.oidc.external.provider_calls import SignInRefusedError
from gateway.oidc.external.relying_party import RelyingParty, SignInRequest
from tests.gateway.issuers import ADDRESS, CLIENT, FakeIssuer, b64, settings

pytestmark = pytest.mark.anyio

CALLBACK = "http://localhost:8000/oauth2/broker/kota/callback"
ANY = SignInRequest()


class Ticks:
    now = 0.0

    def __call__(self):
        return self.now


class Side:
    """We, at one fake issuer."""

    def __init__(self, world, **changes):
        self.clock, self.database = world.clock, world.database
        self.issuer = FakeIssuer(world.clock)
        self.ticks = Ticks()
        self.keys = OwnKeys(world.database, world.sealer, world.clock)
        self.http = issuer_client(httpx.MockTransport(self.issuer))
        self.changes = changes

    async def start(self):
        await self.keys.start()
        self.issuer.published = await self.keys.document()
        external = ExternalIssuer(ADDRESS, self.http, monotonic=self.ticks)
        self.party = RelyingParty(settings(**self.changes), external, self.http, self.keys, CALLBACK, self.clock)
        return self

    async def sign_in(self, wishes=ANY, answer=None, **claims):
        begun = await self.party.begin(wishes)
        brought = {**self.issuer.signs_in(begun.address, **claims), **(answer or {})}
        return await self.party.finish(begun.secrets, {name: value for name, value in brought.items() if value})

    async def refused(self, reason, **changes):
        with pytest.raises(SignInRefusedError) as caught:
            await self.sign_in(**changes)
        assert caught.value.reason == reason, caught.value


@pytest.fixture
async def side(world):
    made = await Side(world).start()
    yield made
    await made.party.aclose()
    await made.http.aclose()


async def test_somebody_signs_in(side):
    identity = await side.sign_in(acr="urn:kota:dua", amr=["pwd", "otp", "magic", 5], sid="session-1")
    assert (identity.issuer, identity.subject, identity.level) == (ADDRESS, "person-1", 2)
    assert (identity.name, identity.methods, identity.session) == ("Aluh Jumantan", ("pwd", "otp"), "session-1")
    assert int(identity.auth_time.timestamp()) == int(side.clock().timestamp())
    assert identity.nik is None


async def test_pkce_nonce_and_age_are_always_asked_for(side):
    for pushed in (True, False):
        if not pushed:
            del side.issuer.document["pushed_authorization_request_endpoint"]
            side.ticks.now += 601
        begun = await side.party.begin(SignInRequest())
        asked = side.issuer.asked_by(begun.address)
        assert (asked["response_type"], asked["redirect_uri"], asked["scope"]) == ("code", CALLBACK, "openid profile")
        assert (asked["code_challenge_method"], asked["max_age"]) == ("S256", "28800")
        assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) == 43
        assert len({asked["state"], asked["nonce"], begun.secrets["verifier"]}) == 3


async def test_wishes_are_passed_on(side):
    begun = await side.party.begin(SignInRequest(max_age=60, reauthenticate=True, level=2, language="en"))
    asked = side.issuer.asked_by(begun.address)
    assert (asked["max_age"], asked["prompt"], asked["ui_locales"]) == ("60", "login", "en")
    assert asked["acr_values"].split() == ["urn:kota:dua", "urn:kota:tatap-muka"]
    assert "acr_values" not in side.issuer.asked_by((await side.party.begin(SignInRequest())).address)


async def test_e36_a_discovery_document_of_another_issuer_is_refused(side):
    for wrong in ("https://idp.example/realms/lain", ADDRESS + "/", None, 5):
        side.issuer.document["issuer"] = wrong
        side.ticks.now += 10
        with pytest.raises(IssuerMetadataError, match="is of another issuer"):
            await side.party.check()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("token_endpoint", "http://idp.example/token"),
        ("token_endpoint", None),
        ("authorization_endpoint", "javascript:alert(1)"),
        ("jwks_uri", "https://idp.example/jwks#x"),
        ("jwks_uri", "https://[1]/jwks"),
        ("token_endpoint", "https://idp.example:99999/token"),
        ("pushed_authorization_request_endpoint", "http://127.0.0.1/par"),
        ("token_endpoint_auth_methods_supported", ["client_secret_basic"]),
        ("token_endpoint_auth_signing_alg_values_supported", ["RS256"]),
    ],
)
async def test_a_provider_that_does_not_fit_is_refused(side, name, value):
    side.issuer.document[name] = value
    with pytest.raises(IssuerMetadataError):
        await side.party.check()


@pytest.mark.parametrize("document", [b"[]", b"{", b"\xff", b'{"issuer": 5}', b"[" * 100_000])
async def test_a_discovery_document_that_is_none(side, document):
    side.issuer.answers["/.well-known/openid-configuration"] = httpx.Response(200, content=document)
    with pytest.raises(IssuerMetadataError):
        await side.party.check()


async def test_e37_an_answer_that_is_not_the_providers_is_refused(side):
    await side.refused("sender", answer={"iss": "https://evil.example"})
    await side.refused("sender", answer={"iss": None})
    side.issuer.document["authorization_response_iss_parameter_supported"] = False
    side.ticks.now += 601
    assert await side.sign_in(answer={"iss": None})
    await side.refused("sender", answer={"iss": "https://evil.example"})


async def test_e37_a_wrong_nonce_is_refused(side):
    for nonce in ("another", "", None, 5, ["x"]):
        await side.refused("token", nonce=nonce)


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": []},
        {"aud": ["another"]},
        {"aud": "another"},
        {"aud": [CLIENT, "another"]},
        {"aud": None},
        {"aud": {CLIENT: 1}},
        {"aud": [[CLIENT]]},
        {"azp": "another"},
        {"azp": [CLIENT]},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 5},
        {"sub": "x" * 256},
        {"sub": "dengan\nbaris"},
        {"iss": "https://idp.example/realms/lain"},
        {"iss": None},
        {"exp": "2000000000"},
        {"auth_time": None},
        {"auth_time": True},
        {"auth_time": -1},
    ],
    ids=str,
)
async def test_e38_a_wrong_claim_is_refused(side, claims):
    await side.refused("token", **claims)


async def test_e38_what_is_right_beside_it_is_accepted(side):
    assert await side.sign_in(aud=[CLIENT], azp=CLIENT)


async def test_e38_times_are_judged(side):
    at = int(side.clock().timestamp())
    await side.refused("token", exp=at - 11)
    await side.refused("token", iat=at + 60)
    await side.refused("token", iat=at - 200)
    await side.refused("token", auth_time=at + 60)
    await side.refused("token", nbf=at + 60)
    assert await side.sign_in(iat=at + 8, nbf=at + 8)


async def test_e38_only_what_the_providers_key_signed_is_believed(side):
    stranger, mine = PrivateKey.generate(), side.issuer.key
    side.issuer.document["id_token_signing_alg_values_supported"] = ["none", "ES256"]
    forged = {
        "none": lambda claims: f"{b64({'alg': 'none', 'kid': mine.kid})}.{b64(claims)}.",
        "none, with something for a signature": lambda claims: (
            f"{b64({'alg': 'none', 'kid': mine.kid})}.{b64(claims)}.AA"
        ),
        "HMAC": lambda claims: f"{b64({'alg': 'HS256', 'kid': mine.kid})}.{b64(claims)}.AAAA",
        "a stranger": lambda claims: stranger.sign("JWT", claims),
        "a stranger under its name": lambda claims: _renamed(stranger.sign("JWT", claims), mine.kid),
        "another algorithm": lambda claims: PrivateKey.generate("ES512").sign("JWT", claims),
        "an access token": lambda claims: mine.sign("at+jwt", claims),
        "a logout token": lambda claims: mine.sign("logout+jwt", claims),
        "no token": lambda _: "x",
    }
    for name, sign in forged.items():
        side.issuer.sign = sign
        with pytest.raises(SignInRefusedError) as caught:
            await side.sign_in()
        assert caught.value.reason == "token", name


def _renamed(token, kid):
    _, claims, signature = token.split(".")
    return f"{b64({'alg': 'ES256', 'kid': kid})}.{claims}.{signature}"


async def test_a_sign_in_that_is_older_than_asked_for_is_refused(side):
    at = int(side.clock().timestamp())
    await side.refused("stale", auth_time=at - 8 * 3600 - 11)
    await side.refused("stale", wishes=SignInRequest(max_age=60), auth_time=at - 71)
    await side.refused("stale", wishes=SignInRequest(reauthenticate=True), auth_time=at - 11)
    assert await side.sign_in(SignInRequest(max_age=60), auth_time=at - 60)
    assert await side.sign_in(SignInRequest(reauthenticate=True), auth_time=at - 5)


async def test_the_provider_says_no(side):
    await side.refused("denied", answer={"code": None, "error": "access_denied"})
    await side.refused("refused", answer={"code": None, "error": "temporarily_unavailable"})
    await side.refused("malformed", answer={"code": None})
    with pytest.raises(SignInRefusedError) as caught:
        await side.sign_in(answer={"error": "6371994502900011 <script>"})
    assert caught.value.detail == "an error code of another form"


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(400, json={"error": "invalid_grant"}),
        httpx.Response(401, json={"error": "invalid_client"}),
        httpx.Response(200, json={"access_token": "x"}),
        httpx.Response(200, json={"id_token": 5}),
        httpx.Response(200, content=b"[]"),
        httpx.Response(200, content=b"<html>"),
        httpx.Response(302, headers={"Location": "https://evil.example/token"}),
    ],
)
async def test_wrong_answers_of_the_token_endpoint(side, answer):
    side.issuer.answers["/token"] = answer
    with pytest.raises(SignInRefusedError):
        await side.sign_in()


async def test_a_failure_that_is_held_does_not_grow_with_those_who_meet_it(side):
    side.issuer.away = True
    lengths = []
    for _ in range(20):
        with pytest.raises(IssuerUnavailableError) as caught:
            await side.party.check()
        lengths.append(len(caught.traceback))
    assert lengths[1:] == [lengths[1]] * 19


async def test_a_provider_that_is_away_or_floods_us_costs_little(side, monkeypatch):
    assert await side.sign_in()
    monkeypatch.setattr("gateway.oidc.external.relying_party.FRESH_SECONDS", 5.0)
    for answer in (
        httpx.Response(503),
        httpx.Response(429),
        httpx.Response(200, content=b" " * 300_000),
        httpx.Response(200, content=b"", headers={"Content-Encoding": "gzip"}),
    ):
        side.issuer.answers["/token"] = answer
        with pytest.raises(IssuerUnavailableError):
            await side.sign_in()
    side.issuer.away = True
    side.ticks.now += 6
    with pytest.raises(IssuerUnavailableError):
        await side.party.begin(SignInRequest())
    before = len(side.issuer.asked)
    for _ in range(20):
        with pytest.raises(IssuerUnavailableError):
            await side.party.begin(SignInRequest())
    side.issuer.away = False
    side.ticks.now += 6
    assert await asyncio.gather(*(side.party.begin(SignInRequest()) for _ in range(5)))
    assert side.issuer.times_asked("/.well-known/openid-configuration") == 2
    assert len(side.issuer.asked) > before


async def test_e40_we_authenticate_by_a_published_p521_key(side):
    begun = await side.party.begin(SignInRequest())
    await side.party.finish(begun.secrets, side.issuer.signs_in(begun.address))
    assert [key["crv"] for key in side.issuer.published["keys"]] == ["P-521"]
    assert all("d" not in key for key in side.issuer.published["keys"])
    assert (side.issuer.times_asked("/par"), side.issuer.times_asked("/token")) == (1, 1)


async def test_e40_a_new_key_is_published_a_day_before_it_signs(side):
    first = (await side.keys.signing()).kid
    async with side.database.session() as session:
        second = (await side.keys.rotate(session)).kid
    assert {key["kid"] for key in (await side.keys.document())["keys"]} == {first, second}
    assert (await side.keys.signing()).kid == first
    side.clock.forward(days=1)
    assert (await side.keys.signing()).kid == second
    assert len((await side.keys.document())["keys"]) == 2
    side.clock.forward(days=1)
    assert [key["kid"] for key in (await side.keys.document())["keys"]] == [second]
    side.issuer.published = await side.keys.document()
    assert await side.sign_in()


async def test_e40_the_code_is_bound_to_a_key_of_its_own_and_a_nonce_is_taken(side):
    side.issuer.proof_nonce = "nonce-1"
    first, second = await side.party.begin(SignInRequest()), await side.party.begin(SignInRequest())
    assert first.secrets["key"] != second.secrets["key"]
    assert await side.party.finish(first.secrets, side.issuer.signs_in(first.address))
    assert side.issuer.times_asked("/token") == 2


async def test_no_cookie_of_the_provider_is_kept(side):
    side.issuer.answers["/jwks"] = httpx.Response(
        200, json={"keys": [side.issuer.key.public().document()]}, headers={"Set-Cookie": "a=b; Path=/"}
    )
    assert await side.sign_in()
    assert await side.sign_in()
    assert not [headers for _, _, headers in side.issuer.asked if "cookie" in headers]


async def test_a_first_key_signs_at_once_however_it_came(world):
    keys = OwnKeys(world.database, world.sealer, world.clock)
    async with world.database.session() as session:
        made = await keys.rotate(session)
    await keys.start()
    assert (await keys.signing()).kid == made.kid


async def test_a_nik_counts_only_of_a_trusted_issuer_at_its_level(world):
    trusted = await Side(world, nik_claim="nik", nik_level=2).start()
    assert (await trusted.sign_in(nik="6371994502900011", acr="urn:kota:dua")).nik == "6371994502900011"
    assert (await trusted.sign_in(nik="6371994502900011")).nik is None
    for odd in ("637199 450290 0011", "637199450290001", 6371994502900011, None, "0000000000000000"):
        assert (await trusted.sign_in(nik=odd, acr="urn:kota:dua")).nik is None
    identity = await trusted.sign_in(nik="6371994502900011", acr="urn:kota:dua")
    assert "637199" not in repr(identity)
    untrusted = await Side(world).start()
    assert (await untrusted.sign_in(nik="6371994502900011", acr="urn:kota:dua")).nik is None


async def test_keys_of_the_provider_rotate(side):
    assert await side.sign_in()
    side.issuer.key = PrivateKey.generate()
    assert await side.sign_in(), "an unknown key is looked for at once"


async def test_e42_a_logout_token_is_judged(side):
    logout = await side.party.logout(side.issuer.logout_token(sid="s"))
    assert (logout.subject, logout.session) == ("person-1", "s")
    at = int(side.clock().timestamp())
    wrong = [
        {"typ": "JWT"},
        {"typ": "at+jwt"},
        {"events": None},
        {"events": {}},
        {"events": ["http://schemas.openid.net/event/backchannel-logout"]},
        {"events": {"http://schemas.openid.net/event/backchannel-logout": None}},
        {"nonce": "n"},
        {"jti": None},
        {"jti": ""},
        {"iat": at - 121},
        {"iat": at + 11},
        {"iat": None},
        {"exp": None},
        {"exp": at - 11},
        {"aud": "another"},
        {"aud": []},
        {"iss": "https://idp.example"},
        {"sub": None},
        {"sub": 5},
        {"sid": 5},
        {"key": PrivateKey.generate()},
    ]
    for changes in wrong:
        token = side.issuer.logout_token(**changes)
        with pytest.raises(TokenRefusedError):
            await side.party.logout(token)
    assert (await side.party.logout(side.issuer.logout_token(sub=None, sid="s"))).subject is None
