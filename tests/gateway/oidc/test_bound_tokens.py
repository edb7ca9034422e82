"""Tokens that are bound to a key of the device which got them (DPoP, RFC 9449), from the code to the last refresh."""

import asyncio

import httpx
import pytest
from sqlalchemy import update
from starlette.applications import Starlette

from gateway.authentication.dpop import DpopRequest
from gateway.authentication.errors import NotAuthenticatedError
from gateway.authentication.jose import read_token
from gateway.oidc.provider import Provider
from gateway.pages.routes import provider_routes
from gateway.settings import Mode
from gateway.storage.tables.clients import ClientRow
from tests.gateway.devices import Device
from tests.gateway.oidc.conftest import ISSUER, Page
from tests.gateway.oidc.partners import registered

pytestmark = pytest.mark.anyio

TOKEN, PAR, USERINFO = (f"{ISSUER}/oauth2/{name}" for name in ("token", "par", "userinfo"))


@pytest.fixture
def device(house):
    return Device(house.clock)


async def redeem(http, application, code, *proofs, **changes):
    headers = [("dpop", proof) for proof in proofs]
    form = application.redemption(code, **changes)
    return await http.post("/oauth2/token", data=form, headers=headers, auth=application.auth)


async def refresh(http, token, *proofs):
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "gerbang-mobile"}
    return await http.post("/oauth2/token", data=form, headers=[("dpop", proof) for proof in proofs])


def error(response):
    return response.status_code, response.json()["error"]


async def bound(house, http, device, **changes):
    application = house.mobile()
    code = await house.code(application, **changes)
    answer = await redeem(http, application, code, device.proof("POST", TOKEN))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_c23_a_token_that_was_asked_with_a_proof_is_good_with_that_key_alone(house, http, device):
    body = await bound(house, http, device)
    token = body["access_token"]
    assert body["token_type"] == "DPoP"
    assert read_token(token).claims["cnf"] == {"jkt": device.thumbprint}
    assert "cnf" not in read_token(body["id_token"]).claims
    good = await http.get("/oauth2/userinfo", headers=device.headers("GET", USERINFO, token))
    assert good.json()["roles"] == ["resident"]
    thief = Device(house.clock)
    for headers in (
        {"authorization": f"Bearer {token}"},
        {"authorization": f"Bearer {token}", "dpop": device.proof("GET", USERINFO, token)},
        {"authorization": f"DPoP {token}"},
        thief.headers("GET", USERINFO, token),
        device.headers("POST", USERINFO, token),
        {"authorization": f"DPoP {token}", "dpop": device.proof("GET", USERINFO)},
    ):
        refused = await http.get("/oauth2/userinfo", headers=headers)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith('DPoP realm="gerbang", error="invalid_')


async def test_c22_a_bad_proof_gets_no_token_and_leaves_the_code_alone(house, http, device):
    application = house.mobile()
    code = await house.code(application)
    good = device.proof("POST", TOKEN)
    for proofs in (
        [good, device.proof("POST", TOKEN)],
        ["nonsense"],
        [""],
        [device.proof("GET", TOKEN)],
        [device.proof("POST", USERINFO)],
        [device.proof("POST", TOKEN, header={"typ": "JWT"})],
        [device.proof("POST", TOKEN, iat=int(house.clock().timestamp()) - 61)],
    ):
        refused = await redeem(http, application, code, *proofs)
        assert error(refused) == (400, "invalid_dpop_proof")
        assert refused.headers["cache-control"] == "no-store"
    assert (await redeem(http, application, code, good)).status_code == 200
    again = await redeem(http, application, await house.code(application), good)
    assert error(again) == (400, "invalid_dpop_proof")


async def test_b12_a_code_is_bound_to_the_key_that_the_request_named(house, http, device):
    application, thief = house.mobile(), Device(house.clock)
    for proofs in ([], [thief.proof("POST", TOKEN)]):
        code = await house.code(application, dpop_jkt=device.thumbprint)
        assert error(await redeem(http, application, code, *proofs)) == (400, "invalid_grant")
        # The code is gone: whoever stole it has had the one try.
        assert error(await redeem(http, application, code, device.proof("POST", TOKEN))) == (400, "invalid_grant")
    code = await house.code(application, dpop_jkt=device.thumbprint)
    assert (await redeem(http, application, code, device.proof("POST", TOKEN))).status_code == 200


