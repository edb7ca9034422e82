"""Agencies' applications: they are told who has come through the gate, and hold no cookie and no token of ours."""

import asyncio
import json
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import text

from gateway.authentication.jose import read_keys, read_token, verify
from gateway.oidc.clients.admin import ClientAdministration, ClientError
from gateway.oidc.clients.legacy_apps import AppAdministration, AppRegistration
from gateway.policy.access_log.actions import COMMAND_LINE
from tests.gateway.oidc.conftest import ISSUER, Browser, Landing
from tests.gateway.oidc.people import with_app

pytestmark = pytest.mark.anyio

ORIGIN = "https://kelurahan.example"
TICKETS = "https://rapat.example/masuk?dari=gerbang"
ABOUT = {
    "title_id": "Kelurahan lama",
    "title_en": "The old ward application",
    "owner": "Bagian Tata Pemerintahan",
    "agency": "tata-pemerintahan",
    "purpose": "Surat-surat kelurahan",
}


def administration(house):
    return ClientAdministration(house.database, house.sealer, house.clock, {ABOUT["agency"]}, house.settings.audience)


async def register(house, **said):
    apps = AppAdministration(administration(house), house.clock, ISSUER)
    return (await apps.add(COMMAND_LINE, AppRegistration(**ABOUT, **said))).secret


async def by_ticket(house, app="rapat", **said):
    until = house.clock().replace(microsecond=0)
    credentials = {"secret_until": until.replace(year=until.year + 1), "secret_reason": "tidak dapat memegang kunci"}
    return await register(house, id=app, ticket_uri=TICKETS, credentials=credentials, **said)


