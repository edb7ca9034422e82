"""Clients that authenticate by `private_key_jwt`: only by a fresh assertion of their own, made for us, once."""

import asyncio
import json
import socket
from base64 import urlsafe_b64encode

import httpx
import pytest
from sqlalchemy import update
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from gateway.storage.tables.clients import ClientRow
from tests.gateway.oidc.answering import answering
from tests.gateway.oidc.partners import ISSUER, TYPE, Partner, registered

pytestmark = pytest.mark.anyio

ENDPOINTS = ("/oauth2/token", "/oauth2/par", "/oauth2/revoke", "/oauth2/introspect")


async def refused(http, partner, proof, path="/oauth2/token"):
    answer = await http.post(path, data={"grant_type": "client_credentials", "token": "x", **proof})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), (path, proof, answer.text)
    assert answer.headers["www-authenticate"]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("algorithm", ["PS256", "ES256", "ES512", "Ed25519", "EdDSA"])
async def test_c21_five_algorithms_are_accepted(house, http, algorithm):
    partner = await registered(house, algorithm=algorithm)
    answer = await partner.token(http)
    assert answer.status_code == 200, answer.text
    assert answer.json()["scope"] == "client.read"


@pytest.mark.parametrize("algorithm", ["RS256", "ES384"])
async def test_c21_other_algorithms_are_refused(house, http, algorithm):
    partner = await registered(house, algorithm=algorithm)
    for path in ENDPOINTS:
        await refused(http, partner, partner.proof(), path)


async def test_c21_the_audience_is_exactly_the_issuer(house, http):
    partner = await registered(house)
    for audience in (
        [ISSUER],
        [ISSUER, "https://other.example"],
        [],
        f"{ISSUER}/",
        f"{ISSUER}/oauth2/token",
        f"{ISSUER}/oauth2/par",
        ISSUER.upper(),
        "",
        None,
        {"iss": ISSUER},
    ):
        for path in ENDPOINTS:
            await refused(http, partner, partner.proof(aud=audience), path)


async def test_c21_an_assertion_is_good_for_five_minutes_at_most(house, http):
    partner = await registered(house)
    at = int(house.clock().timestamp())
    assert (await partner.token(http, **partner.proof(exp=at + 300))).status_code == 200
    for changes in (
        {"exp": at + 315},
        {"exp": at + 3600},
        {"exp": at - 15},
        {"exp": None},
        {"iat": None},
        {"exp": str(at + 60)},
        {"exp": True},
        {"exp": 1e400},
        {"exp": 10**30},
    ):
        await refused(http, partner, partner.proof(**changes))


async def test_c21_an_assertion_is_good_once_at_whichever_endpoint(house, http):
    partner = await registered(house)
    for first in ENDPOINTS:
        proof = partner.proof()
        answer = await http.post(first, data={"grant_type": "client_credentials", "token": "x", **proof})
        assert answer.status_code in {200, 400}, answer.text
        for path in ENDPOINTS:
            await refused(http, partner, proof, path)
    await refused(http, partner, partner.proof(jti=None))
    await refused(http, partner, partner.proof(jti=""))
    await refused(http, partner, partner.proof(jti=7))
    await refused(http, partner, partner.proof(jti="x" * 300))
    other = await registered(house, "other")
    shared = {"jti": "of-two-clients"}
    assert (await partner.token(http, **partner.proof(**shared))).status_code == 200
    assert (await other.token(http, **other.proof(**shared))).status_code == 200


async def test_c21_sixteen_parallel_uses_of_one_assertion_give_one_success(either_house):
    partner = await registered(either_house)
    proof = partner.proof()
    async with either_house.http() as http:
        answers = await asyncio.gather(*(partner.token(http, **proof) for _ in range(16)))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 15


async def test_c21_the_replay_is_remembered_as_long_as_it_could_be_accepted(house, http):
    partner = await registered(house)
    proof = partner.proof(exp=int(house.clock().timestamp()) + 300)
    assert (await partner.token(http, **proof)).status_code == 200
    for _ in range(32):
        house.clock.forward(seconds=10)
        await house.provider.start()  # drops what is of no use any more
        await refused(http, partner, proof)


async def test_c25_two_methods_foreign_keys_and_wrong_names(house, http):
    partner, other = await registered(house), await registered(house, "other")
    forged = Partner("partner", house.clock)
    web, mobile = house.web(), house.mobile()
    good = partner.assertion
    for proof in (
        forged.proof(),
        {**partner.proof(), "client_id": "other"},
        {**partner.proof(), "client_secret": "x"},
        partner.proof(iss="other"),
        partner.proof(sub="other"),
        other.proof(iss="partner", sub="partner"),
        partner.proof(iss="nobody", sub="nobody"),
        {"client_assertion": good(), "client_id": "partner"},
        {"client_assertion_type": TYPE, "client_id": "partner"},
        {
            "client_assertion": good(),
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer",
        },
        {"client_id": "partner"},
        partner.proof(assertion=good(header={"typ": "at+jwt"})),
        partner.proof(assertion=good(header={"typ": "logout+jwt"})),
        partner.proof(assertion=good(header={"kid": "partner-2"})),
        partner.proof(assertion=good(header={"kid": None})),
        partner.proof(assertion=good()[:-4] + "AAAA"),
        partner.proof(assertion="not.a.token"),
        partner.proof(assertion="x"),
    ):
        for path in ENDPOINTS:
            await refused(http, partner, proof, path)
    answer = await http.post(
        "/oauth2/token", data={"grant_type": "client_credentials", **partner.proof()}, auth=web.auth
    )
    assert answer.status_code == 401
    public = await registered(house, "pocket", auth_method="none")
    await refused(http, public, public.proof())
    secretive = await registered(house, "secretive", auth_method="client_secret_basic", secret_hash="x")
    await refused(http, secretive, secretive.proof())
    basic = await http.post("/oauth2/token", data={"grant_type": "client_credentials"}, auth=("partner", "x"))
    assert basic.status_code == 401
    assert (await partner.token(http, client_id="partner")).status_code == 200
    assert mobile.secret is None