@pytest.mark.parametrize("named", ["short", "a" * 44, "a" * 42 + "=", "a" * 42 + "+"])
async def test_a_key_that_can_be_none_is_refused(house, http, named):
    answer = await http.get("/oauth2/authorize", params=house.mobile().request(dpop_jkt=named))
    assert "error=invalid_request" in answer.headers["location"]


async def test_b12_a_proof_at_par_binds_the_code(house, http, browser, device):
    application, thief = house.web(), Device(house.clock)

    async def push(*proofs, **changes):
        headers = [("dpop", proof) for proof in proofs]
        form = application.request(**changes)
        return await http.post("/oauth2/par", data=form, headers=headers, auth=application.auth)

    async def code():
        pushed = await push(device.proof("POST", PAR))
        reference = {"client_id": application.client_id, "request_uri": pushed.json()["request_uri"]}
        page = await browser.open("/oauth2/authorize", reference)
        if isinstance(page, Page):
            page = await browser.submit(page, username="resident", password=house.password("resident"))
            page = await browser.submit(page, decision="allow")
        return page.query["code"]

    assert error(await push(device.proof("POST", TOKEN))) == (400, "invalid_dpop_proof")
    other = await push(device.proof("POST", PAR), dpop_jkt=thief.thumbprint)
    assert error(other) == (400, "invalid_request")
    agreed = await push(device.proof("POST", PAR), dpop_jkt=device.thumbprint)
    assert agreed.status_code == 201
    stolen = await redeem(http, application, await code(), thief.proof("POST", TOKEN))
    assert error(stolen) == (400, "invalid_grant")
    answer = await redeem(http, application, await code(), device.proof("POST", TOKEN))
    assert answer.json()["token_type"] == "DPoP"


async def test_b13_a_public_clients_refresh_token_is_bound_and_a_thief_cannot_even_end_it(house, http, device):
    first = (await bound(house, http, device))["refresh_token"]
    thief = Device(house.clock)
    for proofs in ([], [thief.proof("POST", TOKEN)]):
        assert error(await refresh(http, first, *proofs)) == (400, "invalid_grant")
    second = await refresh(http, first, device.proof("POST", TOKEN))
    assert second.json()["token_type"] == "DPoP"
    assert read_token(second.json()["access_token"]).claims["cnf"] == {"jkt": device.thumbprint}
    assert error(await refresh(http, first)) == (400, "invalid_grant")  # used, but without the key: nothing happens
    third = await refresh(http, second.json()["refresh_token"], device.proof("POST", TOKEN))
    assert third.status_code == 200
    # With the key, a second use ends the family.
    assert error(await refresh(http, first, device.proof("POST", TOKEN))) == (400, "invalid_grant")
    last = await refresh(http, third.json()["refresh_token"], device.proof("POST", TOKEN))
    assert error(last) == (400, "invalid_grant")


async def test_a_public_client_may_begin_to_prove_a_key_at_a_refresh(house, http, device):
    body = await house.tokens(house.mobile())
    assert body["token_type"] == "Bearer"
    answer = await refresh(http, body["refresh_token"], device.proof("POST", TOKEN))
    assert answer.json()["token_type"] == "DPoP"
    assert error(await refresh(http, answer.json()["refresh_token"])) == (400, "invalid_grant")


async def test_a_confidential_client_may_change_its_key(house, http, device):
    application, later = house.web(), Device(house.clock)
    code = await house.code(application)
    body = (await redeem(http, application, code, device.proof("POST", TOKEN))).json()
    form = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"]}
    headers = {"dpop": later.proof("POST", TOKEN)}
    answer = await http.post("/oauth2/token", data=form, headers=headers, auth=application.auth)
    assert read_token(answer.json()["access_token"]).claims["cnf"] == {"jkt": later.thumbprint}