class Behind:
    """A browser at the application's own host: its proxy leads `/_gerbang/` to us, and asks us before each request."""

    def __init__(self, house, app="kelurahan"):
        self.app = app
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(house.app), base_url=ORIGIN)

    async def login(self, **parameters):
        return await self.http.get(f"/auth/apps/{self.app}/login", params=parameters)

    async def callback(self, location):
        assert location.startswith(f"{ORIGIN}/_gerbang/callback?")
        return await self.http.get(f"/auth/apps/{self.app}/callback?{urlsplit(location).query}")

    async def check(self, app=None, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.get(f"/auth/apps/{app or self.app}/check", headers=named)


async def through(house, browser, address, account="resident"):
    """From an address of ours to where the provider sends the browser away."""
    page = await browser.open(address)
    if isinstance(page, Landing):
        return page.location
    if page.has_form("username", "password"):
        page = await browser.submit(page, username=account, password=house.password(account))
    if isinstance(page, Landing):
        return page.location
    return (await browser.submit(page, decision="allow")).location


async def enter(house, browser, behind, **parameters):
    answer = await behind.login(**parameters)
    assert answer.headers["location"].startswith(f"{ISSUER}/oauth2/consent?")
    location = await through(house, browser, answer.headers["location"].removeprefix(ISSUER))
    return await behind.callback(location)


async def identity_of(house, http, answer, app="kelurahan"):
    token = answer.headers["gerbang-identity"]
    keys = read_keys((await http.get("/oauth2/jwks")).content)
    key = keys[read_token(token).header["kid"]]
    claims = verify(token, key, algorithms={"ES256"}, types={"gerbang-identity+jwt"})
    assert (claims["iss"], claims["aud"]) == (ISSUER, app)
    assert claims["exp"] - claims["iat"] == 60
    return claims


async def test_w2_the_proxy_is_told_who_is_signed_in(house, http, browser):
    await register(house, id="kelurahan", origin=ORIGIN)
    behind = Behind(house)
    assert (await behind.check()).status_code == 401
    answer = await enter(house, browser, behind, return_to="/surat?no=7")
    assert (answer.status_code, answer.headers["location"]) == (303, "/surat?no=7")
    cookie = next(line for line in answer.headers.get_list("set-cookie") if "gerbang-app-kelurahan" in line)
    assert cookie.startswith("__Host-")
    assert "HttpOnly" in cookie
    passed = await behind.check()
    assert passed.status_code == 200
    claims = await identity_of(house, http, passed)
    assert claims["name"]
    assert claims["roles"] == ["resident"]
    assert passed.headers["remote-user"] == claims["sub"]
    assert "6371994502900011" not in json.dumps(claims)


async def test_w2_the_identity_is_no_token_for_the_api(house, http, browser):
    await register(house, id="kelurahan", origin=ORIGIN)
    behind = Behind(house)
    await enter(house, browser, behind)
    token = (await behind.check()).headers["gerbang-identity"]
    refused = await http.get("/oauth2/userinfo", headers={"authorization": f"Bearer {token}"})
    assert refused.status_code == 401


async def test_w2_a_session_of_one_application_is_worth_nothing_at_another_or_at_the_api(house, http, browser):
    await register(house, id="kelurahan", origin=ORIGIN)
    await register(house, id="pajak", origin="https://pajak.example")
    behind = Behind(house)
    await enter(house, browser, behind)
    value = behind.http.cookies["__Host-gerbang-app-kelurahan"]
    behind.http.cookies.set("__Host-gerbang-app-pajak", value, domain="kelurahan.example")
    assert (await behind.check("pajak")).status_code == 401
    http.cookies.set("gerbang-session", value)
    assert (await http.get("/auth/session")).json() == {"signed_in": False}


async def test_w2_a_weaker_sign_in_than_the_application_takes_is_none(house, http, browser):
    await register(house, id="kelurahan", origin=ORIGIN, acr=2)
    await with_app(house)
    behind = Behind(house)
    answer = await behind.login()
    page = await browser.open(answer.headers["location"].removeprefix(ISSUER))
    page = await browser.submit(page, username="resident", password=house.password("resident"))
    assert page.has_form("code")
    page = await browser.submit(page, code=house.code_of_app("resident"))
    landing = await browser.submit(page, decision="allow")
    await behind.callback(landing.location)
    assert (await identity_of(house, http, await behind.check()))["acr"] == "2"
    async with house.database.session() as session:
        await session.execute(text("UPDATE grants SET acr = 1"))
    assert (await behind.check()).status_code == 401


async def test_w2_signing_out_and_withdrawing_end_it_at_once(house, http, browser):
    await register(house, id="kelurahan", origin=ORIGIN)
    behind = Behind(house)
    await enter(house, browser, behind)
    elsewhere = {"origin": "https://elsewhere.example"}
    assert (await behind.http.post("/auth/apps/kelurahan/logout", headers=elsewhere)).status_code == 403
    assert (await behind.check()).status_code == 200
    assert (await behind.http.post("/auth/apps/kelurahan/logout", headers={"origin": ORIGIN})).status_code == 303
    assert (await behind.check()).status_code == 401
    await enter(house, browser, behind)
    assert (await behind.check()).status_code == 200
    await administration(house).withdraw(COMMAND_LINE, "kelurahan")
    assert (await behind.check()).status_code == 401
    assert (await behind.login()).status_code == 404


async def test_w2_proxies_that_hand_on_our_answer_get_a_way_to_the_sign_in(house, http):
    await register(house, id="kelurahan", origin=ORIGIN)
    behind = Behind(house)
    answer = await behind.http.get(
        "/auth/apps/kelurahan/check", params={"redirect": "1"}, headers={"x-forwarded-uri": "/surat?no=7"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/_gerbang/login?return_to=%2Fsurat%3Fno%3D7")


async def test_w3_a_ticket_is_redeemed_by_its_application_once(house, http, browser):
    secret = await by_ticket(house)
    location = await arrive(house, http, browser, "/auth/apps/rapat/open?return_to=/agenda")
    assert location.startswith(TICKETS + "&")
    brought = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    assert brought["return_to"] == "/agenda"
    auth = httpx.BasicAuth("rapat", secret)
    answer = await http.post("/oauth2/ticket", data={"ticket": brought["ticket"]}, auth=auth)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert (told["iss"], told["aud"], told["roles"]) == (ISSUER, "rapat", ["resident"])
    again = await http.post("/oauth2/ticket", data={"ticket": brought["ticket"]}, auth=auth)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    async with house.database.session() as session:
        rows = (await session.execute(text("SELECT * FROM login_tickets"))).all()
    assert brought["ticket"] not in str(rows)


async def arrive(house, http, browser, address):
    """Open an application, and come to where its ticket is brought."""
    landed = await through(house, browser, address)
    assert landed.startswith(f"{ISSUER}/auth/apps/rapat/callback?")
    return (await http.get(landed.removeprefix(ISSUER))).headers["location"]


async def ticket_for(house, http, browser):
    location = await arrive(house, http, browser, "/auth/apps/rapat/open")
    return parse_qs(urlsplit(location).query)["ticket"][0]


async def test_w3_a_ticket_is_for_one_application_and_one_minute(house, http, browser):
    secret = await by_ticket(house)
    other = await by_ticket(house, "taman")
    ticket = await ticket_for(house, http, browser)
    stolen = await http.post("/oauth2/ticket", data={"ticket": ticket}, auth=httpx.BasicAuth("taman", other))
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    nobody = await http.post("/oauth2/ticket", data={"ticket": ticket})
    assert nobody.status_code == 401
    house.clock.forward(seconds=61)
    late = await http.post("/oauth2/ticket", data={"ticket": ticket}, auth=httpx.BasicAuth("rapat", secret))
    assert (late.status_code, late.json()["error"]) == (400, "invalid_grant")


async def test_w3_somebody_who_refuses_brings_no_ticket(house, http, browser):
    await by_ticket(house)
    page = await browser.open("/auth/apps/rapat/open")
    page = await browser.submit(page, username="resident", password=house.password("resident"))
    landing = await browser.submit(page, decision="deny")
    answer = await http.get(landing.location)
    assert answer.headers["location"] == f"{TICKETS}&sign_in=access_denied"


async def test_b11_sixteen_parallel_redemptions_of_a_ticket_give_one_success(either_house):
    house = either_house
    secret = await by_ticket(house)
    async with house.http() as http:
        ticket = await ticket_for(house, http, Browser(http))
        auth = httpx.BasicAuth("rapat", secret)
        answers = await asyncio.gather(
            *(http.post("/oauth2/ticket", data={"ticket": ticket}, auth=auth) for _ in range(16))
        )
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 15


async def test_an_application_gets_nothing_at_the_token_endpoint(house, http, browser):
    secret = await by_ticket(house)
    landed = await through(house, browser, "/auth/apps/rapat/open")
    code = parse_qs(urlsplit(landed).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": f"{ISSUER}/auth/apps/rapat/callback"}
    answer = await http.post("/oauth2/token", data=form, auth=httpx.BasicAuth("rapat", secret))
    assert answer.status_code in {400, 401}
    assert "access_token" not in answer.json()


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"origin": ORIGIN, "ticket_uri": TICKETS},
        {"origin": ORIGIN + "/path"},
        {"origin": "http://kelurahan.example"},
        {"origin": "https://user@kelurahan.example"},
        {"origin": ORIGIN, "scopes": ("openid", "identity.nik")},
        {"origin": ORIGIN, "scopes": ("profile.read",)},
        {"origin": ORIGIN, "acr": 3},
        {"ticket_uri": TICKETS},
        {"origin": ORIGIN, "id": "Kelurahan"},
        {"origin": ORIGIN, "else": 1},
    ],
)
def test_what_cannot_be_registered(wrong):
    with pytest.raises(ValueError, match="validation error"):
        AppRegistration(**ABOUT, **{"id": "kelurahan", **wrong})


async def test_no_two_applications_of_one_name_or_address(house):
    await register(house, id="kelurahan", origin=ORIGIN)
    with pytest.raises(ClientError):
        await register(house, id="kelurahan", origin="https://other.example")
    with pytest.raises(ClientError):
        await register(house, id="other", origin=ORIGIN)
    async with house.database.session() as session:
        entries = (await session.execute(text("SELECT operation FROM access_entries"))).scalars().all()
    assert entries == ["registerApp"]


async def test_an_application_that_does_not_exist_is_a_page(http):
    for path in ("login", "open", "callback"):
        assert (await http.get(f"/auth/apps/none/{path}")).status_code == 404
    assert (await http.get("/auth/apps/none/check")).status_code == 401
