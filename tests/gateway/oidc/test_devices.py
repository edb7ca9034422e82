"""Devices without a browser (RFC 8628): their codes, the page where somebody decides, and their polling."""

import asyncio

import pytest
from sqlalchemy import func, select, update

from gateway.authentication.errors import NotAuthenticatedError
from gateway.oidc.grants.device_codes import new_user_code, normalise_user_code
from gateway.storage.tables.clients import ClientRow, ConsentRow
from gateway.storage.tables.devices import DeviceRequestRow
from gateway.storage.tables.factors import GuessCountRow
from gateway.storage.tables.grants import GrantRow
from tests.gateway.devices import Device
from tests.gateway.oidc.conftest import ISSUER, Browser

pytestmark = pytest.mark.anyio

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
KIOSK = "gerbang-kiosk"


async def begin(http, **changes):
    form = {"client_id": KIOSK, "scope": "openid profile.read", **changes}
    return await http.post("/oauth2/device_authorization", data={n: v for n, v in form.items() if v is not None})


async def poll(http, device_code, client_id=KIOSK, **headers):
    form = {"grant_type": GRANT, "device_code": device_code, "client_id": client_id}
    return await http.post("/oauth2/token", data=form, headers=headers)


def error(response):
    return response.status_code, response.json()["error"]


async def to_code_page(house, browser, address="/oauth2/device", account="resident"):
    page = await browser.open(address)
    assert page.has_form("username", "password"), page.response.text
    page = await browser.submit(page, username=account, password=house.password(account))
    assert page.has_form("user_code"), page.response.text
    return page


async def decide(house, http, user_code, decision="allow", account="resident"):
    browser = Browser(http)
    page = await to_code_page(house, browser, account=account)
    page = await browser.submit(page, user_code=user_code)
    return await browser.submit(page, decision=decision)


async def test_a_kiosk_gets_tokens_once_somebody_has_allowed_it(house, http):
    answer = await begin(http)
    body = answer.json()
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    code = body["user_code"]
    assert body["verification_uri"] == f"{ISSUER}/oauth2/device"
    assert body["verification_uri_complete"] == f"{ISSUER}/oauth2/device?user_code={code}"
    assert (body["expires_in"], body["interval"]) == (600, 5)
    assert error(await poll(http, body["device_code"])) == (400, "authorization_pending")
    browser = Browser(http)
    page = await to_code_page(house, browser)
    page = await browser.submit(page, user_code=f" {code.lower().replace('-', ' ')} ")
    text = page.tree.body.text()
    assert page.heading == "Allow this device?"
    assert code in text
    assert "Go on only if you are standing in front of that device yourself" in text
    assert "Service kiosk" in text
    assert "See what the city's agencies have on record about you" in text
    done = await browser.submit(page, decision="allow")
    assert "The device is connected" in done.tree.body.text()
    house.clock.forward(seconds=6)
    tokens = await poll(http, body["device_code"])
    assert tokens.status_code == 200, tokens.text
    assert tokens.json()["scope"] == "openid profile.read"
    assert {"access_token", "id_token"} <= tokens.json().keys()
    assert "refresh_token" not in tokens.json(), "nobody stays signed in at a kiosk"
    assert await house.authenticator()(f"Bearer {tokens.json()['access_token']}")
    async with house.database.session() as session:
        scopes = (await session.scalars(select(ConsentRow.scope).where(ConsentRow.client_id == KIOSK))).all()
    assert set(scopes) == {"openid", "profile.read"}


async def test_a_link_with_the_code_survives_the_sign_in_and_still_asks(house, http, browser):
    body = (await begin(http)).json()
    page = await to_code_page(house, browser, body["verification_uri_complete"].removeprefix(ISSUER))
    assert page.tree.css_first("[name=user_code]").attributes["value"] == body["user_code"]
    page = await browser.open(page.tree.css_first("a.switch").attributes["href"])
    assert page.language == "id"
    assert page.tree.css_first("[name=user_code]").attributes["value"] == body["user_code"]
    page = await browser.submit(page, user_code=body["user_code"])
    assert page.has_form("decision")
    assert error(await poll(http, body["device_code"])) == (400, "authorization_pending")


@pytest.mark.parametrize(
    ("language", "says"), [("id", "berdiri di depan perangkat"), ("en", "standing in front of that")]
)
async def test_the_pages_speak_both_languages_and_warn_of_remote_phishing(house, http, language, says):
    body = (await begin(http)).json()
    browser = Browser(http, **{"accept-language": language})
    page = await to_code_page(house, browser)
    assert page.language == language
    page = await browser.submit(page, user_code=body["user_code"])
    assert page.language == language
    assert says in page.tree.css_first("[role=alert]").text()
    policy = page.response.headers["content-security-policy"]
    assert "script" not in policy
    assert "frame-ancestors 'none'" in policy
    assert not page.tree.css("script")


