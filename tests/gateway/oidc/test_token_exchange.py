"""Token exchange (RFC 8693): only the listed pairs, never for more or longer, and with an end."""

import pytest
from sqlalchemy import select, update

from gateway.authentication.errors import NotAuthenticatedError
from gateway.authentication.jose import read_token
from gateway.oidc.tokens.pairwise_subjects import pairwise_subject
from gateway.storage.tables.accounts import AccountRow
from gateway.storage.tables.clients import ClientRow
from gateway.storage.tables.grants import GrantRow
from tests.gateway.devices import Device
from tests.gateway.oidc.conftest import ISSUER, Application
from tests.gateway.oidc.partners import registered

pytestmark = pytest.mark.anyio

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
AUDIENCE = "https://e-kelurahan.example/api"
OTHER = "https://register.example/api"
TOKEN = f"{ISSUER}/oauth2/token"


class Portal(Application):
    """A partner that signs residents in, and calls an agency's API as them."""

    partner = None

    async def pushed(self, http, **changes):
        answer = await http.post("/oauth2/par", data={**self.request(**changes), **self.partner.proof()})
        assert answer.status_code == 201, answer.text
        return {"client_id": self.client_id, "request_uri": answer.json()["request_uri"]}

    async def redeem(self, http, code, **changes):
        headers = changes.pop("headers", {})
        form = {**self.redemption(code, **changes), **self.partner.proof()}
        return await http.post("/oauth2/token", data=form, headers=headers)

    async def exchange(self, http, token, headers=None, **changes):
        form = {
            "grant_type": GRANT,
            "subject_token": token,
            "subject_token_type": ACCESS_TOKEN,
            "audience": AUDIENCE,
            "scope": "applications.read",
            **self.partner.proof(),
            **changes,
        }
        given = {name: value for name, value in form.items() if value is not None}
        return await http.post("/oauth2/token", data=given, headers=headers or {})


@pytest.fixture
async def portal(house):
    scopes = ["openid", "profile.read", "applications.read"]
    grants = ["authorization_code", "refresh_token", GRANT]
    partner = await registered(
        house, "portal", scopes=scopes, grant_types=grants, exchange_audiences=[AUDIENCE, "https://gone.example"]
    )
    await registered(house, "e-kelurahan", resource=AUDIENCE, grant_types=[])
    await registered(house, "register", resource=OTHER, grant_types=[])
    made = Portal("portal", partner.redirect_uri, scope="openid profile.read applications.read")
    made.partner = partner
    return made


def error(response):
    return response.status_code, response.json()["error"]


async def test_b17_a_token_for_the_agency_as_the_resident(house, http, portal):
    body = await house.tokens(portal)
    answer = await portal.exchange(http, body["access_token"])
    assert answer.status_code == 200, answer.text
    given = answer.json()
    assert set(given) == {"access_token", "issued_token_type", "token_type", "expires_in", "scope"}
    assert (given["issued_token_type"], given["token_type"], given["expires_in"]) == (ACCESS_TOKEN, "Bearer", 300)
    unverified = read_token(given["access_token"])
    assert unverified.header["typ"] == "at+jwt"
    subject, claims = read_token(body["access_token"]).claims, unverified.claims
    assert (claims["aud"], claims["client_id"], claims["scope"]) == (AUDIENCE, "portal", "applications.read")
    assert claims["act"] == {"sub": "portal"}
    assert (claims["acr"], claims["auth_time"], claims["grant"]) == tuple(
        subject[name] for name in ("acr", "auth_time", "grant")
    )
    # The agency knows the resident by a subject of its own.
    async with house.database.session() as session:
        account = await session.scalar(select(AccountRow.id).where(AccountRow.username == "resident"))
        agency = await session.get_one(ClientRow, "e-kelurahan")
    assert claims["sub"] == pairwise_subject(house.sealer, agency, account) != subject["sub"]
    with pytest.raises(NotAuthenticatedError):
        await house.authenticator()(f"Bearer {given['access_token']}")


async def test_b17_only_listed_pairs(house, http, portal):
    token = (await house.tokens(portal))["access_token"]
    for changes in (
        {"audience": OTHER},
        {"audience": None},
        {"audience": "https://gone.example"},
        {"audience": f"{ISSUER}/v1"},
        {"resource": OTHER},
        {"audience": AUDIENCE + "/"},
    ):
        assert error(await portal.exchange(http, token, **changes)) == (400, "invalid_target"), changes
    assert (await portal.exchange(http, token, audience=None, resource=AUDIENCE)).status_code == 200
    async with house.database.session() as session:
        await session.execute(update(ClientRow).where(ClientRow.id == "e-kelurahan").values(withdrawn_at=house.clock()))
    assert error(await portal.exchange(http, token)) == (400, "invalid_target")


