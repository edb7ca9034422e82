"""Machines that call for themselves: their tokens, who may look at those, and how they end."""

import pytest
from sqlalchemy import func, select, update
from starlette.requests import Request

from gateway.authentication.errors import InsufficientScopeError, NotAuthenticatedError, WrongCallerError
from gateway.authentication.jose import read_token
from gateway.storage.tables.clients import ClientRow
from gateway.storage.tables.grants import GrantRow
from tests.gateway.oidc.partners import ISSUER, registered

pytestmark = pytest.mark.anyio

REGISTER = "https://register.example/api"


def asking(token=None):
    """A request to the API that presents the token."""
    headers = [(b"authorization", f"Bearer {token}".encode())] if token else []
    return Request({"type": "http", "method": "GET", "path": "/v1/client", "query_string": b"", "headers": headers})


async def machine_token(http, partner, **form):
    answer = await partner.token(http, **form)
    assert answer.status_code == 200, answer.text
    return answer.json()["access_token"]


async def introspected(http, partner, token):
    answer = await http.post("/oauth2/introspect", data={"token": token, **partner.proof()})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


async def test_d34_a_machines_token_is_nobodys(house, http):
    partner = await registered(house)
    body = (await partner.token(http)).json()
    assert set(body) == {"access_token", "token_type", "expires_in", "scope"}, "no refresh token, no ID token"
    unverified = read_token(body["access_token"])
    assert unverified.header["typ"] == "at+jwt"
    claims = dict(unverified.claims)
    assert claims.pop("exp") - claims.pop("iat") == 600
    assert claims.pop("jti")
    assert claims == {
        "iss": ISSUER,
        "sub": "partner",
        "client_id": "partner",
        "aud": f"{ISSUER}/machines",
        "scope": "client.read",
    }
    async with house.database.session() as session:
        assert await session.scalar(select(func.count()).select_from(GrantRow)) == 0


async def test_d34_machines_and_people_are_kept_apart(house, http):
    partner = await registered(house)
    token = await machine_token(http, partner)
    person = (await house.tokens(house.mobile()))["access_token"]
    authenticate = house.authenticator()
    with pytest.raises(WrongCallerError):
        await authenticate(f"Bearer {token}")
    with pytest.raises(WrongCallerError):
        await authenticate.machine(asking(person), {"openid"})
    with pytest.raises(NotAuthenticatedError):
        await authenticate.machine(asking(), {"client.read"})
    machine = await authenticate.machine(asking(token), {"client.read"})
    assert (machine.client_id, machine.agency, machine.scopes) == ("partner", "dinas-kominfo", {"client.read"})
    with pytest.raises(InsufficientScopeError):
        await authenticate.machine(asking(token), {"client.read", "systems.operate"})
    who = await http.get("/oauth2/userinfo", headers={"authorization": f"Bearer {token}"})
    assert (who.status_code, who.json()) == (403, {"error": "access_denied"})


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": "another"},
        {"grant": "somebodys"},
        {"acr": "2"},
        {"auth_time": 1},
        {"scope": None},
        {"client_id": None},
        {"aud": f"{ISSUER}/v1"},
    ],
)
async def test_d34_a_token_between_machine_and_person_is_neither(house, http, changes):
    partner = await registered(house)
    claims = {**read_token(await machine_token(http, partner)).claims, **changes}
    key = house.provider.keys.signing()
    mixed = key.sign("at+jwt", {name: value for name, value in claims.items() if value is not None})
    for ask in (
        house.authenticator().caller,
        lambda request: house.authenticator().machine(request, set()),
    ):
        with pytest.raises(NotAuthenticatedError):
            await ask(asking(mixed))


async def test_d34_machines_hold_the_scopes_of_machines_only(house, http):
    partner = await registered(house, scopes=["client.read", "profile.read", "systems.operate"])
    assert (await partner.token(http)).json()["scope"] == "client.read"
    for scope in ("profile.read", "client.read profile.read", "systems.operate", "openid", "nonsense"):
        assert (await partner.token(http, scope=scope)).json()["error"] == "invalid_scope"
    people = await registered(house, "people", scopes=["profile.read"])
    assert (await people.token(http)).json()["error"] == "invalid_scope"
    resident = await house.tokens(house.mobile(scope="openid"))
    assert resident["scope"] == "openid"


async def test_only_clients_that_may_and_can_prove_it_get_a_token_of_their_own(house, http):
    partner = await registered(house, grant_types=["authorization_code"])
    assert (await partner.token(http)).json()["error"] == "unauthorized_client"
    public = await registered(house, "pocket", auth_method="none")
    form = {"grant_type": "client_credentials", "client_id": public.client_id}
    assert (await http.post("/oauth2/token", data=form)).json()["error"] == "unauthorized_client"


async def test_b14_a_token_is_for_one_resource(house, http):
    partner = await registered(house, audiences=[REGISTER])
    token = await machine_token(http, partner, resource=REGISTER)
    assert read_token(token).claims["aud"] == REGISTER
    with pytest.raises(NotAuthenticatedError):
        await house.authenticator().machine(asking(token), {"client.read"})
    for other in ("https://other.example/api", f"{ISSUER}/v1", REGISTER + "/"):
        assert (await partner.token(http, resource=other)).json()["error"] == "invalid_target"
    twice = "&".join(f"resource={REGISTER}" for _ in range(2))
    form = {"content-type": "application/x-www-form-urlencoded"}
    answer = await http.post("/oauth2/token", content=f"grant_type=client_credentials&{twice}", headers=form)
    assert answer.json()["error"] == "invalid_request"