async def test_refused_is_refused(house, http):
    body = (await begin(http)).json()
    done = await decide(house, http, body["user_code"], "deny")
    assert "The device gets nothing" in done.tree.body.text()
    assert error(await poll(http, body["device_code"])) == (400, "access_denied")
    assert (await decide_page(house, http, body["user_code"])).status == 400
    async with house.database.session() as session:
        assert await session.scalar(select(func.count()).select_from(GrantRow)) == 0


async def decide_page(house, http, user_code):
    """What is shown for a code, before any decision."""
    browser = Browser(http)
    return await browser.submit(await browser.open("/oauth2/device"), user_code=user_code)


async def test_polling_too_soon_slows_down_each_time(house, http):
    code = (await begin(http)).json()["device_code"]
    assert error(await poll(http, code)) == (400, "authorization_pending")
    house.clock.forward(seconds=4)
    assert error(await poll(http, code)) == (400, "slow_down")
    house.clock.forward(seconds=9)
    assert error(await poll(http, code)) == (400, "slow_down")
    house.clock.forward(seconds=15)
    assert error(await poll(http, code)) == (400, "authorization_pending")
    house.clock.forward(seconds=14)
    assert error(await poll(http, code)) == (400, "slow_down")


async def test_codes_run_out(house, http):
    waiting, allowed = (await begin(http)).json(), (await begin(http)).json()
    await decide(house, http, allowed["user_code"])
    house.clock.forward(minutes=10)
    assert error(await poll(http, waiting["device_code"])) == (400, "expired_token")
    assert error(await poll(http, allowed["device_code"])) == (400, "expired_token")
    assert (await decide_page(house, http, waiting["user_code"])).status == 400
    house.clock.forward(days=1, minutes=1)
    await house.provider.start()
    async with house.database.session() as session:
        assert await session.scalar(select(func.count()).select_from(DeviceRequestRow)) == 0


async def test_a_device_code_is_for_one_client_and_good_once(house, http):
    body = (await begin(http)).json()
    await decide(house, http, body["user_code"])
    async with house.database.session() as session:
        await session.execute(
            update(ClientRow).where(ClientRow.id == "gerbang-mobile").values(grant_types=[GRANT, "refresh_token"])
        )
    assert error(await poll(http, body["device_code"], "gerbang-mobile")) == (400, "invalid_grant")
    assert error(await poll(http, "unknown")) == (400, "invalid_grant")
    assert error(await poll(http, None)) == (400, "invalid_request")
    token = (await poll(http, body["device_code"])).json()["access_token"]
    assert await house.authenticator()(f"Bearer {token}")
    # A second use ends what the first one got.
    assert error(await poll(http, body["device_code"])) == (400, "invalid_grant")
    with pytest.raises(NotAuthenticatedError):
        await house.authenticator()(f"Bearer {token}")