async def test_b11_sixteen_at_once_refresh_a_bound_token_and_one_succeeds(either_house):
    device = Device(either_house.clock)
    async with either_house.http() as http:
        first = (await bound(either_house, http, device))["refresh_token"]
        proofs = [device.proof("POST", TOKEN) for _ in range(16)]
        answers = await asyncio.gather(*(refresh(http, first, proof) for proof in proofs))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 15


async def test_c22_sixteen_at_once_with_one_proof_get_one_token(either_house):
    device, application = Device(either_house.clock), either_house.mobile()
    async with either_house.http() as http:
        codes = [await either_house.code(application) for _ in range(4)]
        proof = device.proof("POST", TOKEN)
        answers = await asyncio.gather(*(redeem(http, application, codes[n % 4], proof) for n in range(16)))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] + [400] * 15
    assert {answer.json()["error"] for answer in answers if answer.status_code == 400} == {"invalid_dpop_proof"}


async def test_g50_a_client_that_must_prove_a_key_gets_nothing_without(house, http, device):
    async with house.database.session() as session:
        await session.execute(update(ClientRow).where(ClientRow.id == "gerbang-mobile").values(dpop_required=True))
    application = house.mobile()
    code = await house.code(application)
    assert error(await redeem(http, application, code)) == (400, "invalid_request")
    answer = await redeem(http, application, code, device.proof("POST", TOKEN))
    assert answer.json()["token_type"] == "DPoP"
    assert error(await refresh(http, answer.json()["refresh_token"])) == (400, "invalid_request")


async def test_g50_in_production_every_public_client_must_prove_a_key(house, device):
    settings = house.settings.model_copy(update={"mode": Mode.PRODUCTION})
    provider = Provider(house.database, house.sealer, settings, clock=house.clock, passwords=house.passwords)
    await provider.start()
    application, portal = house.mobile(), house.web()
    app = Starlette(routes=provider_routes(provider, provider.authenticator()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ISSUER) as http:
        code = await house.code(application)
        assert error(await redeem(http, application, code)) == (400, "invalid_request")
        answer = await redeem(http, application, code, device.proof("POST", TOKEN))
        assert answer.json()["token_type"] == "DPoP"
        # Confidential clients prove themselves by what they are registered with.
        assert (await redeem(http, portal, await house.code(portal))).json()["token_type"] == "Bearer"
    await provider.aclose()


async def test_machines_tokens_are_bound_too(house, http, device):
    partner = await registered(house)
    headers = {"dpop": device.proof("POST", TOKEN)}
    form = {"grant_type": "client_credentials", **partner.proof()}
    body = (await http.post("/oauth2/token", data=form, headers=headers)).json()
    assert body["token_type"] == "DPoP"
    assert read_token(body["access_token"]).claims["cnf"] == {"jkt": device.thumbprint}


async def test_where_nonces_are_wanted_the_first_answer_brings_one(house, device):
    settings = house.settings.model_copy(update={"proof_nonces": True})
    provider = Provider(house.database, house.sealer, settings, clock=house.clock, passwords=house.passwords)
    await provider.start()
    application = house.mobile()
    app = Starlette(routes=provider_routes(provider, provider.authenticator()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ISSUER) as http:
        code = await house.code(application)
        first = await redeem(http, application, code, device.proof("POST", TOKEN))
        assert error(first) == (400, "use_dpop_nonce")
        nonce = first.headers["dpop-nonce"]
        answer = await redeem(http, application, code, device.proof("POST", TOKEN, nonce=nonce))
        assert answer.json()["token_type"] == "DPoP"
    await provider.aclose()


async def test_a_code_replayed_ends_what_was_bound_too(house, http, device):
    application = house.mobile()
    code = await house.code(application)
    token = (await redeem(http, application, code, device.proof("POST", TOKEN))).json()["access_token"]
    assert error(await redeem(http, application, code, device.proof("POST", TOKEN))) == (400, "invalid_grant")
    offer = DpopRequest("GET", "/oauth2/userinfo", (device.proof("GET", USERINFO, token),))
    with pytest.raises(NotAuthenticatedError):
        await house.authenticator()(f"DPoP {token}", offer)
