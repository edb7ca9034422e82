"""The account's own page: what is open and allowed, and that ending it bites at once and touches nobody else."""

import pytest
from sqlalchemy import select

from gateway.oidc.html.display import browser as browser_named
from gateway.storage.tables.clients import ConsentRow
from gateway.storage.tables.grants import GrantRow
from tests.gateway.oidc.people import COOKIE, account_of, with_app

pytestmark = pytest.mark.anyio

END, WITHDRAW = "/account/sessions/end", "/account/consents/withdraw"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


async def at_account(house, browser, username="resident"):
    page = await browser.open("/account")
    page = await browser.submit(page, username=username, password=house.password(username))
    if page.has_form("code"):
        page = await browser.submit(page, code=house.code_of_app(username))
    assert page.heading == "Your account", page.response.text
    return page


async def test_g50_sessions_and_apps_are_listed_and_ended(house, http, browser, new_browser):
    tokens = await house.tokens(house.mobile())
    async with house.http() as elsewhere:
        other = new_browser(elsewhere, **{"user-agent": FIREFOX})
        await other.sign_in(house.web(), "resident", house.password("resident"))
        page = await at_account(house, browser)
        things = [node.text() for node in page.tree.css("section:nth-of-type(3) li")]
        assert "Firefox · Linux" in page.response.text
        assert "Banjarmasin Resident App" in page.response.text
        assert len(things) == 4, "two browsers, the app's sign-in, and the app"
        action, form = next(page_form for page_form in forms(page, END) if "Firefox" in page_form[2])[:2]
        page = await browser.open((await http.post(action, data=form)).headers["location"])
        assert "Firefox" not in page.response.text
        gone = await other.begin(house.web())
        assert gone.has_form("username", "password")
    authenticate = house.provider.authenticator()
    assert await authenticate(f"Bearer {tokens['access_token']}")
    action, form, _ = next(one for one in forms(page, END) if "Resident App" in one[2])
    await http.post(action, data=form)
    with pytest.raises(Exception, match="no longer valid"):
        await authenticate(f"Bearer {tokens['access_token']}")
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": "gerbang-mobile"}
    assert (await http.post("/oauth2/token", data=refresh)).json()["error"] == "invalid_grant"


def forms(page, action):
    """Address, fields and label of each form of the page that goes there."""
    for node in page.tree.css(f"form[action='{action}']"):
        fields = {field.attributes["name"]: field.attributes["value"] for field in node.css("input")}
        yield action, fields, node.css_first("button").attributes["aria-label"]


async def test_j64_withdrawing_a_consent_ends_its_tokens_at_once_and_is_asked_again(house, http, browser):
    mobile, web = await house.tokens(house.mobile()), await house.tokens(house.web())
    authenticate = house.provider.authenticator()
    for tokens in (mobile, web):
        assert await authenticate(f"Bearer {tokens['access_token']}")
    page = await at_account(house, browser)
    assert "Know that you have signed in" in page.response.text
    action, form, _ = next(one for one in forms(page, WITHDRAW) if "Resident App" in one[2])
    await http.post(action, data=form)
    with pytest.raises(Exception, match="no longer valid"):
        await authenticate(f"Bearer {mobile['access_token']}")
    assert await authenticate(f"Bearer {web['access_token']}"), "the other app goes on"
    refresh = {"grant_type": "refresh_token", "refresh_token": mobile["refresh_token"], "client_id": "gerbang-mobile"}
    assert (await http.post("/oauth2/token", data=refresh)).json()["error"] == "invalid_grant"
    page = await browser.open("/account")
    assert [one[2] for one in forms(page, WITHDRAW)] == ["Withdraw: Banjarmasin Service Portal"]
    asked = await browser.begin(house.mobile())
    assert asked.has_form("decision")
    async with house.database.session() as session:
        withdrawn = (await session.scalars(select(ConsentRow).where(ConsentRow.withdrawn_at.is_not(None)))).all()
    assert {one.client_id for one in withdrawn} == {"gerbang-mobile"}


async def test_nobody_ends_what_is_somebody_elses(house, http, browser, new_browser):
    await house.tokens(house.mobile())
    page = await at_account(house, browser)
    theirs = [one[1]["session"] for one in forms(page, END)]
    async with house.http() as elsewhere:
        other = new_browser(elsewhere)
        page = await at_account(house, other, "resident-damaged")
        action, form = END, {**page.form("/account/sign-out")[1]}
        for session in [*theirs, "", "ses_x", "ses_" + "A" * 80, "é"]:
            assert (await elsewhere.post(action, data={**form, "session": session})).status_code == 303
    async with house.database.session() as session:
        assert [one.revoked_at for one in await session.scalars(select(GrantRow))] == [None]
    assert (await browser.open("/account")).heading == "Your account"


async def test_forms_of_another_browser_change_nothing(house, http, browser, new_browser):
    page = await at_account(house, browser)
    action, form = page.form("/account/sign-out")
    async with house.http() as elsewhere:
        await at_account(house, new_browser(elsewhere), "resident-damaged")
        assert (await elsewhere.post(action, data=form)).status_code == 403
    assert (await http.post(action, data=form, headers={"sec-fetch-site": "cross-site"})).status_code == 403


async def test_f45_signing_out_ends_the_session_at_the_server(house, http, browser):
    page = await at_account(house, browser)
    before = http.cookies[COOKIE]
    page = await browser.submit(page, to="/account/sign-out")
    assert page.heading == "You have signed out"
    assert http.cookies[COOKIE] != before
    async with house.http() as stolen:
        stolen.cookies.set(COOKIE, before)
        assert (await type(browser)(stolen).open("/account")).has_form("username", "password")


async def test_the_account_page_wants_every_step_of_the_sign_in(house, browser, new_browser):
    await with_app(house)
    page = await browser.open("/account")
    page = await browser.submit(page, username="resident", password=house.password("resident"))
    assert page.has_form("code")
    assert (await browser.open("/account")).has_form("code")
    page = await browser.submit(page, code=house.code_of_app("resident"))
    assert "with a second factor" in page.response.text


async def test_a_resident_without_a_nik_gets_a_code_for_the_counter(house, browser, new_browser):
    page = await at_account(house, browser, "resident-no-nik")
    page = await browser.submit(page, to="/account/verification-code")
    code = page.tree.css_first("p.shown").text()
    account = await account_of(house, "resident-no-nik")
    room = house.provider.deps.accounts.nik
    assert (await room.verify_by_officer(code, "6371994502900029", "officer")) == "verified"
    assert await room.is_verified(account.id)
    page = await browser.open("/account")
    assert "Verified" in page.response.text
    async with house.http() as elsewhere:
        staff = await at_account(house, new_browser(elsewhere), "operator")
        assert "/account/verification-code" not in staff.response.text


def test_browsers_are_called_what_people_call_them():
    assert browser_named(FIREFOX) == "Firefox · Linux"
    android = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"
    assert browser_named(android) == "Chrome · Android"
    assert browser_named(f"{android} Edg/140.0") == "Edge · Android"
    assert browser_named("curl/8") == ""
