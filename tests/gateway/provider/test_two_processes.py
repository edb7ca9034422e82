"""Sixteen at once, at two gateway processes over one PostgreSQL database: of what is good once, one gets it."""

import pytest

from gateway.clock import now
from gateway.provider.device_grant import DEVICE_GRANT
from gateway.storage.engine import Database
from tests.gateway.devices import Device
from tests.gateway.provider.conftest import Application, Browser
from tests.gateway.provider.partners import Partner
from tests.gateway.two_gateways import ISSUER, two_gateways

pytestmark = [pytest.mark.anyio, pytest.mark.postgres, pytest.mark.xdist_group("two-gateways")]

SIXTEEN = 16
TOKEN = f"{ISSUER}/oauth2/token"
DEVICE = Device(now)


@pytest.fixture(scope="module")
def gateways(postgres_server, tmp_path_factory):
    with two_gateways(postgres_server, tmp_path_factory.mktemp("two")) as running:
        yield running


@pytest.fixture
def mobile():
    return Application("gerbang-mobile", "http://127.0.0.1:49152/callback")


@pytest.fixture
def web(gateways):
    secret = gateways.secrets["gerbang-web"]
    return Application("gerbang-web", "http://localhost:3000/callback", secret=secret)


def statuses(answers):
    return sorted(answer.status_code for answer in answers)


async def code_for(gateways, application):
    http, other = gateways.clients()
    async with http, other:
        landing = await Browser(http).sign_in(application, "resident", gateways.passwords["resident"])
    return landing.query["code"]


def proven():
    """What a public client must show in production, new for each request."""
    return {"headers": {"dpop": DEVICE.proof("POST", TOKEN)}}


async def test_b11_one_of_sixteen_redeems_a_code(gateways, mobile):
    code = await code_for(gateways, mobile)
    answers = await gateways.at_once(SIXTEEN, "/oauth2/token", each=proven, data=mobile.redemption(code))
    assert statuses(answers) == [200] + [400] * 15
    assert {answer.json()["error"] for answer in answers if answer.status_code == 400} == {"invalid_grant"}


async def test_c22_one_of_sixteen_shows_a_proof(gateways, mobile):
    codes = [await code_for(gateways, mobile) for _ in range(2)]
    forms = iter([mobile.redemption(code) for code in codes] * (SIXTEEN // 2))
    answers = await gateways.at_once(SIXTEEN, "/oauth2/token", each=lambda: {"data": next(forms)}, **proven())
    assert statuses(answers) == [200] + [400] * 15
    assert {answer.json()["error"] for answer in answers if answer.status_code == 400} == {"invalid_dpop_proof"}


async def test_b11_one_of_sixteen_redeems_a_device_code(gateways):
    http, other = gateways.clients()
    async with http, other:
        asked = {"client_id": "gerbang-kiosk", "scope": "openid profile.read"}
        device = (await other.post("/oauth2/device_authorization", data=asked)).json()
        browser = Browser(http)
        page = await browser.open("/oauth2/device")
        page = await browser.submit(page, username="resident", password=gateways.passwords["resident"])
        page = await browser.submit(page, user_code=device["user_code"])
        await browser.submit(page, decision="allow")
    form = {"grant_type": DEVICE_GRANT, "client_id": "gerbang-kiosk", "device_code": device["device_code"]}
    answers = await gateways.at_once(SIXTEEN, "/oauth2/token", each=proven, data=form)
    assert statuses(answers) == [200] + [400] * 15


async def test_b11_one_of_sixteen_gets_the_next_refresh_token(gateways, mobile):
    code = await code_for(gateways, mobile)
    http, other = gateways.clients()
    async with http, other:
        body = (await http.post("/oauth2/token", data=mobile.redemption(code), **proven())).json()
    form = {"grant_type": "refresh_token", "client_id": "gerbang-mobile", "refresh_token": body["refresh_token"]}
    answers = await gateways.at_once(SIXTEEN, "/oauth2/token", each=proven, data=form)
    assert statuses(answers) == [200] + [400] * 15


async def test_a05_one_of_sixteen_answers_a_pushed_request(gateways, web):
    http, other = gateways.clients()
    async with http, other:
        browser = Browser(http)
        page = await browser.begin(web, prompt="consent")
        page = await browser.submit(page, username="resident", password=gateways.passwords["resident"])
        action, form = page.form(decision="allow")
        cookies = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
    headers = {"origin": ISSUER, "cookie": cookies}
    answers = await gateways.at_once(SIXTEEN, action, data=form, headers=headers)
    assert statuses(answers) == [303] + [400] * 15
    assert sum("code=" in answer.headers.get("location", "") for answer in answers) == 1


async def test_c21_one_of_sixteen_uses_an_assertion(gateways):
    partner = Partner("partner", now)
    database = Database(gateways.database_url)
    async with database.session() as session:
        session.add(partner.row())
    await database.aclose()
    form = {"grant_type": "client_credentials", **partner.proof()}
    answers = await gateways.at_once(SIXTEEN, "/oauth2/token", data=form)
    assert statuses(answers) == [200] + [401] * 15


async def test_a_key_that_one_process_has_made_is_known_to_the_other(gateways, mobile):
    http, other = gateways.clients()
    async with http, other:
        form = mobile.redemption(await code_for(gateways, mobile))
        body = (await http.post("/oauth2/token", data=form, **proven())).json()
        headers = DEVICE.headers("GET", f"{ISSUER}/oauth2/userinfo", body["access_token"])
        assert (await other.get("/oauth2/userinfo", headers=headers)).json()["roles"] == ["resident"]
        assert (await http.get("/oauth2/userinfo", headers=headers)).status_code == 401, "one proof, one process"
