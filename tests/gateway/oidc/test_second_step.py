"""The second step: who must take it, what raises a session, and that nothing goes round it."""

import asyncio
import json

import pytest
from sqlalchemy import select, update

from gateway.identity.factors.second_factors import HeldFactors
from gateway.oidc.interaction.sign_in_steps import SignInStep, next_step
from gateway.oidc.sessions.login_sessions import SignedInSession, SignIn
from gateway.policy.principal import Role
from gateway.storage.tables.accounts import AccountRow
from gateway.storage.tables.factors import GuessCountRow
from gateway.storage.tables.sessions import LoginSessionRow
from tests.gateway.oidc.people import COOKIE, options_of, with_app, with_passkey

pytestmark = pytest.mark.anyio


async def to_second_step(house, browser, username="resident", **changes):
    page = await browser.begin(house.web(), **changes)
    return await browser.submit(page, username=username, password=house.password(username))


async def claims(house, http, application, landing):
    body = (await application.redeem(http, landing.query["code"])).json()
    return await house.authenticator()(f"Bearer {body['access_token']}")


@pytest.mark.parametrize("username", ["officer-mantuil", "operator"])
async def test_d34_f47_officers_and_operators_need_a_second_factor_at_every_sign_in(house, http, browser, username):
    application = house.web(scope="openid")
    page = await browser.begin(application)
    page = await browser.submit(page, username=username, password=house.password(username))
    assert page.has_form("code")
    half = http.cookies[COOKIE]
    silent = await browser.begin(application, prompt="none")
    assert silent.query["error"] == "interaction_required"
    again = await browser.begin(application)
    assert again.has_form("code"), "the password alone leads nowhere else"
    page = await browser.submit(page, code=house.code_of_app(username))
    landing = await browser.submit(page, decision="allow")
    assert http.cookies[COOKIE] != half
    principal = await claims(house, http, application, landing)
    assert principal.acr == 2


async def test_d34_a_token_of_an_officer_without_a_second_factor_opens_nothing(house, http):
    body = await house.tokens(house.mobile(scope="openid"), "developer")
    async with house.database.session() as session:
        await session.execute(
            update(AccountRow)
            .where(AccountRow.username == "developer")
            .values(roles=["officer"], agency="tata-pemerintahan", region="63.71.01.1001")
        )
    refused = await http.get("/oauth2/userinfo", headers={"authorization": f"Bearer {body['access_token']}"})
    assert refused.status_code == 401
    assert 'error="insufficient_user_authentication"' in refused.headers["www-authenticate"]
    assert 'acr_values="2"' in refused.headers["www-authenticate"]


async def test_f45_step_up_raises_the_session_under_a_new_id_and_moves_neither_end_nor_sign_in(house, http, browser):
    account = await with_app(house)
    page = await to_second_step(house, browser)
    before = http.cookies[COOKIE]
    house.clock.forward(minutes=5)
    page = await browser.submit(page, code=house.code_of_app("resident"))
    after = http.cookies[COOKIE]
    assert page.has_form("decision")
    assert after != before
    async with house.database.session() as session:
        rows = (await session.scalars(select(LoginSessionRow).where(LoginSessionRow.account_id == account.id))).all()
    ended, living = sorted(rows, key=lambda row: row.ended_at is None)
    assert (ended.acr, living.acr) == (1, 2)
    assert (ended.auth_time, ended.expires_at) == (living.auth_time, living.expires_at)
    assert ended.ended_at is not None
    assert living.amr == ["pwd", "otp", "mfa"]
    async with house.http() as stolen:
        stolen.cookies.set(COOKIE, before)
        page = await type(browser)(stolen).begin(house.web())
        assert page.has_form("username", "password")


async def test_acr_values_step_up_to_two_and_the_token_says_so(house, http, browser):
    application = house.web()
    landing = await browser.sign_in(application, "resident", house.password("resident"))
    assert (await claims(house, http, application, landing)).acr == 1
    page = await browser.begin(application, acr_values="2")
    assert page.heading == "Second factor", "somebody without one is led to enrol"
    await with_app(house)
    page = await browser.begin(application, acr_values="2")
    landing = await browser.submit(page, code=house.code_of_app("resident"))
    body = (await application.redeem(http, landing.query["code"])).json()
    assert (await house.authenticator()(f"Bearer {body['access_token']}")).acr == 2
    silent = await browser.begin(application, acr_values="2", prompt="none")
    assert "code" in silent.query


@pytest.mark.parametrize(
    ("asked", "outcome"),
    [("3", 1), ("3 2", "enrol"), ("1 2", 1), ("urn:x", 1), ("urn:x 2", "enrol"), ("0 -1 22", 1)],
)
async def test_levels_are_wishes_and_one_that_nobody_can_reach_is_passed_over(house, http, browser, asked, outcome):
    web = house.web()
    await browser.sign_in(web, "resident", house.password("resident"))
    answer = await browser.begin(web, acr_values=asked)
    if outcome == "enrol":
        assert answer.heading == "Second factor"
    else:
        assert (await claims(house, http, web, answer)).acr == outcome


async def test_a_level_out_of_reach_is_answered_with_the_highest_that_the_account_has(house, http, browser):
    await with_app(house)
    web = house.web()
    landing = await browser.sign_in(web, "resident", house.password("resident"), acr_values="3")
    assert (await claims(house, http, web, landing)).acr == 2
    # The same where no page may be shown: what cannot be reached is no reason to refuse.
    silent = await browser.begin(web, acr_values="3 urn:x", prompt="none")
    assert (await claims(house, http, web, silent)).acr == 2
    metadata = (await http.get("/.well-known/openid-configuration")).json()
    assert metadata["acr_values_supported"] == ["1", "2"]


