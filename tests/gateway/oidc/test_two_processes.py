"""Sixteen at once, at two gateway processes over one database: of what is good once, one gets it.

On PostgreSQL; in the long form also on a SQLite file that both processes have open.
"""

import httpx
import pytest

from gateway.ground.clock import now
from gateway.oidc.grants.device_grant import DEVICE_GRANT
from gateway.oidc.provider import Provider
from gateway.storage.engine import Database
from tests.gateway.devices import Device
from tests.gateway.oidc.conftest import Application, Browser, House, Page
from tests.gateway.oidc.partners import Partner
from tests.gateway.oidc.people import options_of, with_app, with_passkey
from tests.gateway.oidc.test_app_gate import by_ticket, ticket_for
from tests.gateway.two_gateways import ISSUER, on_postgres, two_gateways

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("two-gateways"), pytest.mark.processes]

SIXTEEN = 16
TOKEN = f"{ISSUER}/oauth2/token"
DEVICE = Device(now)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("postgres", marks=pytest.mark.postgres),
        pytest.param("sqlite", marks=pytest.mark.long),
    ],
)
def gateways(request, tmp_path_factory):
    home = tmp_path_factory.mktemp("two")
    if request.param == "sqlite":
        with two_gateways(f"sqlite:///{home / 'gerbang.db'}", home) as running:
            yield running
        return
    with on_postgres(request.getfixturevalue("postgres_server")) as url, two_gateways(url, home) as running:
        yield running


@pytest.fixture
async def house(gateways, anyio_backend):
    """What both processes share, seen from here: to open what a test needs, never to answer a request."""
    database = Database(gateways.settings.database)
    provider = Provider(database, gateways.sealer, gateways.settings)
    yield House(gateways.settings, now, database, gateways.sealer, provider, None, gateways.access, None)
    await provider.aclose()
    await database.aclose()


@pytest.fixture
def mobile():
    return Application("gerbang-mobile", "http://127.0.0.1:49152/callback")


@pytest.fixture
def web(gateways):
    secret = gateways.secrets["gerbang-web"]
    return Application("gerbang-web", "http://localhost:3000/callback", secret=secret)


def statuses(answers):
    return sorted(answer.status_code for answer in answers)


def cookies_of(http):
    return "; ".join(f"{name}={value}" for name, value in http.cookies.items())


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
    [next_one] = [answer.json() for answer in answers if answer.status_code == 200]
    async with gateways.clients()[1] as other:
        late = await other.post("/oauth2/token", data={**form, "refresh_token": next_one["refresh_token"]}, **proven())
        assert (late.status_code, late.json()["error"]) == (400, "invalid_grant"), "fifteen reuses end the family"
        headers = DEVICE.headers("GET", f"{ISSUER}/oauth2/userinfo", next_one["access_token"])
        assert (await other.get("/oauth2/userinfo", headers=headers)).status_code == 401


async def test_b11_one_of_sixteen_redeems_a_login_ticket(gateways, house):
    secret = await by_ticket(house)
    async with gateways.clients()[0] as http:
        ticket = await ticket_for(house, http, Browser(http))
    auth = httpx.BasicAuth("rapat", secret)
    answers = await gateways.at_once(SIXTEEN, "/oauth2/ticket", data={"ticket": ticket}, auth=auth)
    assert statuses(answers) == [200] + [400] * 15
    assert {answer.json()["error"] for answer in answers if answer.status_code == 400} == {"invalid_grant"}


async def test_b11_one_of_sixteen_comes_back_to_our_pages(gateways):
    async with gateways.clients()[0] as http:
        browser = Browser(http)
        page = await browser.open("/auth/login")
        page = await browser.submit(page, username="resident", password=gateways.passwords["resident"])
        landing = page if not isinstance(page, Page) else await browser.submit(page, decision="allow")
        headers = {"cookie": cookies_of(http)}
    path = landing.location.removeprefix(ISSUER)
    answers = await gateways.at_once(SIXTEEN, path, method="GET", headers=headers)
    assert statuses(answers) == [303] + [400] * 15


async def test_f47_one_of_sixteen_sessions_is_raised_by_a_code(gateways, house, web):
    await with_app(house, "resident-renamed")
    code = house.code_of_app("resident-renamed")
    assert await raised_by(gateways, web, "resident-renamed", code=code) == 1


async def test_f47_one_of_sixteen_sessions_is_raised_by_a_recovery_code(gateways, house, web):
    account = await with_app(house, "resident-damaged")
    [code, *_] = await house.provider.deps.accounts.factors.recovery_codes.renew(account.id)
    assert await raised_by(gateways, web, "resident-damaged", code=code, **{"with": "recovery"}) == 1


async def raised_by(gateways, web, account, **filled):
    """How many of sixteen sessions of an account are raised by the same code at once."""
    forms = []
    for number in range(SIXTEEN):
        async with gateways.clients()[number % 2] as http:
            browser = Browser(http)
            page = await browser.submit(
                await browser.begin(web), username=account, password=gateways.passwords[account]
            )
            path, form = page.form(**filled)
            forms.append({"data": form, "headers": {"origin": ISSUER, "cookie": cookies_of(http)}})
    each = iter(forms)
    answers = await gateways.at_once(SIXTEEN, path, each=lambda: next(each))
    assert {answer.status_code for answer in answers} <= {303, 400, 429}
    return sum(answer.status_code == 303 for answer in answers)


async def test_f47_one_of_sixteen_answers_of_a_passkey_is_heard(gateways, house, web):
    device = await with_passkey(house, "developer", verifies=False)
    async with gateways.clients()[0] as http:
        browser = Browser(http)
        page = await browser.submit(
            await browser.begin(web), username="developer", password=gateways.passwords["developer"]
        )
        path, form = page.form(credential=device.get(options_of(page)))
        headers = {"origin": ISSUER, "cookie": cookies_of(http)}
    answers = await gateways.at_once(SIXTEEN, path, data=form, headers=headers)
    assert all(answer.status_code in {303, 400} for answer in answers)
    assert sum(answer.headers.get("location", "").startswith("/oauth2/consent?") for answer in answers) == 1


async def test_a05_one_of_sixteen_answers_a_pushed_request(gateways, web):
    http, other = gateways.clients()
    async with http, other:
        browser = Browser(http)
        page = await browser.begin(web, prompt="consent")
        page = await browser.submit(page, username="resident", password=gateways.passwords["resident"])
        action, form = page.form(decision="allow")
        headers = {"origin": ISSUER, "cookie": cookies_of(http)}
    answers = await gateways.at_once(SIXTEEN, action, data=form, headers=headers)
    assert statuses(answers) == [303] + [400] * 15
    assert sum("code=" in answer.headers.get("location", "") for answer in answers) == 1


async def test_c21_one_of_sixteen_uses_an_assertion(gateways, house):
    partner = Partner("partner", now)
    async with house.database.session() as session:
        session.add(partner.row())
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
