"""Sixteen at once, at two gateway processes over one PostgreSQL database: of what is good once, one gets it."""

import pytest

from gateway.clock import now
from gateway.storage.engine import Database
from tests.gateway.provider.conftest import Application, Browser
from tests.gateway.provider.partners import Partner
from tests.gateway.two_gateways import ISSUER, two_gateways

pytestmark = [pytest.mark.anyio, pytest.mark.postgres, pytest.mark.xdist_group("two-gateways")]

SIXTEEN = 16


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


async def test_b11_one_of_sixteen_redeems_a_code(gateways, mobile):
    code = await code_for(gateways, mobile)
    answers = await gateways.at_once(SIXTEEN, "/oauth2/token", data=mobile.redemption(code))
    assert statuses(answers) == [200] + [400] * 15


async def test_b11_one_of_sixteen_gets_the_next_refresh_token(gateways, mobile):
    code = await code_for(gateways, mobile)
    http, other = gateways.clients()
    async with http, other:
        body = (await mobile.redeem(http, code)).json()
    form = {"grant_type": "refresh_token", "client_id": "gerbang-mobile", "refresh_token": body["refresh_token"]}
    answers = await gateways.at_once(SIXTEEN, "/oauth2/token", data=form)
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
        body = (await mobile.redeem(http, await code_for(gateways, mobile))).json()
        bearer = {"authorization": f"Bearer {body['access_token']}"}
        assert (await other.get("/oauth2/userinfo", headers=bearer)).json()["roles"] == ["resident"]
