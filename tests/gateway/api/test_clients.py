"""Administration of clients by the API: for operators with a second factor; every change is logged."""

import dataclasses
from datetime import timedelta

import pytest
from joserfc import jwk
from sqlalchemy import select

from gateway.storage.tables.access_log import AccessEntryRow
from tests.gateway.fakes import PEOPLE, gateway_before

pytestmark = pytest.mark.anyio

PATH = "/v1/admin/clients"
STRONG = {"authorization": "Bearer strong"}
OWN = "gerbang-pages"


@pytest.fixture
async def gateway(tmp_path, anyio_backend):
    async with gateway_before(tmp_path) as opened:
        operator = dataclasses.replace(PEOPLE["operator"], auth_time=opened.clock())
        opened.people |= {
            "strong": dataclasses.replace(operator, acr=2),
            "old": dataclasses.replace(operator, acr=2, auth_time=opened.clock() - timedelta(minutes=11)),
            "narrow": dataclasses.replace(operator, acr=2, scopes=operator.scopes - {"clients.manage"}),
        }
        yield opened


def keys(kid="one"):
    return {"keys": [jwk.generate_key("EC", "P-521", {"kid": kid}).as_dict(private=False)]}


def machine(gateway, **changes):
    return {
        "id": "dukcapil-pelaporan",
        "title_id": "Pelaporan",
        "title_en": "Reporting",
        "owner": "Bidang Data, 0511-0000",
        "agency": "disdukcapil",
        "purpose": "monthly figures of the register",
        "grant_types": ["client_credentials"],
        "scopes": ["client.read"],
        "credentials": {"jwks": keys()},
        "expires_at": (gateway.clock() + timedelta(days=300)).isoformat(),
        **changes,
    }


def slug(answer):
    return answer.status_code, answer.json()["type"].rpartition("/")[2]


async def deeds(gateway):
    async with gateway.deps.database.session() as session:
        entries = await session.scalars(select(AccessEntryRow).order_by(AccessEntryRow.id))
        return [(entry.operation, entry.principal, entry.acr, entry.purpose, entry.request_id) for entry in entries]


async def test_i63_registration_change_and_withdrawal_of_a_client_are_logged(gateway):
    http = gateway.http
    made = await http.post(PATH, json=machine(gateway), headers=STRONG)
    assert (made.status_code, made.json()["secret"], made.json()["key_ids"]) == (200, None, ["one"])
    assert made.headers["cache-control"] == "private, no-store"
    listed = (await http.get(PATH, headers=STRONG)).json()
    assert {one["id"] for one in listed["items"]} == {OWN, "dukcapil-pelaporan"}
    one = f"{PATH}/dukcapil-pelaporan"
    until = (gateway.clock() + timedelta(days=30)).isoformat()
    secret = {"secret_until": until, "secret_reason": "its vendor knows no signatures"}
    rotated = await http.put(f"{one}/credentials", json=secret, headers=STRONG)
    assert rotated.json()["auth_method"] == "client_secret_basic"
    assert len(rotated.json()["secret"]) == 43
    assert (await http.get(one, headers=STRONG)).json()["secret"] is None
    ended = await http.put(f"{one}/expiry", json={"expires_at": gateway.clock().isoformat()}, headers=STRONG)
    assert ended.json()["state"] == "expired"
    gone = await http.delete(one, headers=STRONG)
    assert (gone.status_code, gone.content) == (204, b"")
    for answer in (made, gone):
        assert set(answer.headers["vary"].split(", ")) == {"Authorization", "Cookie", "Accept-Language", "Origin"}
        assert answer.headers["content-language"] == "id"
    assert (await http.get(one, headers=STRONG)).json()["state"] == "withdrawn"
    done = await deeds(gateway)
    assert [name for name, *_ in done] == ["registerClient", "rotateClient", "expireClient", "withdrawClient"]
    assert {deed[1:4] for deed in done} == {("account-operator", "2", "administration of dukcapil-pelaporan")}
    assert done[0][4] == made.headers["x-request-id"]


