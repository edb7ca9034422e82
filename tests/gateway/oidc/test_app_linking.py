"""Accounts elsewhere are linked with proof of both, each to one, and by nothing that only looks alike."""

import asyncio

import httpx
import pytest
from sqlalchemy import select, text

from gateway.oidc.clients.admin import ClientAdministration
from gateway.oidc.clients.registration import Registration
from gateway.policy.access_log.actions import COMMAND_LINE
from gateway.storage.tables.accounts import AccountRow

pytestmark = pytest.mark.anyio

LOCAL = "galuh88"


async def register(house, client_id="aplikasi"):
    until = house.clock().replace(microsecond=0)
    said = Registration.model_validate(
        {
            "id": client_id,
            "title_id": "Aplikasi",
            "title_en": "An application",
            "owner": "Bagian Umum",
            "agency": "bagian-umum",
            "purpose": "Contoh akun terhubung",
            "grant_types": ["authorization_code"],
            "scopes": ["openid", "profile.read"],
            "redirect_uris": [f"https://{client_id}.example/callback"],
            "credentials": {"secret_until": until.replace(year=until.year + 1), "secret_reason": "hanya untuk uji ini"},
        }
    )
    clients = ClientAdministration(house.database, house.sealer, house.clock, {"bagian-umum"}, house.settings.audience)
    return (await clients.add(COMMAND_LINE, said)).secret


async def account_of(house, username):
    async with house.database.session() as session:
        return (await session.scalars(select(AccountRow.id).where(AccountRow.username == username))).one()


def links(house):
    return house.provider.deps.accounts.links


async def enter(http, secret, code, account=LOCAL, client_id="aplikasi"):
    form = {"code": code, "account": account}
    return await http.post("/oauth2/link", data=form, auth=httpx.BasicAuth(client_id, secret))


async def test_both_sides_make_a_link_and_one_code_makes_one(house, http):
    secret = await register(house)
    mine = await account_of(house, "resident")
    code, until = await links(house).begin(mine, "aplikasi")
    assert (until - house.clock()).total_seconds() == 300
    answer = await enter(http, secret, code.lower().replace("-", " "))
    assert (answer.status_code, answer.json()) == (200, {"linked": True})
    assert (await enter(http, secret, code)).json()["error"] == "invalid_grant"
    assert [(one.client_id, one.local) for one in await links(house).of(mine)] == [("aplikasi", LOCAL)]
    async with house.database.session() as session:
        rows = (await session.execute(text("SELECT * FROM account_links"))).all()
    assert LOCAL not in str(rows)
    assert await links(house).remove(mine, "aplikasi")
    assert not await links(house).remove(mine, "aplikasi")
    assert await links(house).of(mine) == []


async def test_a_code_is_for_one_application_and_five_minutes(house, http):
    secret, other = await register(house), await register(house, "lain")
    mine = await account_of(house, "resident")
    code, _ = await links(house).begin(mine, "aplikasi")
    assert (await enter(http, other, code, client_id="lain")).status_code == 400
    code, _ = await links(house).begin(mine, "aplikasi")
    house.clock.forward(minutes=5, seconds=1)
    assert (await enter(http, secret, code)).status_code == 400
    first, _ = await links(house).begin(mine, "aplikasi")
    second, _ = await links(house).begin(mine, "aplikasi")
    assert (await enter(http, secret, first)).status_code == 400, "a new code makes the old one void"
    assert (await enter(http, secret, second)).status_code == 200


async def test_an_account_there_is_one_persons(house, http):
    secret = await register(house)
    mine, theirs = await account_of(house, "resident"), await account_of(house, "resident-renamed")
    code, _ = await links(house).begin(mine, "aplikasi")
    await enter(http, secret, code)
    code, _ = await links(house).begin(theirs, "aplikasi")
    assert (await enter(http, secret, code)).json()["error"] == "invalid_grant"
    assert (await enter(http, secret, code, account="lain")).status_code == 200, "the refusal did not use the code up"
    assert await links(house).local(mine, "aplikasi") == LOCAL


async def test_who_cannot_prove_itself_links_nothing(house, http):
    await register(house)
    mine = await account_of(house, "resident")
    code, _ = await links(house).begin(mine, "aplikasi")
    for auth in (None, httpx.BasicAuth("aplikasi", "wrong")):
        answer = await http.post("/oauth2/link", data={"code": code, "account": LOCAL}, auth=auth)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    public = await http.post("/oauth2/link", data={"code": code, "account": LOCAL, "client_id": "gerbang-mobile"})
    assert public.status_code == 401
    assert await links(house).begin(mine, "gerbang-mobile") is None
    assert await links(house).begin(mine, "none") is None


@pytest.mark.parametrize("form", [{"code": "X"}, {"account": "x"}, {"code": "X", "account": "x" * 129}, {}])
async def test_what_is_missing_is_said(house, http, form):
    secret = await register(house)
    answer = await http.post("/oauth2/link", data=form, auth=httpx.BasicAuth("aplikasi", secret))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_sixteen_parallel_uses_of_a_code_make_one_link(house, http):
    secret = await register(house)
    mine = await account_of(house, "resident")
    code, _ = await links(house).begin(mine, "aplikasi")
    answers = await asyncio.gather(*(enter(http, secret, code, account=f"akun-{n}") for n in range(16)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 15