async def test_a_resident_may_say_not_now_and_the_client_is_told(house, browser):
    page = await to_second_step(house, browser, acr_values="2")
    landing = await browser.submit(page, to="/account/second-factor/later")
    assert landing.query["error"] == "unmet_authentication_requirements"


async def test_f47_codes_are_limited_and_a_wrong_one_tells_nothing_else(house, browser):
    await with_app(house)
    page = await to_second_step(house, browser)
    statuses = []
    for _ in range(7):
        page = await browser.submit(page, code="not-it")
        statuses.append(page.status)
    assert statuses == [400] * 5 + [429] * 2
    assert 0 < int(page.response.headers["retry-after"]) <= 901
    assert (await browser.submit(page, code=house.code_of_app("resident"))).status == 429


async def test_f47_one_code_raises_one_session(house, http, browser, new_browser):
    await with_app(house)
    code = house.code_of_app("resident")
    page = await to_second_step(house, browser)
    async with house.http() as other:
        theirs = await to_second_step(house, new_browser(other))
        answers = await asyncio.gather(browser.submit(page, code=code), new_browser(other).submit(theirs, code=code))
    assert sorted(answer.has_form("decision") for answer in answers) == [False, True]


async def test_a_recovery_code_stands_in_once(house, browser):
    account = await with_app(house)
    [code, *_] = await house.provider.deps.accounts.factors.recovery_codes.renew(account.id)
    page = await to_second_step(house, browser)
    page = await browser.open(page.tree.css_first("p.aside a").attributes["href"])
    consent = await browser.submit(page, code=code)
    assert consent.has_form("decision")
    house.clock.forward(seconds=1)
    page = await to_second_step(house, browser, prompt="login")
    page = await browser.open(page.tree.css_first("p.aside a").attributes["href"])
    assert (await browser.submit(page, code=code)).status == 400


async def test_a_passkey_is_a_second_step(house, http, browser):
    device = await with_passkey(house, verifies=False)
    application = house.web()
    page = await browser.begin(application)
    page = await browser.submit(page, username="resident", password=house.password("resident"))
    assert not page.has_form("code")
    assert len(json.loads(options_of(page))["allowCredentials"]) == 1
    consent = await browser.submit(page, credential=device.get(options_of(page)))
    landing = await browser.submit(consent, decision="allow")
    assert (await claims(house, http, application, landing)).acr == 2


async def test_somebody_elses_passkey_is_no_second_step(house, browser):
    await with_passkey(house)
    theirs = await with_passkey(house, "resident-damaged")
    page = await to_second_step(house, browser)
    page = await browser.submit(page, credential=theirs.get(options_of(page)))
    assert page.status == 400


async def test_a_passkey_that_knows_its_owner_signs_in_alone(house, http, browser):
    device = await with_passkey(house)
    application = house.web()
    page = await browser.begin(application, acr_values="2")
    assert json.loads(options_of(page))["allowCredentials"] == [], "which accounts exist is not told"
    consent = await browser.submit(page, to="/oauth2/passkey", credential=device.get(options_of(page)))
    landing = await browser.submit(consent, decision="allow")
    assert (await claims(house, http, application, landing)).acr == 2
    async with house.database.session() as session:
        [row] = (await session.scalars(select(LoginSessionRow))).all()
        counted = (await session.scalars(select(GuessCountRow.count))).all()
    assert row.amr == ["pop", "user", "mfa"]
    assert not any(counted), "who signs in takes nothing away from those who share their address"


async def test_f47_passkeys_that_do_not_fit_are_limited(house, browser):
    page = await browser.begin(house.web())
    statuses = []
    for _ in range(12):
        page = await browser.submit(page, to="/oauth2/passkey", credential="{}")
        statuses.append(page.status)
    assert statuses == [400] * 10 + [429] * 2
    assert 0 < int(page.response.headers["retry-after"]) <= 901


async def test_a_passkey_that_does_not_know_its_owner_needs_the_password_too(house, browser):
    device = await with_passkey(house, verifies=False)
    page = await browser.begin(house.web())
    page = await browser.submit(page, to="/oauth2/passkey", credential=device.get(options_of(page)))
    assert page.status == 400
    assert page.has_form("username", "password")


def signed_in(acr, *roles, expires=False):
    return SignedInSession(SignIn("x", frozenset(roles or {Role.RESIDENT}), acr, None), "X", "h", expires)


APP = HeldFactors(totp=True)


@pytest.mark.parametrize(
    ("who", "held", "level", "step"),
    [
        (signed_in(1), HeldFactors(), 1, SignInStep.NONE),
        (signed_in(1), HeldFactors(recovery_codes=3), 1, SignInStep.NONE),
        (signed_in(1), HeldFactors(), 2, SignInStep.ENROL),
        (signed_in(1), APP, 1, SignInStep.SECOND),
        (signed_in(2), APP, 2, SignInStep.NONE),
        (signed_in(1, expires=True), APP, 1, SignInStep.SECOND),
        (signed_in(2, expires=True), APP, 1, SignInStep.PASSWORD),
        (signed_in(1, Role.OFFICER, expires=True), HeldFactors(), 1, SignInStep.PASSWORD),
        (signed_in(1, Role.OFFICER), HeldFactors(), 1, SignInStep.ENROL),
        (signed_in(1, Role.RESIDENT, Role.OPERATOR), HeldFactors(), 1, SignInStep.ENROL),
        (signed_in(1, Role.DEVELOPER), HeldFactors(), 1, SignInStep.NONE),
    ],
)
def test_what_comes_next(who, held, level, step):
    assert next_step(who, held, level) is step