async def test_b17_never_for_more_or_longer(house, http, portal):
    token = (await house.tokens(portal, scope="openid applications.read"))["access_token"]
    for scope in ("profile.read", "applications.read profile.read", "identity.nik", None, "unknown"):
        assert error(await portal.exchange(http, token, scope=scope)) == (400, "invalid_scope"), scope
    house.clock.forward(minutes=8)
    given = (await portal.exchange(http, token)).json()
    assert given["expires_in"] in {119, 120}
    assert read_token(given["access_token"]).claims["exp"] == read_token(token).claims["exp"]
    house.clock.forward(minutes=3)
    assert error(await portal.exchange(http, token)) == (400, "invalid_grant")


async def test_b17_the_subjects_end_ends_it(house, http, portal):
    body = await house.tokens(portal)
    given = (await portal.exchange(http, body["access_token"])).json()["access_token"]
    agency = await registered(house, "asking", grant_types=[])
    async with house.database.session() as session:
        await session.execute(update(ClientRow).where(ClientRow.id == "e-kelurahan").values(jwks=agency.jwks))
    agency.client_id = "e-kelurahan"

    async def active():
        answer = await http.post("/oauth2/introspect", data={"token": given, **agency.proof()})
        return answer.json()

    told = await active()
    assert (told["active"], told["act"], told["client_id"]) == (True, {"sub": "portal"}, "portal")
    await http.post("/oauth2/revoke", data={"token": body["refresh_token"], **portal.partner.proof()})
    assert await active() == {"active": False}
    assert error(await portal.exchange(http, body["access_token"])) == (400, "invalid_grant")


async def test_revoking_the_exchanged_token_leaves_the_residents_own_alone(house, http, portal):
    body = await house.tokens(portal)
    given = (await portal.exchange(http, body["access_token"])).json()["access_token"]
    answer = await http.post("/oauth2/revoke", data={"token": given, **portal.partner.proof()})
    assert answer.status_code == 200
    async with house.database.session() as session:
        assert await session.scalar(select(GrantRow.revoked_at)) is None
    assert await house.authenticator()(f"Bearer {body['access_token']}")


async def test_b17_what_is_given_must_be_a_living_token_of_this_client(house, http, portal):
    body = await house.tokens(portal)
    strangers = (await house.tokens(house.mobile()))["access_token"]
    exchanged = (await portal.exchange(http, body["access_token"])).json()["access_token"]
    machine = (await (await registered(house, "machine")).token(http)).json()["access_token"]
    for token in (strangers, exchanged, machine, body["id_token"], body["refresh_token"], "nonsense"):
        assert error(await portal.exchange(http, token)) == (400, "invalid_grant")
    for changes in (
        {"subject_token": None},
        {"subject_token_type": None},
        {"subject_token_type": "urn:ietf:params:oauth:token-type:id_token"},
        {"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"},
        {"actor_token": body["access_token"], "actor_token_type": ACCESS_TOKEN},
    ):
        assert error(await portal.exchange(http, body["access_token"], **changes)) == (400, "invalid_request"), changes
    async with house.database.session() as session:
        await session.execute(update(AccountRow).values(withdrawn_at=house.clock()))
    assert error(await portal.exchange(http, body["access_token"])) == (400, "invalid_grant")


async def test_b17_who_may_not_exchange(house, http, portal):
    token = (await house.tokens(house.mobile()))["access_token"]
    form = {"grant_type": GRANT, "subject_token": token, "subject_token_type": ACCESS_TOKEN, "audience": AUDIENCE}
    async with house.database.session() as session:
        await session.execute(
            update(ClientRow)
            .where(ClientRow.id == "gerbang-mobile")
            .values(exchange_audiences=[AUDIENCE], grant_types=["authorization_code", GRANT])
        )
    public = await http.post("/oauth2/token", data={**form, "client_id": "gerbang-mobile"})
    assert error(public) == (400, "unauthorized_client")
    machine = await registered(house, "machine")
    assert error(await http.post("/oauth2/token", data={**form, **machine.proof()})) == (400, "unauthorized_client")


async def test_b17_a_bound_token_is_exchanged_by_its_key_alone(house, http, portal):
    device, thief = Device(house.clock), Device(house.clock)
    code = await house.code(portal)
    answer = await portal.redeem(http, code, headers={"dpop": device.proof("POST", TOKEN)})
    token = answer.json()["access_token"]
    for headers in ({}, {"dpop": thief.proof("POST", TOKEN)}):
        assert error(await portal.exchange(http, token, headers)) == (400, "invalid_grant")
    given = (await portal.exchange(http, token, {"dpop": device.proof("POST", TOKEN)})).json()
    assert given["token_type"] == "DPoP"
    assert read_token(given["access_token"]).claims["cnf"] == {"jkt": device.thumbprint}