CLAIMED = ("\ud800", "\0", "partner\0", "\u202epartner", "x" * 1000, "", 7, ["partner"], {"id": "partner"})


async def test_a08_whatever_name_an_assertion_claims_it_is_refused_in_the_usual_form(either_house):
    partner = await registered(either_house)
    async with either_house.http() as http:
        for claimed in CLAIMED:
            # No library signs such names; nor is the signature looked at before.
            parts = ({"alg": "ES512", "kid": "partner-1"}, partner.claims(iss=claimed, sub=claimed))
            token = ".".join(urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
            for path in ENDPOINTS:
                await refused(http, partner, partner.proof(f"{token}.AAAA"), path)


async def test_c26_clocks_that_differ_a_little_and_too_much(house, http):
    partner = await registered(house)
    at = int(house.clock().timestamp())
    for ahead in (8, 10):
        answer = await partner.token(http, **partner.proof(iat=at + ahead, nbf=at + ahead, exp=at + ahead + 60))
        assert answer.status_code == 200, answer.text
    assert (await partner.token(http, **partner.proof(iat=at - 60, exp=at - 8))).status_code == 200
    for changes in ({"iat": at + 61}, {"nbf": at + 61}, {"iat": at + 12}, {"nbf": at + 12}, {"exp": at - 12}):
        await refused(http, partner, partner.proof(**changes))


async def test_c20_a_secret_is_an_exception_that_runs_out(house, http):
    web = house.web()
    asked = {"grant_type": "authorization_code", "code": "x"}
    assert (await http.post("/oauth2/token", data=asked, auth=web.auth)).status_code == 400
    house.clock.forward(days=91)
    assert (await http.post("/oauth2/token", data=asked, auth=web.auth)).status_code == 401
    async with house.database.session() as session:
        await session.execute(update(ClientRow).where(ClientRow.id == "gerbang-web").values(secret_expires_at=None))
    assert (await http.post("/oauth2/token", data=asked, auth=web.auth)).status_code == 401, "no secret without an end"


async def test_a_client_that_expired_or_was_withdrawn_is_no_client(house, http):
    partner = await registered(house, expires_at=house.clock())
    await refused(http, partner, partner.proof())
    gone = await registered(house, "gone", withdrawn_at=house.clock())
    await refused(http, gone, gone.proof())
    async with house.database.session() as session:
        await session.execute(
            update(ClientRow).where(ClientRow.id == "gerbang-mobile").values(withdrawn_at=house.clock())
        )
    page = await http.get("/oauth2/authorize", params=house.mobile().request())
    assert (page.status_code, "location" in page.headers) == (400, False)


async def test_tokens_of_a_withdrawn_client_stand_no_longer(house):
    body = await house.tokens(house.mobile())
    assert await house.authenticator()(f"Bearer {body['access_token']}")
    async with house.database.session() as session:
        await session.execute(
            update(ClientRow).where(ClientRow.id == "gerbang-mobile").values(expires_at=house.clock())
        )
    with pytest.raises(Exception, match="no longer valid"):
        await house.authenticator()(f"Bearer {body['access_token']}")


@pytest.fixture
async def published(house, sockets):
    """A partner whose keys stand at an address, which can be changed."""
    shown = {"keys": []}

    async def keys(_request):
        return JSONResponse(shown)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/jwks"
        async with answering(Starlette(routes=[Route("/jwks", keys)]), listener):
            partner = await registered(house, jwks=None, jwks_uri=address)
            shown["keys"] = partner.jwks["keys"]
            yield partner, shown
            await house.provider.aclose()


async def test_keys_may_be_published_at_an_address(house, http, published):
    partner, shown = published
    assert (await partner.token(http)).status_code == 200
    await refused(http, partner, Partner("partner", house.clock, kid="partner-2").proof())
    shown["keys"] = []
    assert (await partner.token(http)).status_code == 200, "a known key goes on"


async def test_keys_that_cannot_be_read_prove_nothing(house, http):
    secret = {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA", "kid": "partner-1"}
    partner = await registered(house, jwks={"keys": [secret]})
    await refused(http, partner, partner.proof())
    away = await registered(house, "away", jwks=None, jwks_uri="http://127.0.0.1:1/jwks")
    await refused(http, away, away.proof())
    nothing = await registered(house, "nothing", jwks=None)
    await refused(http, nothing, nothing.proof())
    await house.provider.aclose()


async def test_discovery_says_how_clients_authenticate(http):
    metadata = (await http.get("/.well-known/openid-configuration")).json()
    for endpoint in ("token", "revocation", "introspection"):
        assert metadata[f"{endpoint}_endpoint_auth_signing_alg_values_supported"] == [
            "PS256",
            "ES256",
            "ES512",
            "Ed25519",
            "EdDSA",
        ]
    assert metadata["token_endpoint_auth_methods_supported"] == ["private_key_jwt", "client_secret_basic", "none"]
    assert "none" not in metadata["introspection_endpoint_auth_methods_supported"]
    assert "client_secret_post" not in json.dumps(metadata)
    for name in ("token", "revocation", "introspection", "pushed_authorization_request"):
        async with httpx.AsyncClient(transport=http._transport, base_url=ISSUER) as client:
            answer = await client.post(metadata[f"{name}_endpoint"], data={})
        assert answer.status_code in {400, 401}, name