async def test_b19_introspection_answers_only_who_the_token_is_for(house, http):
    caller = await registered(house, audiences=[REGISTER])
    register = await registered(house, "register", resource=REGISTER)
    stranger = await registered(house, "stranger", resource="https://stranger.example")
    nobody = await registered(house, "nobody")
    token = await machine_token(http, caller, resource=REGISTER)
    told = await introspected(http, register, token)
    assert told == {"active": True, "token_type": "Bearer", **read_token(token).claims}
    for other in (stranger, nobody, caller):
        assert await introspected(http, other, token) == {"active": False}
    for useless in ("nonsense", token[:-2] + "AA", "x" * 4000):
        assert await introspected(http, register, useless) == {"active": False}
    public = await http.post("/oauth2/introspect", data={"token": token, "client_id": "gerbang-mobile"})
    assert public.status_code == 401
    assert (await http.post("/oauth2/introspect", data={"token": token})).status_code == 401
    assert (await http.post("/oauth2/introspect", data=register.proof())).json()["error"] == "invalid_request"
    house.clock.forward(seconds=611)
    assert await introspected(http, register, token) == {"active": False}


async def test_b18_revocation_is_for_the_own_client_and_bites_at_introspection_at_once(house, http):
    caller = await registered(house, audiences=[REGISTER])
    register = await registered(house, "register", resource=REGISTER)
    token = await machine_token(http, caller, resource=REGISTER)
    thief = await http.post("/oauth2/revoke", data={"token": token, **register.proof()})
    assert (thief.status_code, thief.json()["error"]) == (400, "invalid_grant")
    assert (await introspected(http, register, token))["active"]
    for _ in range(2):
        assert (await http.post("/oauth2/revoke", data={"token": token, **caller.proof()})).status_code == 200
        assert await introspected(http, register, token) == {"active": False}


async def test_b18_a_persons_token_is_inactive_as_soon_as_its_grant_is_revoked(house, http):
    api = await registered(house, "api", resource=f"{ISSUER}/v1")
    mobile = house.mobile()
    body = await house.tokens(mobile)
    told = await introspected(http, api, body["access_token"])
    assert (told["active"], told["acr"], told["client_id"]) == (True, "1", "gerbang-mobile")
    assert not {"name", "username", "nik", "grant"} & told.keys()
    assert await introspected(http, api, body["refresh_token"]) == {"active": False}
    assert await introspected(http, api, body["id_token"]) == {"active": False}
    await http.post("/oauth2/revoke", data={"token": body["refresh_token"], "client_id": "gerbang-mobile"})
    assert await introspected(http, api, body["access_token"]) == {"active": False}


async def test_b18_a_revoked_machine_token_is_refused_at_once(house, http):
    partner = await registered(house)
    token = await machine_token(http, partner)
    authenticate = house.authenticator()
    await authenticate.machine(asking(token), {"client.read"})
    await http.post("/oauth2/revoke", data={"token": token, **partner.proof()})
    with pytest.raises(NotAuthenticatedError):
        await authenticate.machine(asking(token), {"client.read"})


async def test_what_a_machine_loses_it_loses_at_once(house, http):
    partner = await registered(house)
    token, authenticate = await machine_token(http, partner), house.authenticator()
    await authenticate.machine(asking(token), {"client.read"})
    for values in ({"scopes": []}, {"expires_at": house.clock()}, {"withdrawn_at": house.clock()}):
        async with house.database.session() as session:
            await session.execute(update(ClientRow).where(ClientRow.id == "partner").values(**values))
        with pytest.raises((NotAuthenticatedError, InsufficientScopeError)):
            await authenticate.machine(asking(token), {"client.read"})


async def test_k71_a_client_calls_as_often_as_its_quota_allows_wherever_it_calls(either_house):
    house = either_house
    partner = await registered(house, quota=5)
    other = await registered(house, "other")
    async with house.http() as http:
        for path in ("/oauth2/token", "/oauth2/introspect", "/oauth2/revoke", "/oauth2/token", "/oauth2/token"):
            form = {"grant_type": "client_credentials", "token": "x", **partner.proof()}
            assert (await http.post(path, data=form)).status_code == 200
        forged = await http.post(
            "/oauth2/token", data={"grant_type": "client_credentials", **other.proof(iss="partner")}
        )
        assert forged.status_code == 401, "whoever has not proven it is the client does not use up its quota"
        house.clock.forward(seconds=20)
        for path in ("/oauth2/token", "/oauth2/par", "/oauth2/introspect", "/oauth2/revoke"):
            form = {"grant_type": "client_credentials", "token": "x", **partner.proof()}
            spent = await http.post(path, data=form)
            assert (spent.status_code, spent.json()["error"]) == (429, "temporarily_unavailable")
            assert (spent.headers["retry-after"], spent.headers["cache-control"]) == ("40", "no-store")
        assert (await other.token(http)).status_code == 200
        house.clock.forward(seconds=40)
        assert (await partner.token(http)).status_code == 200