async def test_clients_are_managed_by_operators_with_a_second_factor_only(gateway):
    for method, path in (
        ("GET", PATH),
        ("POST", PATH),
        ("GET", f"{PATH}/x"),
        ("PUT", f"{PATH}/x/credentials"),
        ("PUT", f"{PATH}/x/expiry"),
        ("DELETE", f"{PATH}/x"),
    ):
        body = {"json": {}} if method in {"POST", "PUT"} else {}
        answers = {
            who: slug(await gateway.http.request(method, path, headers={"authorization": f"Bearer {who}"}, **body))
            for who in ("resident", "officer", "narrow", "operator", "nobody")
        }
        assert answers == {
            "resident": (403, "insufficient-scope"),
            "officer": (403, "insufficient-scope"),
            "narrow": (403, "insufficient-scope"),
            "operator": (401, "stronger-sign-in-needed"),
            "nobody": (401, "not-authenticated"),
        }, (method, path)
    assert await deeds(gateway) == []


async def test_d30_clients_are_changed_shortly_after_a_sign_in_only(gateway):
    old = {"authorization": "Bearer old"}
    http, one = gateway.http, f"{PATH}/{OWN}"
    expiry = {"expires_at": gateway.clock().isoformat()}
    for answer in (
        await http.post(PATH, json=machine(gateway), headers=old),
        await http.put(f"{one}/credentials", json={"jwks": keys()}, headers=old),
        await http.put(f"{one}/expiry", json=expiry, headers=old),
        await http.delete(one, headers=old),
    ):
        assert slug(answer) == (401, "recent-sign-in-needed")
        assert answer.headers["www-authenticate"].endswith('acr_values="2", max_age="600"')
    assert [one["id"] for one in (await http.get(PATH, headers=old)).json()["items"]] == [OWN]
    assert await deeds(gateway) == []


@pytest.mark.parametrize("client", ["%00", "a%00", "%C3%A9", "A"])
async def test_impossible_client_ids_are_refused_before_the_database_is_queried(gateway, client):
    for path in (f"{PATH}/{client}", f"/v1/me/consents/{client}", f"/v1/me/links/{client}"):
        answer = await gateway.http.delete(path, headers=STRONG)
        assert slug(answer) == (422, "invalid-request"), path
        assert [error["pointer"] for error in answer.json()["errors"]] == ["path:client_id"]


async def test_invalid_registrations_are_refused_and_change_nothing(gateway):
    http = gateway.http
    for said, expected in (
        (machine(gateway, scopes=["nonsense"]), (422, "invalid-request")),
        (machine(gateway, unknown=1), (422, "invalid-request")),
        (machine(gateway, id="../etc"), (422, "invalid-request")),
        (machine(gateway, agency="dinas-khayalan"), (422, "client-refused")),
        (machine(gateway, expires_at=gateway.clock().isoformat()), (422, "client-refused")),
        (machine(gateway, id=OWN), (422, "client-refused")),
    ):
        assert slug(await http.post(PATH, json=said, headers=STRONG)) == expected
    assert slug(await http.post(PATH, content=b"x=1", headers=STRONG)) == (415, "unsupported-media-type")
    assert slug(await http.get(f"{PATH}/nobody", headers=STRONG)) == (404, "not-found")
    assert slug(await http.delete(f"{PATH}/nobody", headers=STRONG)) == (404, "not-found")
    assert slug(await http.put(f"{PATH}/nobody/credentials", json={"jwks": keys()}, headers=STRONG)) == (
        404,
        "not-found",
    )
    assert slug(await http.put(f"{PATH}/{OWN}/credentials", json={"jwks": keys()}, headers=STRONG)) == (
        422,
        "client-refused",
    )
    assert slug(await http.delete(f"{PATH}/{OWN}", headers=STRONG)) == (422, "client-refused")
    assert await deeds(gateway) == []


async def test_a_private_key_is_refused_and_not_repeated(gateway):
    private = {"keys": [jwk.generate_key("EC", "P-256", {"kid": "one"}).as_dict(private=True)]}
    answer = await gateway.http.post(PATH, json=machine(gateway, credentials={"jwks": private}), headers=STRONG)
    assert slug(answer) == (422, "invalid-request")
    assert private["keys"][0]["d"] not in answer.text