async def test_b11_sixteen_at_once_redeem_a_device_code_and_one_succeeds(either_house):
    async with either_house.http() as http:
        body = (await begin(http)).json()
        await decide(either_house, http, body["user_code"])
        answers = await asyncio.gather(*(poll(http, body["device_code"]) for _ in range(16)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 15
    assert {answer.json()["error"] for answer in answers if answer.status_code == 400} == {"invalid_grant"}


async def test_sixteen_decisions_at_once_make_one_grant_that_stands(either_house):
    async with either_house.http() as http:
        body = (await begin(http)).json()
        browser = Browser(http)
        page = await to_code_page(either_house, browser)
        page = await browser.submit(page, user_code=body["user_code"])
        async with either_house.database.session() as session:
            await session.execute(update(GuessCountRow).values(count=-20))
        await asyncio.gather(*(browser.submit(page, decision=("deny", "allow")[n % 2]) for n in range(16)))
        answer = await poll(http, body["device_code"])
    async with either_house.database.session() as session:
        standing = (await session.scalars(select(GrantRow.id).where(GrantRow.revoked_at.is_(None)))).all()
        row = await session.scalar(select(DeviceRequestRow))
    assert (row.grant_id is None) != (row.denied_at is None)
    assert standing == ([row.grant_id] if row.grant_id else [])
    assert answer.status_code == 200 if row.grant_id else error(answer) == (400, "access_denied")


async def test_guesses_at_codes_are_counted_and_own_codes_buy_none(house, http, browser):
    body = (await begin(http)).json()
    page = await to_code_page(house, browser)
    for number in range(9):
        wrong = await browser.submit(page, user_code=new_user_code() if number % 3 else body["user_code"])
        assert wrong.status == (400 if number % 3 else 200)
    assert (await browser.submit(page, user_code=new_user_code())).status == 400
    full = await browser.submit(page, user_code=body["user_code"])
    assert full.status == 429
    assert int(full.response.headers["retry-after"]) > 0
    house.clock.forward(minutes=15)
    assert (await browser.submit(page, user_code="BBBB-BBBB")).status == 400


async def test_only_devices_begin_and_only_with_what_they_may(house, http):
    assert error(await begin(http, client_id="gerbang-mobile")) == (400, "unauthorized_client")
    assert error(await begin(http, client_id="nobody")) == (401, "invalid_client")
    assert error(await begin(http, scope="openid identity.nik")) == (400, "invalid_scope")
    assert error(await begin(http, scope=None)) == (400, "invalid_scope")
    assert error(await poll(http, "x", "gerbang-mobile")) == (400, "unauthorized_client")


async def test_j65_a_device_says_by_which_law_it_receives_the_nik(house, http, browser):
    async with house.database.session() as session:
        scopes, basis = ["openid", "identity.nik"], "Pasal 79 UU 24/2013; PKS 470/12/2026"
        kiosk = update(ClientRow).where(ClientRow.id == "gerbang-kiosk")
        await session.execute(kiosk.values(scopes=scopes, nik_legal_basis=basis))
    for scope, says in (("openid identity.nik", True), ("openid", False)):
        body = (await begin(http, scope=scope)).json()
        page = await (to_code_page(house, browser) if says else browser.open("/oauth2/device"))
        page = await browser.submit(page, user_code=body["user_code"])
        assert (f"Legal basis for receiving your NIK: {basis}" in page.tree.body.text()) is says
    async with house.database.session() as session:
        await session.execute(kiosk.values(nik_legal_basis=None))
    assert error(await begin(http, scope="openid identity.nik")) == (400, "invalid_scope")


async def test_one_address_cannot_begin_without_end(house, http):
    async with house.database.session() as session:
        await session.execute(update(GuessCountRow).values(count=0))
    await begin(http)
    async with house.database.session() as session:
        await session.execute(update(GuessCountRow).values(count=120))
    refused = await begin(http)
    assert error(refused) == (429, "temporarily_unavailable")
    assert int(refused.headers["retry-after"]) > 0


async def test_an_account_that_can_give_nothing_is_told_so(house, http):
    body = (await begin(http, scope="profile.read")).json()
    browser = Browser(http)
    page = await to_code_page(house, browser, account="developer")
    page = await browser.submit(page, user_code=body["user_code"])
    assert "cannot give what this device asks for" in page.tree.body.text()


async def test_f44_the_forms_belong_to_their_browser(house, http):
    body = (await begin(http)).json()
    page = await to_code_page(house, Browser(http))
    action, form = page.form(user_code=body["user_code"])
    async with house.http() as stranger:
        assert (await stranger.post(action, data=form)).status_code == 403
    elsewhere = {"sec-fetch-site": "cross-site"}
    assert (await http.post(action, data=form, headers=elsewhere)).status_code == 403
    decision = {**form, "decision": "allow"}
    assert (await http.post("/oauth2/device/decision", data=decision, headers=elsewhere)).status_code == 403
    assert error(await poll(http, body["device_code"])) == (400, "authorization_pending")


async def test_a_device_may_prove_a_key(house, http):
    device = Device(house.clock)
    body = (await begin(http)).json()
    await decide(house, http, body["user_code"])
    proof = device.proof("POST", f"{ISSUER}/oauth2/token")
    assert (await poll(http, body["device_code"], dpop=proof)).json()["token_type"] == "DPoP"


async def test_b15_neither_code_stands_in_the_database(house, http):
    body = (await begin(http)).json()
    async with house.database.session() as session:
        row = await session.scalar(select(DeviceRequestRow))
        kept = f"{row.code_hash} {row.user_code}"
    assert body["device_code"] not in kept
    assert normalise_user_code(body["user_code"]) not in kept


def test_user_codes_are_read_however_they_are_typed():
    for typed in ("WDJB-MJHT", "wdjbmjht", " wdjb mjht\n", "W.D.J.B_M-J-H-T"):
        assert normalise_user_code(typed) == "WDJB-MJHT"
    assert normalise_user_code("") == normalise_user_code("--- ") == ""
    assert len({new_user_code() for _ in range(200)}) == 200
